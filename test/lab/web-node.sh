#!/bin/sh
# PID 1 of an HAProxy node, in mount, pid and network namespaces of its own: web-node.sh DIRECTORY NAME PACE
# PACE is `article` for the article's own times, or `quick` for five times shorter ones (VRRP version 3).
dir=$1 name=$2 pace=$3
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
# Its number as the lab counts, for as long as that is the /proc one sees here.
read -r pid _ </proc/self/stat
mount --make-rprivate /
mount -t proc proc /proc
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/lab /run/sshd
# keepalived says how it is in a file of /tmp, so each node has a /tmp of its own, with the lab in its old place.
mount --bind "$dir" /run/lab
mount -t tmpfs -o mode=1777 tmpfs /tmp
mkdir -p "$dir"
mount --bind /run/lab "$dir"
mount -t tmpfs -o mode=700 tmpfs /root
# The nodes share one kernel; a machine that is started anew says so.
cat /proc/sys/kernel/random/uuid >/run/boot_id
mount --bind /run/boot_id /proc/sys/kernel/random/boot_id
priority=100
[ "$name" = ha-2 ] && priority=99
if [ "$pace" = quick ]; then
  advert='version 3
   advert_int 0.2' interval=1
else
  advert='advert_int 1
   authentication {
      auth_type PASS
      auth_pass webfarm1
   }' interval=2
fi
cat >/run/haproxy.cfg <<CONFIG
global
    log stdout format raw local0
    node $name
    stats socket $dir/web/$name.sock mode 600 level admin
    stats timeout 10s
    server-state-file $dir/web/$name.state
defaults
    log global
    load-server-state-from-file global
    mode http
    timeout connect 2s
    timeout client 30s
    timeout server 30s
listen webfarm
    bind *:80
    balance roundrobin
    cookie JSESSIONID prefix
    option httpchk HEAD /index.html HTTP/1.0
    default-server inter 500 fall 2 rise 2
    server webA 192.168.1.11:80 cookie A check weight 12
    server webB 192.168.1.12:80 cookie B check weight 12
    server webC 192.168.1.13:80 cookie C check weight 26
    server webD 192.168.1.14:80 cookie D check weight 26
CONFIG
# The file is not the article's: by it the node gives way, or flaps, when a test says so.
cat >/run/keepalived.conf <<CONFIG
global_defs {
   router_id $name
   script_user root
}
vrrp_script chk_haproxy {
   script "killall -0 haproxy"
   interval $interval
   weight 2
}
vrrp_track_file lb_yield {
   file /run/lb-yield.VI_1
   weight -10
   init_file 0
}
vrrp_instance VI_1 {
   interface eth0
   state $([ "$name" = ha-1 ] && echo MASTER || echo BACKUP)
   virtual_router_id 51
   priority $priority
   $advert
   virtual_ipaddress {
      192.168.1.1/24 dev eth0 label eth0:ha
   }
   track_script {
      chk_haproxy
   }
   track_file {
      lb_yield
   }
}
CONFIG
cat >/run/start-haproxy <<START
setsid haproxy -W -f /run/haproxy.cfg </dev/null >>"$dir/web/$name.haproxy" 2>&1 &
START
cat >/run/start-keepalived <<START
setsid keepalived --use-file /run/keepalived.conf --log-console --log-detail --dont-fork </dev/null >>"$dir/web/$name.keepalived" 2>&1 &
START
sh "$dir/web-sshd.sh" "$dir" "$name"
sh /run/start-haproxy
sh /run/start-keepalived
echo "$pid" >"$dir/web/$name.pid"
while :; do sleep 3600 & wait "$!" || :; done
