#!/bin/bash
# Forwards what private subnets send to the fixed interface @interface@, which their route tables point at.
#
# EC2 checks the source of what leaves this instance's first interface and drops what is not its own address; of the fixed
# one it checks nothing. What private subnets send leaves by the first one under its address, and what comes back to them,
# which has the stranger's address as its source, must leave by the fixed one.
set -euo pipefail
# An instance that cannot do its work is replaced; the pause keeps a lasting fault from being a storm of instances.
trap 'echo "line $LINENO failed"; sleep 120; shutdown -h now' ERR
metadata=http://169.254.169.254/latest
token=$(curl -sf -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 900' "$metadata/api/token")
ask() { curl -sf -H "X-aws-ec2-metadata-token: $token" "$metadata/meta-data/$1"; }
instance=$(ask instance-id)

# The package manager needs more than the smallest instances have.
if [ ! -e /swapfile ]; then
  fallocate -l 512M /swapfile
  chmod 600 /swapfile
  mkswap /swapfile
  swapon /swapfile
fi
dnf install -y --setopt=install_weak_deps=False nftables

# The instance before this one lets go of the interface some seconds after this one has started.
attached=
for _ in $(seq 60); do
  if aws ec2 attach-network-interface --region @region@ --network-interface-id @interface@ \
    --instance-id "$instance" --device-index 1; then
    attached=yes
    break
  fi
  sleep 5
done
[ -n "$attached" ]

outside=$(ip -4 -o route get 1.1.1.1 | sed -n 's/.* dev \([^ ]*\).*/\1/p')
gateway=$(ip -4 -o route show default dev "$outside" | sed -n 's/.* via \([^ ]*\).*/\1/p' | head -1)
inside=
for _ in $(seq 60); do
  for mac in $(ask network/interfaces/macs/); do
    mac=${mac%/}
    if [ "$(ask "network/interfaces/macs/$mac/interface-id" || true)" = @interface@ ]; then
      inside=$(ip -o link | sed -n "s/^[0-9]*: \([^:@ ]*\).* $mac .*/\1/p" | head -1)
    fi
  done
  if [ -n "$inside" ] && ip -4 -o addr show dev "$inside" up | grep -q inet; then
    break
  fi
  inside=
  sleep 2
done
[ -n "$inside" ]

# The network manager would take away routes and rules that are not its own.
install -d /etc/systemd/networkd.conf.d
printf '[Network]\nManageForeignRoutes=no\nManageForeignRoutingPolicyRules=no\n' > /etc/systemd/networkd.conf.d/90-nat.conf
systemctl restart systemd-networkd

printf 'net.ipv4.ip_forward=1\nnet.ipv4.conf.all.rp_filter=0\nnet.ipv4.conf.default.rp_filter=0\n' > /etc/sysctl.d/90-nat.conf
printf 'net.ipv4.conf.%s.rp_filter=0\n' "$outside" "$inside" >> /etc/sysctl.d/90-nat.conf
sysctl --system

# Only what is forwarded: the instance's own traffic keeps the way that it has.
ip route replace default via "$gateway" dev "$inside" table 90
ip rule show | grep -q 'lookup 90' || ip rule add to @cidr@ iif "$outside" lookup 90 priority 90

install -d /etc/sysconfig
cat > /etc/sysconfig/nftables.conf <<RULES
flush ruleset
table ip nat {
  chain postrouting {
    type nat hook postrouting priority 100; policy accept;
    oifname "$outside" ip saddr @cidr@ ip daddr != @cidr@ masquerade
  }
}
RULES
systemctl enable --now nftables
