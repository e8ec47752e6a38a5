"""`make bootstrap`: makes the account's foundations, and moves their state to where all state lies."""

import json
import os
import secrets
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from pulumi import automation

from infra.bootstrap.program import program
from infra.bootstrap.settings import FOLDER, PROJECT, STACK, BootstrapSettings, State
from infra.engine import command
from infra.settings import SettingsError

LIMITS: Final = Config(connect_timeout=5, read_timeout=10, retries={"max_attempts": 3, "mode": "standard"})
LOCAL: Final = FOLDER.parents[1] / ".polyglot" / "bootstrap"
Say = Callable[[str], None]


class BootstrapError(Exception):
    """It cannot go on; the message says what to do."""


@dataclass(frozen=True)
class Runner:
    """One run. The defaults are those of an operator; tests give another backend and another program."""

    settings: BootstrapSettings
    state: State = "s3"
    say: Say = print
    folder: Path = FOLDER
    """Where Pulumi.account.yaml is; it gets the state's encrypted key, which is committed."""
    local: Path = LOCAL
    """Where the state is until it has moved; after a run that was cut off the next one goes on from here."""
    backend: str | None = None
    """None: the bucket's, by the settings."""
    secrets_provider: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    """More options of the workspace."""
    declare: Callable[[], None] | None = None

    def run(self) -> Mapping[str, Any]:
        """Make or change everything; returns the outputs. Repeatable. Raises BootstrapError."""
        if self.state == "cloud":
            return self._up(self._stack(self.folder, None, None))
        target = self.backend or self.settings.backend
        provider = self.secrets_provider or self.settings.secrets_provider
        if self._moved() and not self.local.exists():
            self.say(f"The state is in {self.settings.bucket}: changing what has changed.")
            return self._up(self._stack(self.folder, target, provider))
        self.say("First run: the state starts in a local folder, and moves into the bucket that is made now.")
        return self._first(target, provider)

    def _first(self, target: str, provider: str) -> Mapping[str, Any]:
        work = self.local / "work"
        work.mkdir(mode=0o700, parents=True, exist_ok=True)
        phrase = self.local / "passphrase"
        if not phrase.exists():
            phrase.touch(mode=0o600)
            phrase.write_text(secrets.token_urlsafe(32), encoding="utf-8")
        start = self._stack(work, self.local.as_uri(), "passphrase", phrase.read_text(encoding="utf-8"))
        self._up(start)
        exported = start.export_stack()
        moved = self._stack(self.folder, target, provider)
        moved.import_stack(_unsealed(exported))
        self._compare(exported, moved.export_stack())
        # Changes nothing, and writes the state once more: now under the key.
        outputs = self._up(moved)
        shutil.rmtree(self.local)
        self.say(f"The state has moved to {target.partition('?')[0]}; the local copy is deleted.")
        return outputs

    def _compare(self, before: automation.Deployment, after: automation.Deployment) -> None:
        """Nothing may be lost on the way. Raises BootstrapError; the local state is then still there."""
        if _urns(before) != _urns(after):
            raise BootstrapError(f"the state in the bucket is not the local one; the local one is kept in {self.local}")

    def _stack(self, work: Path, backend: str | None, provider: str | None, phrase: str = "") -> automation.Stack:
        environment = dict(self.environment)
        if backend is not None:
            environment["PULUMI_BACKEND_URL"] = backend
        if phrase:
            environment["PULUMI_CONFIG_PASSPHRASE"] = phrase
        options = automation.LocalWorkspaceOptions(
            work_dir=str(work),
            env_vars=environment,
            secrets_provider=provider,
            project_settings=None
            if (work / "Pulumi.yaml").exists()
            else automation.ProjectSettings(name=PROJECT, runtime="python"),
            **{"pulumi_command": command(), **self.options},
        )
        declare = self.declare or (lambda: program(self.settings, self.state))
        return automation.create_or_select_stack(STACK, project_name=PROJECT, program=declare, opts=options)

    def _up(self, stack: automation.Stack) -> Mapping[str, Any]:
        result = stack.up(on_output=self.say)
        return {name: output.value for name, output in result.outputs.items()}

    def _moved(self) -> bool:
        """Whether the bucket already holds this project's state. Raises BootstrapError."""
        endpoint = self.environment.get("AWS_ENDPOINT_URL")
        session = boto3.session.Session(
            aws_access_key_id=self.environment.get("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=self.environment.get("AWS_SECRET_ACCESS_KEY"),
            region_name=self.settings.region,
        )
        client = session.client("s3", config=LIMITS, endpoint_url=endpoint)
        key = f".pulumi/stacks/{PROJECT}/{STACK}.json"
        try:
            client.head_object(Bucket=self.settings.bucket, Key=key, ExpectedBucketOwner=self.settings.account)
        except ClientError as error:
            if error.response["Error"]["Code"] in ("404", "NoSuchKey", "NoSuchBucket"):
                return False
            raise BootstrapError(
                f"the bucket {self.settings.bucket} cannot be read ({error.response['Error']['Code']}): "
                f"are these credentials of account {self.settings.account}?"
            ) from None
        except BotoCoreError as error:
            raise BootstrapError(f"AWS cannot be asked ({type(error).__name__}): sign in first") from None
        return True


def _unsealed(deployment: automation.Deployment) -> automation.Deployment:
    """The state without the local provider of its secrets, which the bucket's readers do not have.

    Raises BootstrapError should a secret ever be in it: it would stand in the bucket in plain until the next write.
    """
    if '"plaintext"' in json.dumps(deployment.deployment):
        raise BootstrapError("the bootstrap state holds a secret, and must not: nothing was moved")
    content = {key: value for key, value in (deployment.deployment or {}).items() if key != "secrets_providers"}
    return automation.Deployment(version=deployment.version, deployment=content)


def _urns(deployment: automation.Deployment) -> list[str]:
    resources = (deployment.deployment or {}).get("resources", [])
    return sorted(resource["urn"] for resource in resources)


def chosen_state() -> State:
    """Where state lies: POLYGLOT_STATE. Raises SettingsError."""
    value = os.environ.get("POLYGLOT_STATE", "s3")
    if value == "s3":
        return "s3"
    if value == "cloud":
        return "cloud"
    raise SettingsError(f"POLYGLOT_STATE={value!r} is wrong: allowed are s3 and cloud")


def next_steps(settings: BootstrapSettings, state: State, outputs: Mapping[str, Any]) -> list[str]:
    """What the operator sets next, line by line."""
    repository, roles = settings.repository, outputs.get("roles", {})
    lines = ["", f"Made for account {settings.account}. Set next, in this order:"]
    if state == "s3":
        lines.append(f'  export PULUMI_BACKEND_URL="{settings.backend}"')
    lines.append(f"  gh variable set POLYGLOT_DEPLOYS -R {repository} --body true")
    for env in settings.environments:
        # By GitHub environment, so that a second account's bootstrap does not overwrite the first one's.
        for place, kind in ((env, "deploy"), (f"{env}-preview", "preview")):
            lines.append(f"  gh api -X PUT repos/{repository}/environments/{place}")
            values = {
                "AWS_ACCOUNT": settings.account,
                "AWS_REGION": settings.region,
                "AWS_PREFIX": settings.prefix,
                "AWS_ROLE": roles.get(f"{env}-{kind}", ""),
                **({"PULUMI_BACKEND_URL": settings.backend} if state == "s3" else {}),
            }
            lines += [
                f'  gh variable set {name} -R {repository} -e {place} --body "{value}"'
                for name, value in values.items()
            ]
    for env in settings.environments:
        if state == "s3":
            key = f"awskms://alias/{settings.prefix}-{env}?region={settings.region}"
            lines.append(f'  pulumi stack init {env} --secrets-provider "{key}"')
        lines.append(f"  polyglot secrets list {env}    # says which are missing, and how to set each")
    if settings.repository_id is None:
        lines += [
            "  A repository made or renamed since 2026-07-15 has numbers in its workflows' names. Ask for them,",
            f"    gh api repos/{repository} --jq '.owner.id, .id'",
            "  write them into Pulumi.account.yaml as owner_id and repository_id, and run this again.",
        ]
    lines.append(
        "  git add Pulumi.*.yaml infra/bootstrap/Pulumi.account.yaml && git commit    # they hold the sealed keys"
    )
    lines.append(f"  In {repository}: environments staging and prod, prod with required reviewers (docs/delivery.md).")
    return lines
