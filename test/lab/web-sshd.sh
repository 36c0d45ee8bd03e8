#!/bin/sh
# On an HAProxy node, at its start: sshd on port 22 for root, who is let in by the lab's key.
#   web-sshd.sh DIRECTORY NAME
dir=$1 name=$2
cp "$dir/$name.host-key" /run/sshd.key
chmod 600 /run/sshd.key
# A folder in memory that only this node sees: web-node.sh mounted it.
mkdir -m 700 /root/.ssh
cp "$dir/key.pub" /root/.ssh/authorized_keys
chmod 600 /root/.ssh/authorized_keys
# Not the machine's own: there root may be locked.
echo 'root:*:19000:0:99999:7:::' >/run/shadow
mount --bind /run/shadow /etc/shadow
/usr/sbin/sshd -f /dev/null -E "$dir/web/$name.sshd" -o HostKey=/run/sshd.key -o PidFile=none \
  -o PermitRootLogin=prohibit-password -o UsePAM=no -o UseDNS=no \
  -o 'Subsystem=sftp internal-sftp'
