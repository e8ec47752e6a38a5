#!/bin/bash
# A VPC of network namespaces, in which a NAT instance starts: packets.sh SCRIPT [replaced|broken]
#
#   task 10.0.16.5 -- vpc router -- nat (eth0 10.0.0.10, eth1 10.0.0.20)
#                         |
#                      internet 203.0.113.80:80
#
# The router plays EC2: private subnets send to 10.0.0.20; what leaves eth0 with another source than its own, or comes to
# it for another, is dropped; eth1 is not checked. Prints what the task gets from the internet.
set -euo pipefail
script=$1
replaced=${2:-}
patience=20
# What is lost on its way is lost at once.
if [ "$replaced" = broken ]; then replaced='' patience=1; fi
here=$(mktemp -d)
mount -t tmpfs tmpfs /run
mkdir -p /run/netns
for name in task vpc internet; do ip netns add "$name"; ip -n "$name" link set lo up; done

ip link add task0 netns task type veth peer name priv netns vpc
ip link add net0 netns internet type veth peer name igw netns vpc
ip -n task addr add 10.0.16.5/20 dev task0; ip -n task link set task0 up
ip -n task route add default via 10.0.16.1
ip -n internet addr add 203.0.113.80/24 dev net0; ip -n internet link set net0 up
ip -n internet route add 10.0.0.0/24 via 203.0.113.1
ip -n vpc link add pub type bridge
ip -n vpc addr add 10.0.0.1/24 dev pub; ip -n vpc link set pub up
ip -n vpc addr add 10.0.16.1/20 dev priv; ip -n vpc link set priv up
ip -n vpc addr add 203.0.113.1/24 dev igw; ip -n vpc link set igw up
ip netns exec vpc sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'
# Route table of the private subnets.
ip -n vpc route add default via 10.0.0.20 dev pub table 50
ip -n vpc rule add iif priv to 10.0.0.0/16 lookup main priority 10
ip -n vpc rule add iif priv lookup 50 priority 20

(cd "$here" && mkdir www && echo "from the internet" > www/index.html)
ip netns exec internet python3 -m http.server -d "$here/www" -b 203.0.113.80 80 >/dev/null 2>&1 &
server=$!
trap 'kill $server 2>/dev/null || true' EXIT
ready=
for _ in $(seq 300); do
  if ip netns exec internet curl -sf -o /dev/null http://203.0.113.80/; then ready=yes; break; fi
  /bin/sleep 0.1
done
[ -n "$ready" ] || { echo "the internet does not answer" >&2; exit 1; }

start_instance() { # name, its own address, how often attaching fails before it works
  ip netns add "$1"
  ip -n "$1" link set lo up
  ip link add eth0 netns "$1" type veth peer name "$1-e0" netns vpc
  ip link add eth1 netns "$1" type veth peer name "$1-e1" netns vpc
  for end in e0 e1; do ip -n vpc link set "$1-$end" master pub; ip -n vpc link set "$1-$end" up; done
  ip -n "$1" addr add "$2/24" dev eth0; ip -n "$1" link set eth0 up
  ip -n "$1" route add default via 10.0.0.1
  # EC2 answers ARP for each interface by itself; a bridge would hear both.
  ip netns exec "$1" sh -c 'echo 1 > /proc/sys/net/ipv4/conf/all/arp_ignore; echo 2 > /proc/sys/net/ipv4/conf/all/arp_announce'
  ip netns exec vpc nft -f - <<RULES
table netdev check_$1 {
  chain out { type filter hook ingress device "$1-e0" priority 0; policy accept; ip saddr != $2 drop; }
  chain in { type filter hook egress device "$1-e0" priority 0; policy accept; ip daddr != $2 drop; }
}
RULES
  mac=$(ip -n "$1" -o link show eth1 | sed -n 's/.*link\/ether \([^ ]*\).*/\1/p')
  stubs "$1" "$mac" "$3"
  ip netns exec "$1" bash -c "
    mkdir -p $here/etc && cp -a /etc/. $here/etc 2>/dev/null; mount --bind $here/etc /etc
    PATH=$here/$1:\$PATH bash $script" >"$here/$1.log" 2>&1 || { cat "$here/$1.log" >&2; return 1; }
}

stubs() { # instance, mac of the fixed interface, failures
  mkdir -p "$here/$1"
  cat > "$here/$1/curl" <<STUB
#!/bin/bash
case "\${@: -1}" in
  */api/token) echo token ;;
  */instance-id) echo i-$1 ;;
  */macs/) printf '02:00:00:00:00:01/\n$2/\n' ;;
  */macs/$2/interface-id) echo eni-fixed ;;
  */interface-id) echo eni-own ;;
  *) exit 22 ;;
esac
STUB
  cat > "$here/$1/aws" <<STUB
#!/bin/bash
[ "\$*" = "ec2 attach-network-interface --region us-east-1 --network-interface-id eni-fixed --instance-id i-$1 --device-index 1" ] || exit 2
echo x >> $here/$1/tries
[ \$(wc -l < $here/$1/tries) -gt $3 ] || exit 255
# The system configures a new interface some time after it was attached.
(/bin/sleep 0.5; ip addr add 10.0.0.20/24 dev eth1; /bin/sleep 0.3; ip link set eth1 up) >/dev/null 2>&1 &
STUB
  printf '#!/bin/bash\n/bin/sleep 0.1\n' > "$here/$1/sleep"
  printf '#!/bin/bash\n[ "$1 $2 $3" != "enable --now nftables" ] || exec nft -f /etc/sysconfig/nftables.conf\n' > "$here/$1/systemctl"
  cat > "$here/$1/sysctl" <<'STUB'
#!/bin/bash
while IFS='=' read -r key value; do echo "$value" > "/proc/sys/${key//.//}"; done < /etc/sysctl.d/90-nat.conf
STUB
  for name in dnf fallocate mkswap swapon shutdown chmod; do printf '#!/bin/bash\n' > "$here/$1/$name"; done
  command chmod +x "$here/$1"/*
}

fetch() { ip netns exec task curl -s --max-time "$patience" http://203.0.113.80/ || echo "no answer"; }

start_instance nat1 10.0.0.10 0
fetch
if [ -n "$replaced" ]; then
  ip netns del nat1
  ip -n vpc neigh flush dev pub
  sleep 0.2
  start_instance nat2 10.0.0.11 2
  fetch
fi
