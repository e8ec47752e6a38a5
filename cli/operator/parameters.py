"""An environment's secrets in SSM Parameter Store: written, listed and removed, never shown."""

import difflib
import re
import secrets
import string
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from infra.secrets_catalog import everything, required
from infra.settings import Settings
from infra.settings.base import Environment

LIMITS: Final = Config(connect_timeout=5, read_timeout=10, retries={"max_attempts": 3, "mode": "standard"})
"""Seconds and tries of each call."""
SIZE_MOST: Final = 4096
"""Bytes of a standard parameter. Source: Systems Manager quotas."""
SECRET_LEAST: Final = 32
"""Bytes of LiveKit's API secret; it is a key for HMAC-SHA256."""
KEY_LETTERS: Final = string.ascii_letters + string.digits
GENERATED: Final = ("LIVEKIT_API_KEY", "LIVEKIT_API_SECRET")


class SecretsError(Exception):
    """Something is wrong, said without any value."""


@dataclass(frozen=True)
class Stored:
    """A secret's metadata."""

    name: str
    version: int
    changed: datetime
    secure: bool
    """A SecureString, as it must be."""


@dataclass(frozen=True)
class Vault:
    """The secrets of one environment."""

    settings: Settings
    ssm: Any
    """boto3's client; it has no static types."""

    @classmethod
    def open(cls, settings: Settings) -> "Vault":
        """Connect as whoever the credentials say. Raises SecretsError when that is not the stack's account."""
        if settings.environment is Environment.LOCAL:
            raise SecretsError("the local stack takes its secrets from .env")
        session = boto3.session.Session(region_name=settings.aws.region)
        with _told("sts:GetCallerIdentity"):
            account = session.client("sts", config=LIMITS).get_caller_identity()["Account"]
        if account != settings.aws.account:
            raise SecretsError(
                f"these credentials are of account {account}, the {settings.environment} stack is in "
                f"{settings.aws.account} (polyglot:aws.account): nothing was read or written"
            )
        return cls(settings, session.client("ssm", config=LIMITS))

    @property
    def path(self) -> str:
        """The path of all parameters of the environment."""
        return f"/{self.settings.aws.prefix}/{self.settings.environment}"

    @property
    def key(self) -> str:
        """Alias of the environment's KMS key, made by bootstrap."""
        return f"alias/{self.settings.aws.prefix}-{self.settings.environment}"

    def needed(self) -> dict[str, tuple[str, ...]]:
        """Names of the secrets that the stack must have, each with the services that get it."""
        wanted: dict[str, tuple[str, ...]] = {}
        for service, names in required(self.settings).items():
            for name in names:
                wanted[name] = (*wanted.get(name, ()), service)
        return wanted

    def stored(self) -> dict[str, Stored]:
        """What is set. Raises SecretsError."""
        filters = [{"Key": "Path", "Option": "OneLevel", "Values": [self.path]}]
        found = {}
        with _told("ssm:DescribeParameters"):
            for page in self.ssm.get_paginator("describe_parameters").paginate(ParameterFilters=filters):
                for item in page["Parameters"]:
                    name = item["Name"].rsplit("/", 1)[-1]
                    found[name] = Stored(
                        name, item["Version"], item["LastModifiedDate"], item["Type"] == "SecureString"
                    )
        return found

    def put(self, name: str, value: str) -> int:
        """Set a secret; returns its new version. Raises SecretsError."""
        check(name, value)
        there = self.stored().get(name)
        with _told("ssm:PutParameter"):
            if there is not None and not there.secure:
                # A parameter's type cannot be changed. Source: PutParameter, Systems Manager API reference.
                self.ssm.delete_parameter(Name=f"{self.path}/{name}")
                there = None
            answer = self.ssm.put_parameter(
                Name=f"{self.path}/{name}",
                Description=description(name),
                Value=value,
                Type="SecureString",
                KeyId=self.key,
                Tier="Standard",
                **({"Overwrite": True} if there else {"Tags": self._tags()}),
            )
        return int(answer["Version"])

    def remove(self, name: str) -> bool:
        """Remove a secret; whether there was one. Raises SecretsError."""
        known(name)
        with _told("ssm:DeleteParameter"):
            try:
                self.ssm.delete_parameter(Name=f"{self.path}/{name}")
            except self.ssm.exceptions.ParameterNotFound:
                return False
        return True

    def generate(self) -> tuple[str, ...]:
        """Make the key pair of our own media server; returns the names that were set, none when they are there.

        Raises SecretsError where the media server is not ours, and when only one of the two is set.
        """
        if (self.settings.livekit.url or "").rstrip("/").endswith(".livekit.cloud"):
            raise SecretsError(
                "the media server is LiveKit Cloud: take the key pair that it gives you, "
                f"and run `polyglot secrets set {self.settings.environment} LIVEKIT_API_KEY`"
            )
        there = [name for name in GENERATED if name in self.stored()]
        if len(there) == len(GENERATED):
            return ()
        if there:
            raise SecretsError(f"{there[0]} is set and its other half is not: remove it first, they belong together")
        # Letters and digits only: the pair is also written into the media server's configuration.
        self.put(GENERATED[0], "API" + "".join(secrets.choice(KEY_LETTERS) for _ in range(12)))
        self.put(GENERATED[1], "".join(secrets.choice(KEY_LETTERS) for _ in range(48)))
        return GENERATED

    def _tags(self) -> list[Mapping[str, str]]:
        return [
            {"Key": "project", "Value": "polyglot"},
            {"Key": "environment", "Value": str(self.settings.environment)},
        ]


