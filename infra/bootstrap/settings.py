"""Settings of the bootstrap project."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

import yaml
from pydantic import Field, ValidationError, model_validator

from infra.settings import SettingsError
from infra.settings.base import AccountId, Prefix, Region, Section, text
from infra.settings.offers import partition

PROJECT: Final = "polyglot-bootstrap"
STACK: Final = "account"
FOLDER: Final = Path(__file__).parent
State = Literal["s3", "cloud"]

Repository = Annotated[str, text("repository")]


GitHubId = Annotated[int, Field(gt=0, examples=[1296269])]


class BootstrapSettings(Section):
    """One account."""

    account: AccountId
    region: Region = "us-east-1"
    prefix: Prefix = "polyglot"
    """First part of every name, as the stacks' `polyglot:aws.prefix`."""
    repository: Repository
    owner_id: GitHubId | None = None
    repository_id: GitHubId | None = None
    """Numbers of owner and repository, of which the subjects of newer repositories' workflows are made:
    `gh api repos/OWNER/NAME --jq '.owner.id, .id'`."""
    environments: Annotated[tuple[Literal["staging", "prod", "media"], ...], Field(min_length=1)] = ("staging", "prod")
    """Those that live in this account, each with a key and two roles of its own."""
    registry: bool = True
    """Make the image repositories here; false where another account has them."""
    pull_accounts: tuple[AccountId, ...] = ()
    """Other accounts whose tasks run images from here."""
    images_kept: Annotated[int, Field(ge=5, le=1000)] = 50
    """Tagged images of each repository; a rollback needs the last ones."""
    history_days: Annotated[int, Field(ge=30, le=3650)] = 365
    """How long the state's history and its old versions stay."""
    github_provider: bool = True
    """Make GitHub's OIDC provider; false where the account has it, as there is one for an account."""

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len(set(self.environments)) != len(self.environments):
            raise ValueError("environments: each only once")
        if self.account in self.pull_accounts:
            raise ValueError("pull_accounts: the account itself may pull anyway; leave it out")
        if self.pull_accounts and not self.registry:
            raise ValueError("pull_accounts: is only used where registry is true")
        return self

    @model_validator(mode="after")
    def _both_numbers(self) -> Self:
        if (self.owner_id is None) != (self.repository_id is None):
            raise ValueError("owner_id, repository_id: give both, or none")
        return self

    @property
    def partition(self) -> str:
        """`aws`, or `aws-us-gov`."""
        return partition(self.region)

    @property
    def bucket(self) -> str:
        """Name of the state's bucket: known before it exists, so that a second run finds the first one's state."""
        return f"{self.prefix}-state-{self.account}-{self.region}"

    @property
    def backend(self) -> str:
        """What PULUMI_BACKEND_URL takes."""
        return f"s3://{self.bucket}?region={self.region}"

    @property
    def secrets_provider(self) -> str:
        """What encrypts this project's own secrets."""
        return f"awskms://alias/{self.prefix}-state?region={self.region}"


def parse(raw: Mapping[str, Any]) -> BootstrapSettings:
    """Settings from plain values. Raises SettingsError: a line for each mistake."""
    try:
        return BootstrapSettings.model_validate(dict(raw))
    except ValidationError as error:
        raise SettingsError("Mistakes in the bootstrap configuration:" + "".join(_lines(error))) from None


def _lines(error: ValidationError) -> list[str]:
    lines = []
    for problem in error.errors(include_url=False):
        key = ".".join(map(str, problem["loc"]))
        field = BootstrapSettings.model_fields.get(str(problem["loc"][0])) if problem["loc"] else None
        known = ", ".join(BootstrapSettings.model_fields)
        if problem["type"] == "extra_forbidden":
            lines.append(f"\n  {PROJECT}:{key}: there is no such key; allowed are {known}")
        elif problem["type"] == "missing":
            lines.append(f"\n  {PROJECT}:{key}: is not set")
        else:
            allowed = f"must be {field.description}" if field and field.description else problem["msg"]
            example = f", for example {field.examples[0]}" if field and field.examples else ""
            shown = "" if problem["type"] == "value_error" else f" {problem['input']!r} is wrong:"
            lines.append(f"\n  {PROJECT}:{key}:{shown} {allowed.removeprefix('Value error, ')}{example}")
    return lines


def read(folder: Path = FOLDER) -> BootstrapSettings:
    """Settings from Pulumi.account.yaml. Raises SettingsError."""
    path = folder / f"Pulumi.{STACK}.yaml"
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, yaml.YAMLError) as error:
        raise SettingsError(f"{path.name} cannot be read: {type(error).__name__}") from None
    prefix = f"{PROJECT}:"
    config = content.get("config") or {}
    return parse({key.removeprefix(prefix): value for key, value in config.items() if key.startswith(prefix)})
