"""What a media node does when it starts: no secret is in here, the node reads its keys by its own role."""

import base64
import json
from collections.abc import Mapping
from typing import Any, Final

from infra.components.media.ports import Port
from infra.context import Context

DRAIN_SECONDS: Final = 3600
"""How long calls may still last on a node that is going; LiveKit drains on SIGTERM and takes no new rooms."""
SCRIPT: Final = """#!/bin/bash
# Installs Docker, then runs the media server by systemd. Keys are read at each start, so a change needs a restart only.
set -euo pipefail
dnf install -y docker
# The server listens on 443 for TURN without being root.
echo 'net.ipv4.ip_unprivileged_port_start=443' > /etc/sysctl.d/90-media.conf
printf 'net.core.rmem_max=5000000\\nnet.core.wmem_max=5000000\\n' >> /etc/sysctl.d/90-media.conf
sysctl --system
systemctl enable --now docker
install -d -m 755 /etc/media
base64 -d > /etc/media/config.json <<'CONFIG'
{config}
CONFIG
cat > /usr/local/bin/media-keys <<'KEYS'
#!/bin/bash
set -euo pipefail
umask 077
get() {{ aws ssm get-parameter --region {region} --name "{path}/$1" --with-decryption --query Parameter.Value \\
  --output text; }}
key=$(get LIVEKIT_API_KEY)
secret=$(get LIVEKIT_API_SECRET)
install -d -m 700 -o 65532 -g 65532 /run/media
printf '%s: %s\\n' "$key" "$secret" > /run/media/keys.yaml
MEDIA_KEY="$key" python3 - <<'PYTHON'
import json, os
config = json.load(open("/etc/media/config.json"))
config["webhook"]["api_key"] = os.environ["MEDIA_KEY"]
json.dump(config, open("/run/media/config.yaml", "w"))
PYTHON
chown 65532:65532 /run/media/keys.yaml /run/media/config.yaml
KEYS
cat > /usr/local/bin/media-leave <<'LEAVE'
#!/bin/bash
# Drains when the group takes this node away, then lets it go.
set -euo pipefail
meta=http://169.254.169.254/latest
token=$(curl -sf -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' $meta/api/token)
ask() {{ curl -sf -H "X-aws-ec2-metadata-token: $token" "$meta/meta-data/$1"; }}
[ "$(ask autoscaling/target-lifecycle-state)" = Terminated ] || exit 0
systemctl stop media
aws autoscaling complete-lifecycle-action --region {region} --auto-scaling-group-name {group} \\
  --lifecycle-hook-name drain --lifecycle-action-result CONTINUE --instance-id "$(ask instance-id)"
LEAVE
chmod 755 /usr/local/bin/media-keys /usr/local/bin/media-leave
cat > /etc/systemd/system/media.service <<'UNIT'
[Unit]
Description=LiveKit media server
After=docker.service network-online.target
Requires=docker.service
[Service]
ExecStartPre=/usr/local/bin/media-keys
ExecStartPre=-/usr/bin/docker rm -f media
ExecStart=/usr/bin/docker run --name media --network host --read-only --user 65532:65532 --cap-drop ALL \\
  --security-opt no-new-privileges --ulimit nofile=65536 -v /run/media:/media:ro \\
  --log-driver awslogs --log-opt awslogs-region={region} --log-opt awslogs-group={log_group} \\
  {image} --config /media/config.yaml --key-file /media/keys.yaml
ExecStop=/usr/bin/docker stop -t {drain} media
TimeoutStartSec=300
TimeoutStopSec={drain}
Restart=always
RestartSec=5
[Install]
WantedBy=multi-user.target
UNIT
cat > /etc/systemd/system/media-leave.service <<'UNIT'
[Service]
Type=oneshot
ExecStart=/usr/local/bin/media-leave
TimeoutStartSec={drain}
UNIT
cat > /etc/systemd/system/media-leave.timer <<'UNIT'
[Timer]
OnBootSec=60
OnUnitInactiveSec=10
[Install]
WantedBy=timers.target
UNIT
systemctl daemon-reload
systemctl enable --now media.service media-leave.timer
"""


def config(turn_domain: str, webhook_url: str, cache: tuple[str, int] | None) -> Mapping[str, Any]:
    """The server's configuration, without keys.

    TURN listens on 443 in plain behind a load balancer that ends TLS there: LiveKit tells clients the port on which it
    listens. Source: livekit-server v1.13.5, `config-sample.yaml` and `pkg/service/turn.go`.
    """
    shared = (
        {
            "redis": {
                # A serverless cache speaks the cluster's protocol, and TLS only.
                "cluster_addresses": [f"{cache[0]}:{cache[1]}"],
                "tls": {"enabled": True, "insecure": False, "server_name": cache[0]},
            }
        }
        if cache
        else {}
    )
    return {
        "port": Port.SIGNAL,
        "rtc": {
            "port_range_start": Port.MEDIA_FIRST,
            "port_range_end": Port.MEDIA_LAST,
            "tcp_port": Port.MEDIA_TCP,
            "use_external_ip": True,
        },
        "turn": {"enabled": True, "domain": turn_domain, "tls_port": Port.TURN, "external_tls": True},
        "webhook": {"urls": [webhook_url]},
        "logging": {"json": True, "level": "info"},
        **shared,
    }


def user_data(context: Context, image: str, group: str, log_group: str, settings: Mapping[str, Any]) -> str:
    """The start script of a node, as EC2 takes it (base64)."""
    text = SCRIPT.format(
        config=base64.encodebytes(json.dumps(settings).encode()).decode().strip(),
        region=context.region,
        path=context.parameter_path,
        group=group,
        log_group=log_group,
        image=image,
        drain=DRAIN_SECONDS,
    )
    return base64.b64encode(text.encode()).decode()
