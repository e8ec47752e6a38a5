"""What all sections of the settings share, and the value types that they are made of."""

import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

from infra.settings.offers import region

EXAMPLE_ACCOUNT: Final = "111122223333"
"""AWS's own example account, in the stack files until an operator puts theirs; no real account has it."""


class Environment(StrEnum):
    """What a stack is for. `prod` refuses what is only fit for trying out; `media` is a media server of one's own."""

    LOCAL = "local"
    STAGING = "staging"
    PROD = "prod"
    MEDIA = "media"


class Section(BaseModel):
    """A part of the settings: unknown keys are errors, `true` is not 1, values do not change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("*", mode="before")
    @classmethod
    def _number(cls, value: object, info: ValidationInfo) -> object:
        if isinstance(value, bool) and cls.model_fields[str(info.field_name)].annotation in (int, float, int | None):
            raise ValueError("must be a number")
        return value


TEXTS: Final = tomllib.loads(Path(__file__).with_name("texts.toml").read_text(encoding="utf-8"))


def text(name: str) -> Any:  # noqa: ANN401 - what pydantic's own Field gives
    """What a text of the table must be, in words and with an example for messages."""
    row = TEXTS[name]
    examples = [row["example"]] if "example" in row else None
    return Field(pattern=row["pattern"], max_length=row.get("max_length"), description=row.get("is"), examples=examples)


def _account(value: object) -> object:
    """YAML and `pulumi config set` take an account for a number, without its leading zeros."""
    return f"{value:012d}" if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else value


AccountId = Annotated[str, BeforeValidator(_account), text("account")]
Region = Annotated[str, AfterValidator(region), Field(description="an AWS region", examples=["us-east-1"])]
Prefix = Annotated[str, text("prefix")]
Zone = Annotated[str, text("zone")]
PolicyArn = Annotated[str, text("policy")]
HostName = Annotated[str, text("host")]
ImageDigest = Annotated[str, text("image")]
"""An image by content; a tag can be moved to other content and is refused."""
Email = Annotated[str, text("email")]
LogDays = Annotated[int, Field(ge=1, examples=[30])]

LIMITS: Final = tomllib.loads(Path(__file__).with_name("limits.toml").read_text(encoding="utf-8"))


def retention(value: int) -> int:
    """`value` when CloudWatch Logs has such a retention. Raises ValueError that lists what is allowed."""
    if value not in LIMITS["log_days"]:
        raise ValueError(f"CloudWatch Logs keeps logs for one of {', '.join(map(str, LIMITS['log_days']))} days")
    return value
