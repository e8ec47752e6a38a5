"""Loads the provider's SDK in a thread of its own, while the program, or who runs it, waits for something else.

The SDK takes a second: a dozen modules with thousands of classes. What the program first waits for are the provider's
plugin and the lookups in the account, so these come first; the rest is loaded meanwhile.
"""

import gc
import importlib
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Final

LAZY: Final = ("budgets", "ecr", "secretsmanager", "servicediscovery", "vpc", "wafv2")
"""Services of every cloud stack that no component names before it is made; the SDK loads a service when it is named."""


@dataclass(frozen=True)
class Loading:
    """What is being loaded; `result()` waits for it, and raises what its loading raised.

    One thread loads everything in this order, and nobody else may load of the SDK before he has waited: two threads
    would see each other's modules half made.
    """

    foundation: "Future[None]"
    cloud: "Future[None]"


@cache
def begin() -> Loading:
    """Begin to load what a stack on AWS needs; again: the same loading."""
    with_garbage = gc.isenabled()
    # The SDK makes a quarter of a million objects that all stay: no look through them finds garbage, and each takes a
    # fifth of a second. So there is none while they are made, and none goes through them later.
    gc.disable()
    pool = ThreadPoolExecutor(1, thread_name_prefix="sdk")
    loading = Loading(pool.submit(_foundation), pool.submit(_cloud))
    pool.submit(_settle, with_garbage)
    pool.shutdown(wait=False)
    return loading


def _foundation() -> None:
    importlib.import_module("infra.stacks.foundation")
    for service in ("kms", "ssm"):
        _service(service)


def _cloud() -> None:
    importlib.import_module("infra.stacks.cloud")
    for service in LAZY:
        _service(service)


def _service(name: str) -> None:
    # The module is a proxy, and loads itself when something in it is asked for, there or not.
    getattr(importlib.import_module(f"pulumi_aws.{name}"), "__all__", None)


def _settle(with_garbage: bool) -> None:
    gc.freeze()
    if with_garbage:
        gc.enable()
