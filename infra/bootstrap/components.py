"""What bootstrap makes, in four groups. Everything here is protected: other things stand on it."""

import json
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Final

import pulumi
import pulumi_aws as aws
from pulumi import Output, ResourceOptions

from infra.bootstrap import documents, permissions
from infra.bootstrap.settings import BootstrapSettings
from infra.components.bucket import PrivateBucket, expiring
from infra.iam import Statement, policy
from infra.services import images

POLICY_SIZE: Final = 6144
"""Characters of a managed policy, without white space. Source: IAM quotas."""
SESSION_SECONDS: Final = 4 * 3600
"""A first `up`, the calls after it and a rollback fit into one session: an expired one leaves a lock and half-made things."""
STATE_KEY: Final = "state-key".ljust(80, "-")
ENV_KEY: Final = "environment-key".ljust(80, "-")
"""Stand for keys' ARNs while statements are spread over policies; longer than an ARN of a key (75 to 80)."""


def text(document: dict[str, Any]) -> str:
    """A policy document as compact JSON: its size counts."""
    return json.dumps(document, separators=(",", ":"), sort_keys=True)


def packed(statements: Sequence[Statement]) -> Iterator[dict[str, Any]]:
    """Statements as documents that each fit into one managed policy. Raises ValueError for one that never fits."""
    batch: list[Statement] = []
    for statement in statements:
        if len(text(policy(statement))) > POLICY_SIZE:
            raise ValueError(f"one statement is larger than a policy may be: {statement['Action'][0]} and following")
        if batch and len(text(policy(*batch, statement))) > POLICY_SIZE:
            yield policy(*batch)
            batch = []
        batch.append(statement)
    if batch:
        yield policy(*batch)


class Keys(pulumi.ComponentResource):
    """A key for the state and one for each environment, so that staging's roles cannot read prod's secrets."""

    def __init__(self, s: BootstrapSettings, provider: aws.Provider) -> None:
        super().__init__("polyglot:bootstrap:Keys", "keys", None)
        child = ResourceOptions(parent=self, provider=provider, protect=True)
        self.arns: dict[str, Output[str]] = {}
        for name in ("state", *s.environments):
            key = aws.kms.Key(
                name,
                description=f"Polyglot {name}",
                enable_key_rotation=True,
                deletion_window_in_days=30,
                policy=text(documents.key_policy(s, None if name == "state" else name)),
                opts=child,
            )
            aws.kms.Alias(name, name=f"alias/{s.prefix}-{name}", target_key_id=key.key_id, opts=child)
            self.arns[name] = key.arn
        self.register_outputs({})


class StateBucket(pulumi.ComponentResource):
    """Where Pulumi's state lies, and who read it."""

    def __init__(self, s: BootstrapSettings, key: Output[str], provider: aws.Provider) -> None:
        super().__init__("polyglot:bootstrap:StateBucket", "state", None)
        child, own = ResourceOptions(provider=provider, protect=True), ResourceOptions(parent=self)
        log = f"{s.bucket}-log"
        # S3 delivers its access logs only to buckets under its own key. Source: S3 user guide, log delivery.
        logs = PrivateBucket(
            "state-log",
            child=child,
            physical=log,
            allowed=lambda _: [documents.log_delivery(s, log, s.bucket)],
            keep=True,
            versioned=True,
            rules=[expiring("all", s.history_days)],
            opts=own,
        )
        state = PrivateBucket(
            "state",
            child=child,
            physical=s.bucket,
            key=key,
            keep=True,
            versioned=True,
            rules=[
                expiring("versions", s.history_days, old_versions=True),
                expiring("history", s.history_days, prefix=".pulumi/history/"),
                expiring("backups", s.history_days, prefix=".pulumi/backups/"),
            ],
            opts=own,
        )
        aws.s3.BucketLogging(
            "state",
            bucket=state.name,
            target_bucket=logs.name,
            target_prefix="access/",
            # S3 refuses a target whose policy does not let it in yet.
            opts=ResourceOptions.merge(child, ResourceOptions(parent=self, depends_on=[logs.policy])),
        )
        self.name = state.name
        self.register_outputs({"name": self.name})


