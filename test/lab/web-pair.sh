#!/bin/sh
# In the lab's namespaces: two HAProxy nodes with keepalived, four web servers behind them, and a client. The nodes
# have eth0 for the service (br1) and eth1 for those who look after them (br2).
#   web-pair.sh up|down DIRECTORY NODE PACE
#   web-pair.sh on|off DIRECTORY NODE PACE ha-1|ha-2
set -eu
what=$1 dir=$2 node=$3 pace=$4
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
hosts='ha-1:3 ha-2:4 web:11 webclient:200 webdesk:200'

boot() {
  ip netns exec "$1" unshare --mount --pid --fork --kill-child=KILL sh "$dir/web-node.sh" "$dir" "$1" "$pace" \
    </dev/null >>"$dir/web/$1.out" 2>&1 &
}

case $what in
  on)
    for nic in eth0 eth1; do ip -n "$5" link set "$nic" up; done
    boot "$5"
    exit
    ;;
  off)
    # A machine without power: no process, no link, and what it had beside its own addresses is forgotten.
    pid=$(cat "$dir/web/$5.pid")
    rm "$dir/web/$5.pid"
    kill -9 "$pid"
    for nic in eth0 eth1; do ip -n "$5" link set "$nic" down; done
    ip -n "$5" addr del 192.168.1.1/24 dev eth0 2>/dev/null || :
    exit
    ;;
  down)
    for pid in $(cat "$dir"/web/*.pid 2>/dev/null); do kill -9 "$pid" 2>/dev/null || :; done
    for host in $hosts; do ip netns del "${host%%:*}" 2>/dev/null || :; done
    for bridge in br1 br2; do ip link del "$bridge" 2>/dev/null || :; done
    rm -rf "$dir/web"
    exit
    ;;
esac

mkdir -p "$dir/web"
for bridge in br1 br2; do
  ip link add "$bridge" type bridge mcast_snooping 0 forward_delay 0
  ip link set "$bridge" up
done
cable() { # NAMESPACE NIC BRIDGE ADDRESS
  ip link add "$3$1" type veth peer name "$2" netns "$1"
  ip link set "$3$1" master "$3" up
  ip -n "$1" addr add "$4/24" dev "$2"
  ip -n "$1" link set "$2" up
}
for host in $hosts; do
  name=${host%%:*} last=${host##*:}
  ip netns add "$name"
  ip -n "$name" link set lo up
  [ "$name" = webdesk ] || cable "$name" eth0 br1 "192.168.1.$last"
  case $name in ha-* | webdesk) cable "$name" eth1 br2 "192.168.2.$last" ;; esac
done
for last in 12 13 14; do ip -n web addr add "192.168.1.$last/24" dev eth0; done
ip netns exec web "$node" "$dir/web-server.mjs" "$dir/web" </dev/null >"$dir/web/servers.out" 2>&1 &
echo $! >"$dir/web/servers.pid"
ip netns exec webdesk "$node" "$dir/relay.mjs" "$dir/web" 192.168.2 192.168.2.3 'ssh-ha-1:3 ssh-ha-2:4' \
  </dev/null >"$dir/web/relay.out" 2>&1 &
echo $! >"$dir/web/relay.pid"
for name in ha-1 ha-2; do boot "$name"; done
