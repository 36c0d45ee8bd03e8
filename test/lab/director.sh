#!/bin/sh
# PID 1 of a director. First on the host's root, which it sees read-only, then (stage2) on an overlay of its own.
# Of the kernel's command line: role=lvs-1 addr=192.168.100.3 lab=/tmp/… client=192.168.100.200
#   vip=192.168.100.11
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
[ -r /proc/cmdline ] || mount -t proc proc /proc
for word in $(cat /proc/cmdline); do
  case $word in role=* | addr=* | lab=* | client=* | vip=*) eval "$word" ;; esac
done

if [ "${1:-}" != stage2 ]; then
  # Its own `mount`: without root on the host, the host's one is a set-uid program of somebody who is not root here.
  PATH=$lab/bin:$PATH
  modules=/usr/lib/uml/modules/$(uname -r)
  mount -t tmpfs tmpfs /mnt
  insmod "$modules/kernel/fs/overlayfs/overlay.ko"
  mkdir /mnt/upper /mnt/work /mnt/root
  mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work /mnt/root
  cd /mnt/root || exit 1
  mount -t proc proc proc
  mount -t sysfs sys sys
  mount -t devtmpfs dev dev
  mkdir -p dev/pts dev/shm
  mount -t devpts devpts dev/pts
  mount -t tmpfs -o mode=755 tmpfs run
  mkdir -p run/lab run/sshd run/keepalived
  mkdir run/lab/host
  mount -t hostfs -o ro,"$lab" lab run/lab/host
  mount -t tmpfs tmpfs tmp
  # Nothing of the host's accounts, keys and rights; some of these the host's user may not even read.
  mkdir -p usr/lib/modules etc/keepalived etc/sudoers.d
  for folder in root home etc/keepalived etc/sudoers.d; do mount -t tmpfs -o mode=755 tmpfs $folder; done
  rm -f etc/shadow etc/gshadow etc/sudoers etc/ssh/ssh_host_* etc/hosts etc/hostname etc/resolv.conf
  ln -sfn "$modules" "usr/lib/modules/$(uname -r)"
  PATH=/usr/sbin:/usr/bin:/sbin:/bin
  exec chroot /mnt/root /bin/sh /run/lab/host/director.sh stage2
fi

own=/run/lab/host/$role
log=/run/lab/log
hostname "$role"
echo "127.0.0.1 localhost $role" >/etc/hosts
echo "$role" >/etc/hostname
# No names in the lab: fail at once, not after 10 s.
echo 'nameserver 127.0.0.1' >/etc/resolv.conf
ip link set lo up
ip link set vec0 name eth0
modprobe -a ipv6 sctp 2>>"$log"
echo 0 >/proc/sys/net/ipv6/conf/eth0/accept_dad
ip link set eth0 up
ip addr add "$addr/24" dev eth0
ip -6 addr add "fd00:100::${addr##*.}/64" dev eth0 nodad
echo 1 >/proc/sys/net/ipv4/ip_forward
ip route replace 10.96.0.0/13 via "$client"

account() { # NAME ID
  grep -q "^$1:" /etc/passwd || {
    echo "$1:x:$2:$2::/home/$1:/bin/sh" >>/etc/passwd
    echo "$1:x:$2:" >>/etc/group
  }
  mkdir -p "/home/$1/.ssh"
  cp "$own/authorized_keys" "/home/$1/.ssh/"
  chown -R "$2:$2" "/home/$1"
  chmod 700 "/home/$1" "/home/$1/.ssh"
}
: >/etc/shadow
chmod 600 /etc/shadow
account ops 4242
account helper 4243
account reader 4244
account stranger 4245
# Commands of root's over ssh: a shell that starts fast.
sed -i 's|^\(root:.*:\)[^:]*$|\1/bin/sh|' /etc/passwd
for name in root sshd ops helper reader stranger; do echo "$name:*:19000:0:99999:7:::" >>/etc/shadow; done
mkdir -p /root/.ssh
cp "$own/authorized_keys" /root/.ssh/
chown -R 0:0 /root
chmod 700 /root /root/.ssh
{
  echo 'Defaults env_reset, !requiretty'
  echo 'Defaults secure_path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"'
  echo 'root ALL=(ALL:ALL) ALL'
  echo 'ops ALL=(root) NOPASSWD: /usr/sbin/ipvsadm'
  echo 'helper ALL=(root) NOPASSWD: /usr/local/sbin/lb-lvs ""'
  echo 'reader ALL=(root) NOPASSWD: /usr/sbin/ipvsadm -Sn, /usr/sbin/ipvsadm -Ln, /usr/sbin/ipvsadm -Ln *'
} >/etc/sudoers
chown 0:0 /etc/sudoers
chmod 440 /etc/sudoers
if [ "$(stat -c %u /usr/bin/sudo)" != 0 ]; then
  # The host's root is nobody here.
  chown 0:0 / /etc /usr /usr/bin /usr/lib /usr/local /etc/sudo.conf
  chown -R 0:0 /usr/libexec/sudo /usr/lib/sudo /usr/bin/sudo 2>>"$log"
  chmod 4755 /usr/bin/sudo
fi
if [ -f "$own/lb-lvs" ]; then
  mkdir -p /usr/local/sbin
  cp "$own/lb-lvs" /usr/local/sbin/lb-lvs
  chown 0:0 /usr/local/sbin/lb-lvs
  chmod 755 /usr/local/sbin/lb-lvs
fi
cp "$own/ssh_host_ed25519_key" /etc/ssh/
chown 0:0 /etc/ssh/ssh_host_ed25519_key
chmod 600 /etc/ssh/ssh_host_ed25519_key
/usr/sbin/sshd -f /dev/null -E "$log.sshd" -o HostKey=/etc/ssh/ssh_host_ed25519_key \
  -o PermitRootLogin=prohibit-password -o UsePAM=no -o UseDNS=no -o Subsystem='sftp internal-sftp'
sh /run/lab/host/director-reset.sh "$role" "$vip" 2>>"$log"
while :; do sleep 3600 & wait "$!"; done
