"""From `pulumi config` to settings, and from a mistake to a line that says how to mend it."""

import difflib
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, get_args

import pulumi
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from infra.settings.model import Settings

NAMESPACE: Final = "polyglot"


class SettingsError(pulumi.RunError):
    """The stack's configuration is wrong; the message names every key, its value, what is allowed and an example.

    A `RunError`, so that the engine prints the message without a stack trace.
    """


def load() -> Settings:
    """The settings of the running stack. Raises SettingsError."""
    config = pulumi.Config(NAMESPACE)
    raw = {name: config.get(name) for name in Settings.model_fields}
    unknown = _unknown_keys()
    return parse({**{name: text for name, text in raw.items() if text is not None}, **unknown})


def parse(raw: Mapping[str, Any]) -> Settings:
    """Settings from the values under the namespace: text as Pulumi gives it (objects as JSON), or plain objects.

    Raises SettingsError.
    """
    try:
        return Settings.model_validate({name: _decoded(value) for name, value in raw.items()})
    except ValidationError as error:
        raise SettingsError(_headline(error) + "".join(f"\n  {line}" for line in describe(error))) from None


def _decoded(value: object) -> object:
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _unknown_keys() -> dict[str, str]:
    """Keys of our namespace that no section has; `pulumi.Config` cannot list keys, its environment can."""
    from pulumi.runtime.config import CONFIG  # noqa: PLC0415 - the engine fills it before the program starts

    prefix = f"{NAMESPACE}:"
    names = (key.removeprefix(prefix) for key in CONFIG.get() if key.startswith(prefix))
    return {name: "" for name in names if name not in Settings.model_fields}


def _headline(error: ValidationError) -> str:
    count = error.error_count()
    return f"{count} mistake{'s' if count > 1 else ''} in this stack's configuration:"


def describe(error: ValidationError) -> Iterator[str]:
    """One line for each mistake: key, value, what is allowed, and the command that would set an example."""
    for problem in error.errors(include_url=False):
        path = [part for part in problem["loc"] if part != "[key]"]
        key = ".".join(str(part) for part in path)
        message = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            yield f"{NAMESPACE}:{key}: there is no such key{_meant(path)}"
        elif problem["type"] == "missing":
            yield f"{NAMESPACE}:{key}: is not set{_example(path)}"
        elif problem["type"] == "value_error":
            # A rule between keys names them itself, one rule to a line.
            joint = ": " if _is_leaf(path) else "." if key else ""
            yield from (f"{NAMESPACE}:{key}{joint}{part}" for part in message.split("; and "))
        else:
            allowed = _described(path) if problem["type"] == "string_pattern_mismatch" else None
            what = f"must be {allowed}" if allowed else message
            yield f"{NAMESPACE}:{key}: {_shown(problem['input'])} is wrong: {what}{_example(path)}"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"  # noqa: PLR2004 - one line of a terminal


def _section(path: list[int | str]) -> type[BaseModel] | None:
    model: type[BaseModel] | None = Settings
    for part in path[:-1]:
        field = model.model_fields.get(str(part)) if model else None
        model = _model_of(field) if field else None
    return model


def _model_of(field: FieldInfo) -> type[BaseModel] | None:
    kinds = [field.annotation, *get_args(field.annotation)]
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)


def _meant(path: list[int | str]) -> str:
    section = _section(path)
    if section is None:
        return ""
    names = list(section.model_fields)
    close = difflib.get_close_matches(str(path[-1]), names, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; allowed are {', '.join(names)}"


def _facts(path: list[int | str]) -> Iterator[FieldInfo]:
    """What the field at `path` says of itself, also inside `X | None` and `tuple[X, ...]`."""
    names = [part for part in path if isinstance(part, str)]
    section = _section([*names[:-1], ""]) if names else None
    field = section.model_fields.get(names[-1]) if section else None
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


def _is_leaf(path: list[int | str]) -> bool:
    """Whether the path leads to a value, not to a section or the whole."""
    field = next(_facts(path), None)
    return field is not None and _model_of(field) is None


def _described(path: list[int | str]) -> str | None:
    return next((field.description for field in _facts(path) if field.description), None)


def _example(path: list[int | str]) -> str:
    examples = next((field.examples for field in _facts(path) if field.examples), None)
    if not examples:
        return ""
    dotted = ".".join(str(part) for part in path)
    flag = "--path " if "." in dotted else ""
    return f"; for example `pulumi config set {flag}{NAMESPACE}:{dotted} {examples[0]}`"
