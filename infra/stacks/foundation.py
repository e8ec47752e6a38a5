"""What every cloud stack stands on: the provider that refuses a wrong account, the bootstrap's key, the secrets."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi import InvokeOptions

from infra.components.secrets import Injected, look_up
from infra.context import Context
from infra.settings import Settings


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
    return Foundation(made, look_up(made))


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
            }
        ),
    )
    alias = f"alias/polyglot-{settings.environment}"
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
