#!/bin/sh
# PID 1 of the lab: in mount, pid and network namespaces of its own it makes one bridge, and a namespace with a
# cable to that bridge for every host. When it ends, the kernel ends every process and every namespace of the lab.
#   site.sh DIRECTORY NET VIP VIP6 "REAL SERVERS" CLIENT "DIRECTORS" NODE
set -eu
dir=$1 net=$2 vip=$3 vip6=$4 real=$5 client=$6 directors=$7 node=$8
export PATH=/usr/sbin:/usr/bin:/sbin:/bin

mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs /run
mkdir /run/netns

ip link set lo up
ip link add br0 type bridge mcast_snooping 0 forward_delay 0
ip link set br0 up

# Without IPv6 duplicate address detection: an address is good at once.
cable() { # NAME, of a host in a namespace of its own; LAST OCTET
  ip netns add "$1"
  ip link add "p$1" type veth peer name eth0 netns "$1"
  ip link set "p$1" master br0 up
  ip -n "$1" link set lo up
  ip netns exec "$1" sysctl -qw net.ipv6.conf.eth0.accept_dad=0
  ip -n "$1" addr add "$net.$2/24" dev eth0
  ip -n "$1" link set eth0 up
  ip -n "$1" -6 addr add "fd00:100::$2/64" dev eth0 nodad
}

for last in $real; do
  cable "rs$last" "$last"
  # Direct routing: the host has the VIP and keeps silent about it.
  ip netns exec "rs$last" sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2 \
    net.ipv4.conf.lo.arp_ignore=1 net.ipv4.conf.lo.arp_announce=2
  ip -n "rs$last" addr add "$vip/32" dev lo label lo:0
  ip -n "rs$last" -6 addr add "$vip6/128" dev lo nodad
  ip -n "rs$last" route add 10.96.0.0/13 via "$net.$client"
  ip netns exec "rs$last" "$node" "$dir/real-server.mjs" "$net.$last" "$dir" "$vip" </dev/null >"$dir/rs$last.out" 2>&1 &
done
cable client "$client"
# Many clients: 10.97.0.0 to 10.99.255.255 are all this host.
ip -n client route add local 10.96.0.0/13 dev lo

for each in $directors; do
  director=${each%%:*}
  # The director's own end of the cable stays here: its machine opens it as a raw socket.
  ip link add "p$director" type veth peer name "m$director"
  ip link set "p$director" master br0 up
  ip link set "m$director" promisc on up
done

ip netns exec client "$node" "$dir/relay.mjs" "$dir" "$net" "$vip" "$directors" </dev/null >"$dir/relay.out" 2>&1 &
: >"$dir/site-ready"
# Reaps what comes to it, for as long as the one who started it lives.
while :; do sleep 3600 & wait "$!" || :; done
