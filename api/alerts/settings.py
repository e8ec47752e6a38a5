"""How travellers are told of prices."""

from email.utils import parseaddr
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "POLYGLOT_ALERTS_"
ALLOWED = "smtp://user:password@host:587 (STARTTLS) or smtps://user:password@host:465"


class AlertSettings(BaseSettings):
    """Without a mail server alerts are told to webhooks only."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True
    )

    smtp_url: SecretStr | None = None
    """smtp (STARTTLS where the server offers it, else only to this machine) or smtps."""
    mail_from: str | None = None
    """The sender, as in `Polyglot <flights@travel.example.com>`."""
    hours: Annotated[float, Field(ge=0.01, le=168)] = 12.0
    """Between two checks of an alert."""
    most: Annotated[int, Field(ge=1, le=1000)] = 20
    """Alerts of one owner, and of one address."""

    @field_validator("smtp_url")
    @classmethod
    def _is_a_server(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            try:
                parts = urlsplit(value.get_secret_value())
                good = parts.scheme in {"smtp", "smtps"} and bool(parts.hostname) and parts.port != 0
            except ValueError:
                good = False
            if not good:
                raise ValueError(f"is not the address of a mail server; allowed: {ALLOWED}")
        return value

    @model_validator(mode="after")
    def _has_a_sender(self) -> Self:
        if self.smtp_url is not None and "@" not in parseaddr(self.mail_from or "")[1]:
            raise ValueError(f"{PREFIX}MAIL_FROM: is not a sender; for example {PREFIX}MAIL_FROM=flights@example.com")
        return self
