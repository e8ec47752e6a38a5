"""Runs a piece of the Pulumi program without an engine and records what it registers.

`recorded = run(build)` calls `build()` as a program. Every resource is then in `recorded.resources` with its inputs as
the engine gets them: camelCase keys, plain values, secrets unwrapped, unknowns as None. An `apply` that raises fails
the run, also where nobody uses its output. With `preview=True` computed outputs and ids are unknown, as in a first
preview. Kinds are written like the SDK's classes: `aws.lb.Listener`, `awsx.ec2.Vpc`, `polyglot.edge.Edge`.
"""

import asyncio
import contextlib
import contextvars
import functools
import gc
import json
import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws
from google.protobuf import empty_pb2
from infra_outputs import ACCOUNT, REGION, Reference, answer, computed
from pulumi.runtime import mocks, rpc
from pulumi.runtime import resource as registration
from pulumi.runtime.config import set_all_config
from pulumi.runtime.proto import source_pb2
from pulumi.runtime.settings import SETTINGS
from pulumi.runtime.stack import run_pulumi_func

from infra.context import Context
from infra.policies.core import Resource
from infra.program import declare
from infra.settings import Settings, parse
from offline.verdict import verdict

with warnings.catch_warnings():
    # These modules of the SDK warn of their own older parts when they are first used.
    warnings.simplefilter("ignore", DeprecationWarning)
    assert aws.s3.Bucket
    assert aws.ec2.SecurityGroup
    assert aws.lambda_.Function

# Where in which file each resource was made, frame by frame through all of pytest: a sixth of the time, and told to no one.
registration._get_stack_trace = source_pb2.StackTrace

KEY_ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/00000000-0000-4000-8000-000000000001"

STAGING: Mapping[str, Any] = {
    "environment": "staging",
    "aws": {"account": ACCOUNT, "region": REGION},
    "livekit": {"url": "wss://staging.livekit.example"},
    "data": {"database": "none"},
    "network": {"nat": "instance"},
}
PROD: Mapping[str, Any] = {
    "environment": "prod",
    "aws": {"account": ACCOUNT, "region": REGION},
    "livekit": {"url": "wss://prod.livekit.example"},
    "edge": {"domain": "voice.example.com"},
    "observability": {"alarm_email": "oncall@example.com"},
}


MEDIA: Mapping[str, Any] = {
    "environment": "media",
    "aws": {"account": ACCOUNT, "region": REGION},
    "network": {"nat": "none"},
    "data": {"database": "none"},
    "media": {
        "domain": "media.example.com",
        "image": f"docker.io/livekit/livekit-server@sha256:{'0' * 64}",
        "webhooks": ["https://voice.example.com/v1/livekit/webhook"],
    },
}


@dataclass(frozen=True)
class Registered:
    """One resource as it was registered."""

    type: str
    """Token, for example `aws:lb/listener:Listener`."""
    name: str
    urn: str
    parent: str
    """URN of the parent; empty below the stack."""
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    id: str
    custom: bool
    provider: str
    protect: bool
    retain_on_delete: bool
    delete_before_replace: bool
    ignore_changes: tuple[str, ...]
    replace_on_changes: tuple[str, ...]
    depends_on: tuple[str, ...]
    """URNs of all that it waits for: explicit ones and those whose outputs it uses."""

    @property
    def kind(self) -> str:
        return kind(self.type)

    def json(self, key: str) -> Any:
        """The input `key`, which is JSON text, decoded."""
        return json.loads(self.inputs[key])


@dataclass
class Recorded:
    """What a run registered, in order."""

    resources: list[Registered] = field(default_factory=list)
    component_outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By URN: what components (and the stack, under "") registered as their outputs."""
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Token and arguments of each function call."""

    def all(self, wanted: str) -> list[Registered]:
        """Every resource of this kind."""
        return [resource for resource in self.resources if resource.kind == wanted]

    def one(self, wanted: str, name: str | None = None) -> Registered:
        """The only resource of this kind (and, when given, of this name). Raises AssertionError otherwise."""
        found = [resource for resource in self.all(wanted) if name is None or resource.name == name]
        assert len(found) == 1, f"{len(found)} of {wanted} {name or ''}: {[r.name for r in self.all(wanted)]}"
        return found[0]

    def by_id(self, identity: str) -> Registered:
        """The resource with this id, ARN or URN."""
        found = [r for r in self.resources if identity in {r.id, r.outputs.get("arn"), r.urn}]
        assert len(found) == 1, f"{len(found)} resources with the id {identity}"
        return found[0]


