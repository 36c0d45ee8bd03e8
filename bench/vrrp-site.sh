#!/bin/sh
# Pairs of keepalived nodes in namespaces: each pair has a network of its own with nodes a and b, and a client.
#   vrrp-site.sh site DIRECTORY PAIRS      PID 1 of all of it, in mount, net and pid namespaces of its own
#   vrrp-site.sh node DIRECTORY NAME       PID 1 of one node, in mount and pid namespaces of its own
set -eu
what=$1 dir=$2
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C

site() {
  mount --make-rprivate /
  mount -t tmpfs -o mode=755 tmpfs /run
  mkdir /run/netns
  ip link set lo up
  pair=0
  while [ "$pair" -lt "$1" ]; do
    pair=$((pair + 1))
    ip link add "br$pair" type bridge mcast_snooping 0 forward_delay 0
    ip link set "br$pair" up
    for host in a:3 b:4 c:200; do
      name=${host%%:*}$pair
      ip netns add "$name"
      ip link add "q$name" type veth peer name eth0 netns "$name"
      ip link set "q$name" master "br$pair" up
      ip -n "$name" link set lo up
      ip -n "$name" addr add "192.168.1.${host##*:}/24" dev eth0
      ip -n "$name" link set eth0 up
    done
    # The client learns from the packet by which a new MASTER announces itself, and says when.
    ip netns exec "c$pair" sysctl -qw net.ipv4.conf.eth0.arp_accept=1 net.ipv4.neigh.eth0.locktime=0
    ip netns exec "c$pair" ip -ts monitor neigh >"$dir/c$pair.neighbours" 2>&1 &
    ip netns exec "c$pair" socat TCP-LISTEN:8443,fork,reuseaddr "UNIX-CONNECT:$dir/out.sock" >"$dir/c$pair.out" 2>&1 &
    for name in "a$pair" "b$pair"; do
      ip netns exec "$name" unshare --mount --pid --fork --kill-child=KILL sh "$0" node "$dir" "$name" \
        </dev/null >"$dir/$name.out" 2>&1 &
    done
  done
}

node() {
  name=$1
  # Its number as the site counts, for as long as that is the /proc one sees here.
  read -r pid _ </proc/self/stat
  mount --make-rprivate /
  mount -t proc proc /proc
  # keepalived writes to /tmp and /run, and each node has its own.
  mount --bind "$dir" /mnt
  mount -t tmpfs -o mode=755 tmpfs /run
  mount -t tmpfs tmpfs /tmp
  mkdir /run/etc
  told=
  [ ! -f /mnt/lb-notify ] || tells
  priority=100
  case $name in b*) priority=90 ;; esac
  cat >/run/keepalived.conf <<CONFIG
global_defs {
   router_id $name
   script_user root
   enable_script_security
$told
   notify_fifo /mnt/$name.fifo
}
vrrp_instance VI_1 {
   interface eth0
   state BACKUP
   nopreempt
   virtual_router_id 51
   priority $priority
   advert_int 1
   virtual_ipaddress {
      192.168.1.1/24 dev eth0
   }
}
CONFIG
  start
  echo "$pid" >"/mnt/$name.pid"
}

# Puts the printed script there, as docs/keepalived-push.md says.
tells() {
  cp /mnt/lb-notify /run/lb-notify.sh
  printf '#!/bin/sh\nLB_NOTIFY_ETC=/run/etc exec /run/lb-notify.sh "$@"\n' >/run/notify
  chmod 755 /run/lb-notify.sh /run/notify
  cp "/mnt/$name.url" /run/etc/url
  cp /mnt/ca.pem /run/etc/ca.pem
  install -m 600 "/mnt/$name.header" /run/etc/header
  told='   vrrp_notify_fifo /run/lb-notify.fifo
   vrrp_notify_fifo_script /run/notify'
}

start() {
  setsid keepalived --use-file /run/keepalived.conf --log-console --log-detail --dont-fork </dev/null >>"/mnt/$name.keepalived" 2>&1 &
}

case $what in
  site) site "$3" && : >"$dir/ready" ;;
  node) node "$3" ;;
esac
# Reaps what comes to it, for as long as the one who started it lives.
while :; do sleep 3600 & wait "$!" || :; done
