"""What every component of a stack needs to know."""

from dataclasses import dataclass

import pulumi_aws as aws
from pulumi import Input

from infra.settings import Settings


@dataclass(frozen=True)
class Context:
    """One stack's settings, and what was looked up once at its start."""

    settings: Settings
    provider: aws.Provider
    """Refuses another account than the settings name; tags whatever can be tagged."""
    key_arn: Input[str]
    """The environment's KMS key, made by the bootstrap project under `alias/polyglot-<environment>`."""

    @property
    def name(self) -> str:
        """Prefix of physical names, for example `polyglot-staging`."""
        return f"{self.settings.aws.prefix}-{self.settings.environment}"

    @property
    def path(self) -> str:
        """Path of roles, parameters and log groups, without a slash at its end, for example `/polyglot/staging`."""
        return f"/{self.settings.aws.prefix}/{self.settings.environment}"

    @property
    def account(self) -> str:
        """AWS account number."""
        return self.settings.aws.account

    @property
    def region(self) -> str:
        """AWS region."""
        return self.settings.aws.region

    @property
    def partition(self) -> str:
        """First part of every ARN."""
        return self.settings.aws.partition

    @property
    def boundary_arn(self) -> str:
        """Policy that bounds every role of this stack: the settings' own, else the one that bootstrap makes."""
        own = self.settings.aws.permissions_boundary
        return own or self.arn("iam", f"policy/{self.settings.aws.prefix}/{self.name}-boundary", region=False)

    def arn(self, service: str, resource: str, *, region: bool = True) -> str:
        """ARN of a resource of this account whose name is known before it exists."""
        return f"arn:{self.partition}:{service}:{self.region if region else ''}:{self.account}:{resource}"