class Repositories(pulumi.ComponentResource):
    """Images: both environments run the same digests, so the repositories stand outside of both."""

    def __init__(self, s: BootstrapSettings, key: Output[str], provider: aws.Provider) -> None:
        super().__init__("polyglot:bootstrap:Repositories", "images", None)
        kept = ResourceOptions(parent=self, provider=provider, protect=True, retain_on_delete=True)
        child = ResourceOptions(parent=self, provider=provider)
        self.urls: dict[str, Output[str]] = {}
        for service in images():
            repository = aws.ecr.Repository(
                service,
                name=f"{s.prefix}/{service}",
                image_tag_mutability="IMMUTABLE_WITH_EXCLUSION",
                # Build caches are overwritten with each build, and marks move with each deploy; nothing runs by either.
                image_tag_mutability_exclusion_filters=[
                    {"filter": pattern, "filter_type": "WILDCARD"} for pattern in ("cache-*", "keep-*")
                ],
                image_scanning_configuration={"scan_on_push": True},
                encryption_configurations=[{"encryption_type": "KMS", "kms_key": key}],
                opts=kept,
            )
            name = repository.name
            aws.ecr.LifecyclePolicy(service, repository=name, policy=text(documents.image_lifecycle(s)), opts=child)
            aws.ecr.RepositoryPolicy(service, repository=name, policy=text(documents.repository_policy(s)), opts=child)
            self.urls[service] = repository.repository_url
        self.register_outputs({})


class Pipeline(pulumi.ComponentResource):
    """GitHub's identity provider and two roles for each environment; no key that lives longer than an hour."""

    def __init__(self, s: BootstrapSettings, keys: Keys, provider: aws.Provider) -> None:
        super().__init__("polyglot:bootstrap:Pipeline", "pipeline", None)
        self._s, self._child = s, ResourceOptions(parent=self, provider=provider)
        waits: list[pulumi.Resource] = []
        if s.github_provider:
            waits.append(
                aws.iam.OpenIdConnectProvider(
                    "github",
                    url=f"https://{documents.GITHUB}",
                    client_id_lists=[documents.AUDIENCE],
                    opts=ResourceOptions.merge(self._child, ResourceOptions(protect=True)),
                )
            )
        self._child = ResourceOptions.merge(self._child, ResourceOptions(depends_on=waits))
        self.roles: dict[str, Output[str]] = {}
        self.boundaries: dict[str, Output[str]] = {}
        for env in s.environments:
            self._environment(env, keys)
        self.register_outputs({})

    def _environment(self, env: str, keys: Keys) -> None:
        s = self._s
        boundary_arn = f"arn:{s.partition}:iam::{s.account}:policy/{s.prefix}/{s.prefix}-{env}-boundary"
        boundary = aws.iam.Policy(
            f"{env}-boundary",
            name=f"{s.prefix}-{env}-boundary",
            path=f"/{s.prefix}/",
            description=f"The most that a role of the {env} stack can have",
            policy=keys.arns[env].apply(lambda key: text(policy(*permissions.bounding(s, env, key)))),
            opts=self._child,
        )
        self.boundaries[env] = boundary.arn
        arns = Output.all(keys.arns["state"], keys.arns[env])
        preview = [
            *documents.read_state(s, env, STATE_KEY, ENV_KEY),
            *permissions.describing(ENV_KEY),
            *permissions.reading(s, env),
        ]
        deploy = [
            *preview,
            *documents.write_state(s, env, STATE_KEY, ENV_KEY),
            *permissions.writing(s, env, ENV_KEY, boundary_arn),
            *permissions.refusing(s, env),
            *permissions.publishing(s),
        ]
        # A pull request runs code that nobody has read yet: it previews staging. Prod is previewed by an environment of its own.
        requests = ["pull_request"] if env != "prod" else []
        self._role(env, "preview", [*requests, f"environment:{env}-preview"], preview, arns)
        self._role(env, "deploy", [f"environment:{env}"], deploy, arns)

    def _role(
        self, env: str, kind: str, subjects: Sequence[str], statements: Sequence[Statement], arns: Output[list[str]]
    ) -> None:
        name = f"{self._s.prefix}-{env}-{kind}"
        role = aws.iam.Role(
            f"{env}-{kind}",
            name=name,
            description=f"Workflows of {self._s.repository}: {kind} of {env}",
            assume_role_policy=text(documents.workflow_trust(self._s, subjects)),
            max_session_duration=SESSION_SECONDS,
            opts=self._child,
        )
        self.roles[f"{env}-{kind}"] = role.arn
        for index, document in enumerate(packed(statements)):
            policy = aws.iam.Policy(
                f"{env}-{kind}-{index}",
                name=f"{name}-{index}",
                path=f"/{self._s.prefix}/",
                policy=arns.apply(partial(_with_keys, text(document))),
                opts=self._child,
            )
            aws.iam.RolePolicyAttachment(
                f"{env}-{kind}-{index}", role=role.name, policy_arn=policy.arn, opts=self._child
            )


def _with_keys(document: str, arns: Sequence[str]) -> str:
    """The document with the ARNs of the state's and the environment's key, known only once the keys exist."""
    return document.replace(STATE_KEY, arns[0]).replace(ENV_KEY, arns[1])