@functools.cache
def kind(token: str) -> str:
    """`aws:lb/listener:Listener` as `aws.lb.Listener`."""
    package, module, name = token.split(":")
    return f"{package}.{module.split('/')[0]}.{name}"


def run(
    build: Callable[[], object],
    *,
    preview: bool = False,
    stack: str = "staging",
    config: Mapping[str, str] | None = None,
    answers: Mapping[str, Mapping[str, Any]] | None = None,
) -> Recorded:
    """Calls `build` as a Pulumi program. Raises what it, or an apply, raises.

    `config` has full keys (`polyglot:edge`). `answers` replaces what functions return, by token
    (`aws:ssm/getParameter:getParameter`).
    """
    recorded = Recorded()
    set_all_config(dict(config or {}))
    with _closed_loops(), _uncollected():
        contextvars.copy_context().run(asyncio.run, _program(build, _Monitor(recorded, preview, answers or {}), stack))
    return recorded


_DECLARED: dict[str, Recorded] = {}


def declared(values: Settings) -> Recorded:
    """A whole stack, made once for all tests of this process that ask for it: look at it, and change nothing in it."""
    key = values.model_dump_json()
    if key not in _DECLARED:
        names: dict[str, Any] = {}
        made = run(lambda: names.update(declare(values)))
        made.component_outputs[""] = names
        _DECLARED[key] = made
    return _DECLARED[key]


class _Loops(asyncio.DefaultEventLoopPolicy):
    """Remembers the loops that it makes."""

    def __init__(self) -> None:
        super().__init__()
        self.made: list[asyncio.AbstractEventLoop] = []

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        loop = super().new_event_loop()
        self.made.append(loop)
        return loop


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """A quarter of a run's time is the garbage collector's, which finds nothing before its end."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@contextlib.contextmanager
def _closed_loops() -> Iterator[None]:
    """Closes the event loops that the SDK opens in threads of its own and forgets."""
    before = asyncio.get_event_loop_policy()
    loops = _Loops()
    asyncio.set_event_loop_policy(loops)
    try:
        yield
    finally:
        asyncio.set_event_loop_policy(before)
        for loop in loops.made:
            if not loop.is_running() and not loop.is_closed():
                loop.close()


def settings(base: Mapping[str, Any], **changes: Any) -> Settings:
    """Settings from `STAGING` or `PROD` with sections updated: `settings(PROD, edge={"cloudfront": True})`."""
    raw = {key: dict(value) if isinstance(value, Mapping) else value for key, value in base.items()}
    for key, value in changes.items():
        raw[key] = {**raw.get(key, {}), **value} if isinstance(value, Mapping) else value
    return parse(raw)


def context(values: Settings) -> Context:
    """A component's Context; only inside a program."""
    provider = aws.Provider(
        "aws",
        region=values.aws.region,
        allowed_account_ids=[values.aws.account],
        default_tags=aws.ProviderDefaultTagsArgs(
            tags={"Project": "polyglot", "Environment": str(values.environment), "polyglot:stack": "test"}
        ),
    )
    return Context(settings=values, provider=provider, key_arn=KEY_ARN)


def broken_rules(recorded: Recorded, environment: str) -> list[str]:
    """What the policy pack refuses in this part of a stack."""
    resources = [
        Resource(
            urn=resource.urn,
            type=resource.type,
            name=resource.name,
            props={**resource.outputs, **resource.inputs},
            protect=resource.protect,
            dependencies=frozenset(resource.depends_on),
        )
        for resource in recorded.resources
    ]
    return [str(violation) for violation in verdict(resources, environment).violations]


async def _program(build: Callable[[], object], monitor: "_Monitor", stack: str) -> None:
    loop = asyncio.get_running_loop()
    # One thread: the SDK gives each thread that serves a call an event loop and never closes it.
    with ThreadPoolExecutor(max_workers=1) as pool:
        loop.set_default_executor(pool)
        SETTINGS.outputs.clear()
        mocks.set_mocks(monitor.mocks, "polyglot", stack, monitor.preview, monitor=monitor)

        def program() -> None:
            build()

        try:
            await run_pulumi_func(program)
        finally:
            await loop.run_in_executor(pool, _close_loop)


