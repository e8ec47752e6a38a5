"""Settings of the stack `media`: a media server of one's own, which the other stacks name as `livekit.url`."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from infra.settings.base import HostName, ImageDigest, LogDays, Section, retention, text

WebhookUrl = Annotated[str, text("webhook_url")]


class MediaSettings(Section):
    """LiveKit's own server on EC2, under a name in a hosted zone of the account."""

    domain: Annotated[HostName, Field(examples=["media.example.com"])]
    zone: HostName | None = Field(default=None, examples=["example.com"])
    """Route 53 hosted zone that holds the domain; None: the domain's parent."""
    image: Annotated[ImageDigest, Field(examples=[f"docker.io/livekit/livekit-server@sha256:{'0' * 64}"])]
    """Version 1.13.5 or newer, for the instance type's processor."""
    instance_type: Annotated[str, Field(pattern=r"^[a-z0-9-]+\.[a-z0-9]+$", examples=["c7g.large"])] = "c7g.large"
    nodes: Annotated[int, Field(ge=1, le=20)] = 1
    """More than one find each other in the cache (`data.valkey`)."""
    webhooks: tuple[WebhookUrl, ...] = ()
    """The APIs that are told of rooms."""
    log_days: Annotated[LogDays, AfterValidator(retention)] = 30

    @property
    def turn_domain(self) -> str:
        """Where TURN answers."""
        return f"turn.{self.domain}"

    @property
    def zone_name(self) -> str:
        """The hosted zone."""
        return self.zone or self.domain.split(".", 1)[1]

    @property
    def processor(self) -> str:
        """Of the instance type: Graviton types have a `g` after their generation (c7g, m8gd, t4g)."""
        return "arm64" if re.match(r"[a-z]+\d+g", self.instance_type) else "x86_64"
