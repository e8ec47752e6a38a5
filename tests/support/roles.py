"""The roles that bootstrap makes, as IAM has them: statements by environment and kind, for the evaluator."""

from functools import cache
from typing import Any

from infra_mocks import KEY_ARN, Recorded
from whole import account

from infra.bootstrap.settings import BootstrapSettings, parse

ACCOUNT = "111122223333"
RAW: dict[str, Any] = {
    "account": ACCOUNT,
    "repository": "acme/polyglot",
    "environments": ["staging", "prod", "media"],
}


@cache
def bootstrapped(region: str = "us-east-1") -> Recorded:
    return account(parse({**RAW, "region": region}))


def statements(env: str, kind: str, region: str = "us-east-1") -> list[dict[str, Any]]:
    """All statements of a role's policies; the environment's key is `key(env)`."""
    found = [r for r in bootstrapped(region).all("aws.iam.Policy") if r.name.startswith(f"{env}-{kind}-")]
    assert found
    return [statement for policy in found for statement in policy.json("policy")["Statement"]]


def boundary(env: str, region: str = "us-east-1") -> list[dict[str, Any]]:
    return list(bootstrapped(region).one("aws.iam.Policy", f"{env}-boundary").json("policy")["Statement"])


def trust(env: str, kind: str, settings: BootstrapSettings) -> list[dict[str, Any]]:
    return list(account(settings).one("aws.iam.Role", f"{env}-{kind}").json("assumeRolePolicy")["Statement"])


def key(env: str, region: str = "us-east-1") -> str:
    return str(bootstrapped(region).one("aws.kms.Key", env).outputs["arn"])


def place(env: str, region: str = "us-east-1") -> dict[str, str]:
    """What the table of actions wants to know."""
    return {"partition": "aws", "region": region, "account": ACCOUNT, "env": env, "key": key(env, region)}


__all__ = ["ACCOUNT", "KEY_ARN", "RAW", "bootstrapped", "boundary", "key", "place", "statements", "trust"]
