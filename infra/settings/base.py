"""What all sections of the settings share, and the value types that they are made of."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from infra.settings.offers import region

EXAMPLE_ACCOUNT: Final = "111122223333"
"""AWS's own example account, in the stack files until an operator puts theirs; no real account has it."""


class Environment(StrEnum):
    """What a stack is for. `prod` refuses whatever is only fit for trying out; `local` runs on the Docker engine; `media` is a
    media server of one's own.
    """

    LOCAL = "local"
    STAGING = "staging"
    PROD = "prod"
    MEDIA = "media"


class Section(BaseModel):
    """A part of the settings: unknown keys are errors, values do not change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_enum_values=False, hide_input_in_errors=False)


def _account(value: object) -> object:
    """YAML and `pulumi config set` take an account for a number, without its leading zeros."""
    return f"{value:012d}" if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else value


AccountId = Annotated[
    str,
    BeforeValidator(_account),
    Field(pattern=r"^\d{12}$", description="an AWS account number of 12 digits", examples=[EXAMPLE_ACCOUNT]),
]
Region = Annotated[str, AfterValidator(region), Field(description="an AWS region", examples=["us-east-1"])]
Prefix = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9-]{1,18}[a-z0-9]$",
        description="3 to 20 lower case letters, digits and hyphens",
        examples=["acme-voice"],
    ),
]
"""The longest name that it begins is a role's prefix, 38 characters."""
Zone = Annotated[
    str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d[a-z]$", description="an availability zone", examples=["us-east-1a"])
]
Arn = Annotated[
    str,
    Field(
        pattern=r"^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(\d{12})?:.+$",
        max_length=2048,
        description="an ARN",
        examples=[f"arn:aws:iam::{EXAMPLE_ACCOUNT}:policy/boundary"],
    ),
]
HostName = Annotated[
    str,
    Field(
        pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$",
        max_length=253,
        description="a host name in lower case, without scheme or path",
        examples=["voice.example.com"],
    ),
]
ImageDigest = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9][a-z0-9.:/_-]*@sha256:[0-9a-f]{64}$",
        description="an image by digest (repository@sha256:64 hex digits), never by tag",
        examples=[f"{EXAMPLE_ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/polyglot/api@sha256:{'0' * 64}"],
    ),
]
"""An image by content; a tag can be moved to other content and is refused."""
Email = Annotated[
    str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", description="an e-mail address", examples=["oncall@example.com"])
]
LogDays = Annotated[int, Field(ge=1, examples=[30])]

LOG_RETENTIONS: Final = frozenset(
    {1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
)
"""Days that CloudWatch Logs can keep. Source: PutRetentionPolicy, CloudWatch Logs API reference."""


def retention(value: int) -> int:
    """`value` when CloudWatch Logs has such a retention. Raises ValueError that lists what is allowed."""
    if value not in LOG_RETENTIONS:
        raise ValueError(f"CloudWatch Logs keeps logs for one of {', '.join(map(str, sorted(LOG_RETENTIONS)))} days")
    return value
