#!/bin/bash
# Runs the media server on this instance. No secret is in here: keys are read by the instance's own role at each start of the
# server, so that new ones need a restart only.
set -euo pipefail
# An instance that cannot do its work is replaced; the pause keeps a lasting fault from being a storm of instances.
trap 'echo "line $LINENO failed"; sleep 120; shutdown -h now' ERR
dnf install -y --setopt=install_weak_deps=False docker
printf 'net.core.rmem_max=5000000\nnet.core.wmem_max=5000000\n' > /etc/sysctl.d/90-media.conf
sysctl --system
systemctl enable --now docker
install -d -m 755 /etc/media
base64 -d > /etc/media/config.json <<'CONFIG'
@config@
CONFIG
cat > /usr/local/bin/media-keys <<'KEYS'
#!/bin/bash
set -euo pipefail
umask 077
get() { aws ssm get-parameter --region @region@ --name "@path@/$1" --with-decryption --query Parameter.Value --output text; }
key=$(get LIVEKIT_API_KEY)
secret=$(get LIVEKIT_API_SECRET)
install -d -m 700 -o 65532 -g 65532 /run/media
printf '%s: %s\n' "$key" "$secret" > /run/media/keys.yaml
# Webhooks are signed with the key.
sed "s|@key@|$key|" /etc/media/config.json > /run/media/config.yaml
chown 65532:65532 /run/media/keys.yaml /run/media/config.yaml
KEYS
# A group that takes this node away waits for an hour: no new room comes, and those that are here end.
cat > /usr/local/bin/media-leave <<'LEAVE'
#!/bin/bash
set -euo pipefail
meta=http://169.254.169.254/latest
while sleep 10; do
  token=$(curl -sf -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' $meta/api/token) || continue
  state=$(curl -sf -H "X-aws-ec2-metadata-token: $token" $meta/meta-data/autoscaling/target-lifecycle-state) || continue
  if [ "$state" = Terminated ]; then exec systemctl stop media; fi
done
LEAVE
chmod 755 /usr/local/bin/media-keys /usr/local/bin/media-leave
cat > /etc/systemd/system/media.service <<'UNIT'
[Unit]
After=docker.service network-online.target
Requires=docker.service
[Service]
ExecStartPre=/usr/local/bin/media-keys
ExecStartPre=-/usr/bin/docker rm -f media
ExecStart=/usr/bin/docker run --name media --network host --read-only --user 65532:65532 --cap-drop ALL \
  --security-opt no-new-privileges --ulimit nofile=65536 -v /run/media:/media:ro \
  --log-driver awslogs --log-opt awslogs-region=@region@ --log-opt awslogs-group=@log_group@ \
  @image@ --config /media/config.yaml --key-file /media/keys.yaml
ExecStop=/usr/bin/docker stop -t @drain@ media
TimeoutStartSec=300
TimeoutStopSec=@drain@
Restart=always
RestartSec=5
[Install]
WantedBy=multi-user.target
UNIT
cat > /etc/systemd/system/media-leave.service <<'UNIT'
[Service]
ExecStart=/usr/local/bin/media-leave
[Install]
WantedBy=multi-user.target
UNIT
systemctl daemon-reload
systemctl enable --now media.service media-leave.service