def _close_loop() -> None:
    try:
        loop = asyncio.get_event_loop()
    except RuntimeError:
        return
    loop.close()
    asyncio.set_event_loop(None)


class _Mocks(mocks.Mocks):
    def __init__(self, recorded: Recorded, preview: bool, answers: Mapping[str, Mapping[str, Any]]) -> None:
        self._recorded, self._preview, self._answers = recorded, preview, answers
        self.made_elsewhere: dict[str, mocks.MockMonitor.ResourceRegistration] = {}

    def call(self, args: mocks.MockCallArgs) -> Any:
        given = _unwrapped(args.args)
        self._recorded.calls.append((args.token, given))
        replaced = self._answers.get(args.token)
        return {**given, **(answer(args.token, given) if replaced is None else replaced)}, []

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        inputs = _unwrapped(args.inputs)
        if not args.custom and not args.typ.startswith("awsx:"):
            return "", {}
        if self._preview and not args.resource_id:
            return "", inputs
        identity, state = computed(kind(args.typ), args.name, inputs, args.resource_id)
        return identity, {key: self._referable(value) for key, value in state.items()}

    def _referable(self, value: Any) -> Any:
        """Resources of a remote component as the engine hands them over: by URN, their state to be asked for."""
        if not isinstance(value, list) or not any(isinstance(item, Reference) for item in value):
            return value
        references = []
        for item in value:
            urn = f"urn:pulumi:staging::polyglot::{item.type}::{item.name}"
            self.made_elsewhere[urn] = mocks.MockMonitor.ResourceRegistration(
                urn, item.id, {**item.state, "id": item.id}
            )
            references.append({rpc._special_sig_key: rpc._special_resource_sig, "urn": urn, "id": item.id})
        return references


class _Monitor(mocks.MockMonitor):
    def __init__(self, recorded: Recorded, preview: bool, answers: Mapping[str, Mapping[str, Any]]) -> None:
        made = _Mocks(recorded, preview, answers)
        super().__init__(made)
        self.resources = made.made_elsewhere
        self.recorded, self.preview = recorded, preview

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """With all parents' types, as the engine does; the SDK's own keeps the last one only."""
        types = [part for part in parent.split("::")[2].split("$") if part != "pulumi:pulumi:Stack"] if parent else []
        return "urn:pulumi:" + "::".join([*self.urn_start, "$".join([*types, type_]), name])

    @property
    def urn_start(self) -> list[str]:
        """Stack and project."""
        return [pulumi.get_stack(), pulumi.get_project()]

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the SDK's name
        response = super().RegisterResource(request)
        if request.type == "pulumi:pulumi:Stack":
            return response
        self.recorded.resources.append(
            Registered(
                type=request.type,
                name=request.name,
                urn=response.urn,
                parent="" if "pulumi:pulumi:Stack" in request.parent.split("$")[-1] else request.parent,
                inputs=_unwrapped(rpc.deserialize_properties(request.object)),
                # Not from the response: to read a reference in it would make a resource in this thread's event loop.
                outputs=_unwrapped(self.resources[response.urn].state),
                id=response.id,
                custom=request.custom,
                provider=request.provider,
                protect=request.protect,
                retain_on_delete=request.retainOnDelete,
                delete_before_replace=request.deleteBeforeReplace,
                ignore_changes=tuple(request.ignoreChanges),
                replace_on_changes=tuple(request.replaceOnChanges),
                depends_on=tuple(request.dependencies),
            )
        )
        return response

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802 - the SDK's name
        urn = "" if "::pulumi:pulumi:Stack::" in request.urn else request.urn
        self.recorded.component_outputs[urn] = _unwrapped(rpc.deserialize_properties(request.outputs))
        return empty_pb2.Empty()


def _unwrapped(value: Any) -> Any:
    """`value` without the wrappers of secrets and outputs, whole numbers as int."""
    if isinstance(value, Mapping):
        if rpc._special_sig_key in value and "value" in value:
            return _unwrapped(value["value"])
        return {key: _unwrapped(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_unwrapped(item) for item in value]
    # The wire has one kind of number.
    return int(value) if isinstance(value, float) and value.is_integer() else value
