"""The bootstrap program."""

import pulumi
import pulumi_aws as aws

from infra.bootstrap.components import Keys, Pipeline, Repositories, StateBucket
from infra.bootstrap.settings import BootstrapSettings, State


def program(settings: BootstrapSettings, state: State = "s3") -> None:
    """Declare what the account needs; with Pulumi Cloud there is no bucket."""
    provider = aws.Provider(
        "aws",
        region=settings.region,
        allowed_account_ids=[settings.account],
        default_tags=aws.ProviderDefaultTagsArgs(
            tags={"Project": "polyglot", "Environment": "account", "polyglot:managed-by": "pulumi"}
        ),
    )
    keys = Keys(settings, provider)
    if state == "s3":
        pulumi.export("state_bucket", StateBucket(settings, keys.arns["state"], provider).name)
    if settings.registry:
        repositories = Repositories(settings, keys.arns["state"], provider)
        pulumi.export("repositories", repositories.urls)
    pipeline = Pipeline(settings, keys, provider)
    pulumi.export("roles", pipeline.roles)
    pulumi.export("boundaries", pipeline.boundaries)
    pulumi.export("keys", keys.arns)