def known(name: str) -> None:
    """Accept the name of a secret of this program. Raises SecretsError that says which there are."""
    names = [secret.name for secret in everything()]
    if name not in names:
        close = difflib.get_close_matches(name.upper(), names, n=1)
        hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(names)}"
        raise SecretsError(f"{name} is not a secret of this program; {hint}")


def description(name: str) -> str:
    """What the secret is, for whoever sees the parameter in the console."""
    return next(secret.what for secret in everything() if secret.name == name)


def check(name: str, value: str) -> None:
    """Accept a value for a secret. Raises SecretsError that says what is wrong, and never the value."""
    known(name)
    size = len(value.encode())
    rules = (
        (size == 0, "is empty"),
        (size > SIZE_MOST, f"has {size} bytes; a parameter holds {SIZE_MOST}"),
        (value != value.strip() or any(ord(letter) < ord(" ") for letter in value), "has white space around or inside"),
        (name == "LIVEKIT_API_SECRET" and size < SECRET_LEAST, f"has {size} bytes; at least {SECRET_LEAST} are needed"),
        (
            name == "DUFFEL_API_TOKEN" and not value.startswith(("duffel_live_", "duffel_test_")),
            "is no Duffel token: those begin with duffel_live_ or duffel_test_",
        ),
        (name == "OPENAI_API_KEY" and not value.startswith("sk-"), "is no OpenAI key: those begin with sk-"),
        (bool(re.fullmatch(r"(?i)change.?me|x+|secret|password|todo", value)), "is a placeholder"),
    )
    wrong = [text for broken, text in rules if broken]
    if wrong:
        raise SecretsError(f"the value of {name} {wrong[0]}")


@contextmanager
def _told(action: str) -> Iterator[None]:
    """Say what AWS refused. Its own messages are left out: some repeat what was sent."""
    try:
        yield
    except NoCredentialsError:
        raise SecretsError("no AWS credentials; sign in first, for example `aws sso login`") from None
    except ClientError as error:
        raise SecretsError(f"{action}: AWS answers {error.response['Error']['Code']}{_hint(error)}") from None
    except BotoCoreError as error:
        raise SecretsError(f"{action}: {type(error).__name__}") from None


def _hint(error: ClientError) -> str:
    code = error.response["Error"]["Code"]
    if "Key" in code or code == "ValidationException":
        return "; does the environment's KMS key exist? `make bootstrap` makes it"
    return "; these credentials may not do that" if "AccessDenied" in code else ""
