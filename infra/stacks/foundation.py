"""What every cloud stack stands on: the provider that refuses a wrong account, the bootstrap's key, the secrets."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws
from pulumi import InvokeOptions

from infra.components.secrets import Injected, look_up
from infra.context import Context
from infra.settings import Settings
from infra.settings.base import LIMITS

NO_VPC_ORIGIN: Final[Mapping[str, str]] = LIMITS["no_vpc_origin"]


class ZoneError(pulumi.RunError):
    """A zone that the stack names cannot be used."""


class BootstrapError(pulumi.RunError):
    """What the bootstrap project makes is not in this account."""


@dataclass(frozen=True)
class Foundation:
    """What must be there, or be known, before anything is declared."""

    context: Context
    secrets: Mapping[str, Injected]


def lay(settings: Settings) -> Foundation:
    """Look up whatever the stack needs and does not make. Raises BootstrapError or MissingSecretsError."""
    made = context(settings)
    _check_zones(made)
    return Foundation(made, look_up(made))


def _check_zones(made: Context) -> None:
    """CloudFront's private way to the load balancer is not in every zone, and which one has a name is the account's own.

    Source: CloudFront developer guide, "Supported AWS Regions for VPC origins". Raises ZoneError.
    """
    settings = made.settings
    if settings.media is not None or not settings.edge.through_cloudfront or settings.aws.region not in NO_VPC_ORIGIN:
        return
    for zone in settings.aws.zones:
        found = aws.get_availability_zone(name=zone, opts=InvokeOptions(provider=made.provider))
        if found.zone_id == NO_VPC_ORIGIN[settings.aws.region]:
            raise ZoneError(
                f"aws.zones: {zone} is {found.zone_id} in this account, where CloudFront reaches no load balancer in a VPC. "
                f"Take another zone of {settings.aws.region}: `pulumi config set --path 'polyglot:aws.zones[0]' ZONE`"
            )


def context(settings: Settings) -> Context:
    """Provider and key of the stack. Raises BootstrapError; the provider raises when the account is another one."""
    provider = aws.Provider(
        "aws",
        region=settings.aws.region,
        # Another account's credentials are refused before anything is created.
        allowed_account_ids=[settings.aws.account],
        default_tags=aws.ProviderDefaultTagsArgs(
            tags={
                "polyglot:stack": str(settings.environment),
                "polyglot:managed-by": "pulumi",
                "Project": "polyglot",
                "Environment": str(settings.environment),
                **settings.aws.tags,
            }
        ),
    )
    alias = f"alias/{settings.aws.prefix}-{settings.environment}"
    try:
        key = aws.kms.get_alias(name=alias, opts=InvokeOptions(provider=provider))
    except Exception as error:
        # The engine gives every failed invoke as a bare Exception; only its text tells what happened.
        if "couldn't find" not in str(error) and "not found" not in str(error).lower():
            raise
        raise BootstrapError(
            f"The key {alias} is not in account {settings.aws.account}, region {settings.aws.region}. "
            "Run `make bootstrap` there first."
        ) from None
    return Context(settings=settings, provider=provider, key_arn=key.target_key_arn)
