"""Where recordings of calls go. Without a place for them no call is recorded, whatever its traveller agreed to."""

import re
from typing import Annotated, Final, Self
from urllib.parse import urlsplit

from pydantic import AnyHttpUrl, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "POLYGLOT_RECORDING_"
ALLOWED = "s3://bucket/prefix or file:///folder, of letters, digits and - _ . ="
_PLACE: Final = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[\w.=-]+)*/?|file://(/[\w.=-]+)+/?", re.ASCII)


class RecordingSettings(BaseSettings):
    """The place that LiveKit's egress writes to, and what deletes there with it."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True
    )

    storage: str | None = None
    """`s3://bucket/prefix`, or `file:///folder` of the egress, which the API must see under the same name; None: off."""
    region: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")] = "us-east-1"
    """Of the bucket."""
    endpoint: AnyHttpUrl | None = None
    """Of a service that speaks S3 and is not AWS."""
    access_key: SecretStr | None = None
    """None: the egress and the API each have rights of their own, as tasks on AWS do."""
    secret_key: SecretStr | None = None
    role: Annotated[str, Field(pattern=r"^arn:aws[a-z-]*:iam::\d{12}:role/[A-Za-z0-9+=,.@_/-]+$")] | None = None
    """What the egress assumes to write, where it is not in one's own account."""

    @field_validator("storage")
    @classmethod
    def _is_a_place(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if not _PLACE.fullmatch(value) or ".." in value.split("/"):
            raise ValueError(f"is no place for recordings; allowed: {ALLOWED}")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _key_is_whole(self) -> Self:
        if (self.access_key is None) != (self.secret_key is None):
            raise ValueError(f"{PREFIX}ACCESS_KEY and {PREFIX}SECRET_KEY: one is set without the other")
        return self

    @property
    def on(self) -> bool:
        """Whether calls may be recorded."""
        return self.storage is not None

    @property
    def bucket(self) -> str | None:
        """The bucket; None where recordings are files."""
        parts = urlsplit(self.storage or "")
        return parts.netloc or None

    def path(self, name: str) -> str:
        """The object's key, or the file's whole name."""
        parts = urlsplit(self.storage or "")
        return f"{parts.path}/{name}".lstrip("/") if parts.netloc else f"{parts.path}/{name}"

    def location(self, path: str) -> str:
        """Where an operator finds it."""
        return f"s3://{self.bucket}/{path}" if self.bucket else f"file://{path}"
