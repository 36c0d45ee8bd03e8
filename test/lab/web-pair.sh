#!/bin/sh
# In the lab's namespaces: two HAProxy nodes with keepalived, four web servers behind them, and a client.
#   web-pair.sh up|down DIRECTORY NODE
set -eu
what=$1 dir=$2 node=$3
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
hosts='ha-1:3 ha-2:4 web:11 webclient:200'

if [ "$what" = down ]; then
  for pid in $(cat "$dir"/web/*.pid 2>/dev/null); do kill -9 "$pid" 2>/dev/null || :; done
  for host in $hosts; do ip netns del "${host%%:*}" 2>/dev/null || :; done
  ip link del br1 2>/dev/null || :
  rm -rf "$dir/web"
  exit
fi

mkdir "$dir/web"
ip link add br1 type bridge mcast_snooping 0 forward_delay 0
ip link set br1 up
for host in $hosts; do
  name=${host%%:*} last=${host##*:}
  ip netns add "$name"
  ip link add "q$name" type veth peer name eth0 netns "$name"
  ip link set "q$name" master br1 up
  ip -n "$name" link set lo up
  ip -n "$name" addr add "192.168.1.$last/24" dev eth0
  ip -n "$name" link set eth0 up
done
for last in 12 13 14; do ip -n web addr add "192.168.1.$last/24" dev eth0; done
ip netns exec web "$node" "$dir/web-server.mjs" "$dir/web" </dev/null >"$dir/web/servers.out" 2>&1 &
echo $! >"$dir/web/servers.pid"
for name in ha-1 ha-2; do
  ip netns exec "$name" unshare --mount --pid --fork --kill-child=KILL sh "$dir/web-node.sh" "$dir" "$name" \
    </dev/null >"$dir/web/$name.out" 2>&1 &
done
