#!/bin/sh
# On a director, as root, at its start and between tests: the table and keepalived as the lab's files say.
# What is so already stays: as long as keepalived runs as it was started, so do the roles.
#   director-reset.sh NAME VIP
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
name=$1 vip=$2
own=/run/lab/own
log=/run/lab/log
started=/run/lab/started # what runs, and from what configuration, since keepalived was started here

# Each program that is started here costs a test some 30 ms: what is as it should be is let be.
if ! diff -rq "/run/lab/host/$name" "$own" >/dev/null 2>&1; then
  rm -rf "$own"
  cp -R "/run/lab/host/$name" "$own"
  chown -R 0:0 "$own"
fi

owns_table() { [ ! -f "$own/ipvs.rules" ]; }
is_untouched() {
  owns_table && return 1
  [ -f "$started.pids" ] && read -r pids <"$started.pids" && [ "$pids" = "$(pidof keepalived)" ] || return 1
  diff -rq "$started" /etc/keepalived >/dev/null && cmp -s "$own/keepalived.conf" "$started/keepalived.conf" || return 1
  ! grep -qi reload "$log.keepalived"
}

if is_untouched; then
  echo untouched
  ip -4 -o addr show eth0
else
  rm -f "$started.pids"
  pkill -STOP -x keepalived && pkill -9 -x keepalived && while pidof keepalived >/dev/null; do sleep 0.02; done
  ip addr del "$vip/24" dev eth0 2>/dev/null
  rm -rf /etc/keepalived/* /run/keepalived* "$started"
fi
[ -r /proc/net/ip_vs ] && ipvsadm -C
connection=
[ -r /proc/net/ip_vs_conn ] && { read -r heading; read -r connection; } </proc/net/ip_vs_conn
if [ -n "$connection" ]; then
  # Only with the module go the connections, and what stuck to a member.
  rmmod $(lsmod | sed -n 's/^\(ip_vs_[a-z]*\) .*/\1/p') ip_vs
fi
[ -d /sys/module/ip_vs_mh ] || modprobe -a ip_vs ip_vs_rr ip_vs_wrr ip_vs_wlc ip_vs_lc ip_vs_sh ip_vs_mh
if [ -f "$log.sysctl" ]; then sysctl -qp "$log.sysctl"; else sysctl net.ipv4.vs >"$log.sysctl" 2>/dev/null; fi
owns_table || ipvsadm -R <"$own/ipvs.rules"
if [ ! -f "$started.pids" ]; then
  mkdir -p /etc/keepalived
  cp "$own/keepalived.conf" /etc/keepalived/
  cp -R /etc/keepalived "$started"
  : >"$log.keepalived"
  setsid keepalived --log-console --log-detail --dont-fork </dev/null >>"$log.keepalived" 2>&1 &
fi
