"""The stacks that tests look at as wholes: few, each made once for all tests of a process."""

from collections.abc import Mapping

from infra_mocks import ACCOUNT, MEDIA, PROD, STAGING, Recorded, declared, settings
from infra_mocks import run as play

from api.database.settings import PREFIX
from infra.bootstrap.program import program
from infra.bootstrap.settings import BootstrapSettings
from infra.settings import Settings

DIGEST = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/polyglot/%s@sha256:{'a' * 64}"
IMAGES = {name: {"image": DIGEST % name} for name in ("api", "agent")}
ELSEWHERE = {"account": ACCOUNT, "region": "eu-west-1"}

STACKS: Mapping[str, Settings] = {
    "staging": settings(
        STAGING,
        api={**IMAGES["api"], "exec_enabled": True, "sleeps": [20, 6]},
        agent={**IMAGES["agent"], "spot": True, "sleeps": [20, 6]},
    ),
    "built here": settings(STAGING),
    "staging with data": settings(STAGING, **IMAGES, data={"database": "postgres", "valkey": True}, edge={"waf": True}),
    "staging elsewhere": settings(STAGING, **IMAGES, aws=ELSEWHERE),
    "no nat": settings(STAGING, **IMAGES, data={"database": "aurora", "multi_az": True}, network={"nat": "none"}),
    "prod": settings(
        PROD,
        api={
            **IMAGES["api"],
            "fare_sources": ["duffel"],
            "variables": {f"{PREFIX}TLS": "verify-full", "POLYGLOT_GATEWAY_CALLS": "5"},
        },
        agent=IMAGES["agent"],
        data={"multi_az": True, "valkey": True},
    ),
    "everything": settings(
        PROD,
        data={"database": "aurora"},
        api={"fare_sources": ["duffel", "serpapi"]},
        edge={"cloudfront": True},
    ),
    "prod elsewhere": settings(PROD, **IMAGES, aws=ELSEWHERE, edge={"cloudfront": True}, data={"valkey": True}),
    "prod to be destroyed": settings(PROD, **IMAGES, guard={"allow_destroy": True}),
    "media": settings(MEDIA, media={"nodes": 2}, data={"valkey": True}),
}
"""Between them every setting that adds resources, both regions, and all environments of AWS."""

SERVICES = [name for name, values in STACKS.items() if values.media is None]
"""Those with API and agent."""


def stack(name: str) -> Recorded:
    """One of `STACKS`: look at it, and change nothing in it."""
    return declared(STACKS[name])


_ACCOUNTS: dict[str, Recorded] = {}


def account(settings: BootstrapSettings) -> Recorded:
    """What bootstrap makes with these settings, made once."""
    key = settings.model_dump_json()
    if key not in _ACCOUNTS:
        _ACCOUNTS[key] = play(lambda: program(settings), stack="account")
    return _ACCOUNTS[key]
