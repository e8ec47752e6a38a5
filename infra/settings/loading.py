"""From `pulumi config` to settings, and from a mistake to a line that says how to mend it."""

import difflib
import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from enum import Enum
from typing import Any, Final, get_args

import pulumi
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from infra.settings.base import Environment
from infra.settings.model import Settings

NAMESPACE: Final = "polyglot"
Path = Sequence[int | str]


class SettingsError(pulumi.RunError):
    """Names every wrong key, its value, what is allowed and an example; the engine prints it without a stack trace."""


def load(stack: str) -> Settings:
    """The settings of the running stack. Raises SettingsError."""
    from pulumi.runtime.config import CONFIG  # noqa: PLC0415 - the engine fills it before the program starts

    prefix = f"{NAMESPACE}:"
    # `pulumi.Config` cannot list its keys, and those that nobody knows are mistakes too.
    given = {key.removeprefix(prefix): text for key, text in CONFIG.get().items() if key.startswith(prefix)}
    return parse(given, stack)


def of_file(config: Mapping[str, Any], stack: str) -> Settings:
    """The settings of a stack's file: its `config`, keys with their namespaces. Raises SettingsError."""
    prefix = f"{NAMESPACE}:"
    return parse({key.removeprefix(prefix): value for key, value in config.items() if key.startswith(prefix)}, stack)


def parse(raw: Mapping[str, Any], stack: str | None = None) -> Settings:
    """Settings from the values under the namespace: text as Pulumi gives it (objects as JSON), or plain objects.

    `stack`: its name, which must not say another environment than the settings. Raises SettingsError.
    """
    try:
        settings = Settings.model_validate({name: _decoded(value) for name, value in raw.items()})
    except ValidationError as error:
        lines = list(describe(error))
        raise SettingsError(_headline(len(lines)) + "".join(f"\n  {line}" for line in lines)) from None
    said = {word for word in re.split(r"[-_.]", stack or "") if word in set(Environment)}
    if said and said != {settings.environment.value}:
        (name, *_) = sorted(said)
        raise SettingsError(
            f"{_headline(1)}\n  {NAMESPACE}:environment: {settings.environment.value!r} is wrong: the stack is called "
            f"{stack}, so it must be {name!r}; `pulumi config set {NAMESPACE}:environment {name}`"
        )
    return settings


def _decoded(value: object) -> object:
    if isinstance(value, str) and value[:1] in ("{", "["):
        with suppress(ValueError):
            return json.loads(value)
    return value


def _headline(count: int) -> str:
    return f"{count} mistake{'s' if count > 1 else ''} in this stack's configuration:"


def describe(error: ValidationError) -> Iterator[str]:
    """One line for each mistake: key, value, what is allowed, and the command that would set an example."""
    for problem in error.errors(include_url=False):
        path = [part for part in problem["loc"] if part != "[key]"]
        key = dotted(path)
        message = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            yield f"{NAMESPACE}:{key}: there is no such key{_meant(path)}"
        elif problem["type"] == "missing":
            yield f"{NAMESPACE}:{key}: is not set{_example(path)}"
        elif problem["type"] in ("model_type", "model_attributes_type", "dict_type"):
            keys = ", ".join(_fields(path))
            what = f"must be a section with some of {keys}" if keys else "must be a section of names and values"
            yield f"{NAMESPACE}:{key}: {_shown(problem['input'])} is wrong: {what}"
        elif problem["type"] == "value_error" and not _is_leaf(path):
            # A rule between keys names them itself, one rule to a line.
            joint = "." if key else ""
            yield from (f"{NAMESPACE}:{key}{joint}{part}{_example_of(key, part)}" for part in message.split("; and "))
        else:
            allowed = _described(path) if problem["type"] == "string_pattern_mismatch" else None
            what = f"must be {allowed}" if allowed else message.replace("Input should", "input should")
            yield f"{NAMESPACE}:{key}: {_shown(problem['input'])} is wrong: {what}{_example(path)}"


def dotted(path: Path) -> str:
    """A path as `pulumi config set --path` takes it: `aws.zones[0]`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"  # noqa: PLR2004 - one line of a terminal


def _model_at(path: Path) -> type[BaseModel] | None:
    model: type[BaseModel] | None = Settings
    for part in path:
        field = model.model_fields.get(str(part)) if model else None
        model = _model_of(field) if field else None
    return model


def _fields(path: Path) -> list[str]:
    model = _model_at(path)
    return list(model.model_fields) if model else []


def _model_of(field: FieldInfo) -> type[BaseModel] | None:
    kinds = [field.annotation, *get_args(field.annotation)]
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)


def _meant(path: Path) -> str:
    names = _fields(path[:-1])
    if not names:
        return ""
    close = difflib.get_close_matches(str(path[-1]), names, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; allowed are {', '.join(names)}"


def _field(path: Path) -> FieldInfo | None:
    names = [part for part in path if isinstance(part, str)]
    model = _model_at(names[:-1]) if names else None
    return model.model_fields.get(names[-1]) if model else None


def _facts(path: Path) -> Iterator[FieldInfo]:
    """What the field at `path` says of itself, also inside `X | None` and `tuple[X, ...]`."""
    field = _field(path)
    if field is None:
        return
    yield field
    pending: list[object] = [field.annotation, *field.metadata]
    while pending:
        part = pending.pop()
        if isinstance(part, FieldInfo):
            yield part
        else:
            pending += get_args(part)


def _is_leaf(path: Path) -> bool:
    """Whether the path leads to a value, not to a section or the whole."""
    field = _field(path)
    return field is not None and _model_of(field) is None


def _described(path: Path) -> str | None:
    return next((field.description for field in _facts(path) if field.description), None)


def examples(path: Path) -> list[str]:
    """Values for the key as one would type them, one for each place of a list; empty where nothing is typed at once."""
    field = _field(path)
    if field is None or _model_of(field) is not None or str(field.annotation).startswith("dict["):
        return []
    default = field.get_default(call_default_factory=True, validated_data={})
    given = next((fact.examples for fact in _facts(path) if fact.examples), None) or (
        list(default) if isinstance(default, tuple) else [default]
    )
    shown = given if "tuple" in str(field.annotation) and isinstance(path[-1], str) else given[:1]
    return [_typed(value) for value in shown if value is not None and type(value).__name__ != "PydanticUndefinedType"]


def _typed(value: object) -> str:
    plain = value.value if isinstance(value, Enum) else value
    return str(plain).lower() if isinstance(plain, bool) else str(plain)


def command(path: Path) -> str | None:
    """The command that sets an example, to be typed as it is; a list needs one for each of its places."""
    values, field = examples(path), _field(path)
    listed = field is not None and "tuple" in str(field.annotation) and isinstance(path[-1], str)
    lines = []
    for index, value in enumerate(values):
        key = dotted([*path, index] if listed else path)
        flag = "--path " if "." in key or "[" in key else ""
        lines.append(f"pulumi config set {flag}{shlex.quote(f'{NAMESPACE}:{key}')} {shlex.quote(value)}")
    return " && ".join(lines) or None


def _example(path: Path) -> str:
    text = command(path)
    return f"; for example `{text}`" if text else ""


def _example_of(section: str, rule: str) -> str:
    """The example of the key with which a rule between keys begins."""
    named = re.match(r"[a-z_.]+(?=:)", rule)
    if named is None or "`" in rule:
        return ""
    return _example([part for part in f"{section}.{named.group(0)}".split(".") if part])
