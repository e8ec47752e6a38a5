"""Loads the provider's SDK in a thread of its own, while the program, or who runs it, waits for something else.

The SDK takes a second: a dozen modules with thousands of classes. What the program first waits for are the provider's
plugin and the lookups in the account; then awsx's plugin, which makes the network that almost everything waits for. So
what these need comes first, and the rest is loaded meanwhile.
"""

import asyncio
import gc
import importlib
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Final

from pulumi.runtime.sync_await import _sync_await

LAZY: Final = ("budgets", "ecr", "lambda_", "secretsmanager", "servicediscovery", "wafv2")
"""Services of every cloud stack that no component names before it is made; the SDK loads a service when it is named."""


@dataclass(frozen=True)
class Loading:
    """What is being loaded, in this order; `wait` for what you need.

    One thread loads everything, and nobody else may load a part of the SDK before it is there: two threads would see
    each other's modules half made.
    """

    foundation: "Future[None]"
    network: "Future[None]"
    cloud: "Future[None]"


def wait(part: "Future[None]") -> None:
    """Wait for a part; the engine is told meanwhile of what has been declared. Raises what the loading raised."""
    # What every lookup does, too, while it waits for its answer.
    _sync_await(asyncio.wrap_future(part))


@cache
def begin() -> Loading:
    """Begin to load what a stack on AWS needs; again: the same loading."""
    with_garbage, interval = gc.isenabled(), sys.getswitchinterval()
    # The SDK makes a quarter of a million objects that all stay: no look through them finds garbage, and each takes a
    # fifth of a second. So there is none while they are made, and none goes through them later.
    gc.disable()
    # Who talks to the engine meanwhile hands over at every message, and should not wait long to go on.
    sys.setswitchinterval(interval / 10)
    pool = ThreadPoolExecutor(1, thread_name_prefix="sdk")
    loading = Loading(pool.submit(_foundation), pool.submit(_network), pool.submit(_cloud))
    pool.submit(_settle, with_garbage, interval)
    pool.shutdown(wait=False)
    return loading


def _foundation() -> None:
    importlib.import_module("infra.stacks.foundation")
    for service in ("kms", "ssm"):
        _service(service)


def _network() -> None:
    importlib.import_module("infra.components.network")
    for service in ("autoscaling", "cloudwatch", "ec2", "iam", "vpc"):
        _service(service)


def _cloud() -> None:
    importlib.import_module("infra.stacks.cloud")
    for service in LAZY:
        _service(service)


def _service(name: str) -> None:
    # The module is a proxy, and loads itself when something in it is asked for, there or not.
    getattr(importlib.import_module(f"pulumi_aws.{name}"), "__all__", None)


def _settle(with_garbage: bool, interval: float) -> None:
    sys.setswitchinterval(interval)
    gc.freeze()
    if with_garbage:
        gc.enable()
