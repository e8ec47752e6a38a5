"""What a resource type takes and gives, derived from the provider's own Python SDK.

A type's module is imported only when it is first used, and the result is kept in the cache folder: an SDK module of AWS
takes about a second to import. Names come from the SDK's getters, types from their annotations, and an input is required
when the constructor of its `…Args` class gives it no default.
"""

import importlib
import importlib.metadata
import importlib.util
import inspect
import json
import os
import re
import sys
import tempfile
import typing
import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import Enum
from functools import cache
from pathlib import Path
from types import ModuleType

from infra.engine import cache_folder

FORMAT = 2  # of the cached files


@dataclass(frozen=True)
class Shape:
    """The type of a value: `kind` is str, int, float, bool, any, asset, enum, list, map, object or union."""

    kind: str
    of: tuple["Shape", ...] = ()
    """The element of a list or map; the members of a union."""
    name: str = ""
    """Of an object: its key in `Schema.objects`."""
    values: tuple[str, ...] = ()
    """Of an enum."""


@dataclass(frozen=True)
class Object:
    """Properties by their wire name, and which of them must be given."""

    properties: Mapping[str, Shape]
    required: tuple[str, ...] = ()


@dataclass
class Schema:
    """A resource type: inputs, the nested objects they use, and the names of the outputs."""

    inputs: Object
    outputs: tuple[str, ...]
    objects: dict[str, Object] = field(default_factory=dict)


class UnknownTypeError(Exception):
    """The provider's SDK has no such resource type."""


_SCALARS: dict[object, str] = {str: "str", int: "int", float: "float", bool: "bool"}


class _Reader:
    """Walks the annotations of one SDK; collects nested objects as it meets them."""

    def __init__(self) -> None:
        self.objects: dict[str, Object] = {}

    def shape(self, annotation: object) -> Shape:
        """The shape of an annotation, `Input` and `Optional` unwrapped."""
        from pulumi import _types  # noqa: PLC0415 - only when the cache has no answer

        annotation = _types.unwrap_type(typing.cast("type", annotation))
        if annotation in _SCALARS:
            return Shape(_SCALARS[annotation])
        origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
        if origin is not None:
            return self._generic(origin, arguments)
        if isinstance(annotation, type):
            return self._class(annotation)
        return Shape("any")

    def _generic(self, origin: object, arguments: tuple[object, ...]) -> Shape:
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return Shape("map", (self.shape(arguments[1]),))
        if isinstance(origin, type) and issubclass(origin, typing.Sequence):
            return Shape("list", (self.shape(arguments[0]),))
        plumbing = ("Awaitable", "Output", "NoneType")
        members = [item for item in arguments if getattr(item, "__name__", "") not in plumbing]
        shapes = tuple(dict.fromkeys(self.shape(item) for item in members))
        # A relaxed enum (`Union[str, Runtime]`) is held to the values that the SDK knows.
        enums = tuple(shape for shape in shapes if shape.kind == "enum")
        if enums and all(shape.kind in {"enum", "str"} for shape in shapes):
            return enums[0]
        return shapes[0] if len(shapes) == 1 else Shape("union", shapes)

    def _class(self, annotation: type) -> Shape:
        from pulumi import Archive, Asset, _types  # noqa: PLC0415

        if issubclass(annotation, Enum):
            return Shape("enum", values=tuple(str(item.value) for item in annotation))
        if issubclass(annotation, Asset | Archive):
            return Shape("asset")
        if not _types.is_input_type(annotation):
            return Shape("any")
        name = f"{annotation.__module__}.{annotation.__qualname__}"
        if name not in self.objects:
            self.objects[name] = Object({})  # against endless recursion; types may contain themselves
            self.objects[name] = self.object(annotation)
        return Shape("object", name=name)

    def object(self, cls: type) -> Object:
        """An input class's properties."""
        from pulumi import Output, _types  # noqa: PLC0415

        wire = _types.input_type_py_to_pulumi_names(cls)
        module = vars(sys.modules[cls.__module__])
        # From the getters, because `input_type_types` unwraps what may be left out and what may be an output.
        getters = {
            name: get
            for name, get in inspect.getmembers(cls, lambda member: isinstance(member, property))
            if name in wire
        }
        hints = {
            wire[name]: typing.get_type_hints(get.fget, module, {"Output": Output, "T": type(None)})
            for name, get in getters.items()
        }
        properties = {name: self.shape(hint["return"]) for name, hint in hints.items()}
        arguments = list(inspect.signature(cls).parameters.values())
        required = [wire[item.name] for item in arguments if item.name in wire and item.default is item.empty]
        return Object(properties, tuple(required))


@cache
def _tables(package: str) -> tuple[dict[str, tuple[str, str]], dict[str, tuple[str, str]]]:
    """Resource and provider tokens of an SDK -> (module, class), read from its source without importing it."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise UnknownTypeError(f"the Python package {package} is not installed")
    source = Path(spec.origin).read_text(encoding="utf-8")
    modules = re.search(r'resource_modules="""(.*?)"""', source, re.DOTALL)
    packages = re.search(r'resource_packages="""(.*?)"""', source, re.DOTALL)
    resources = {
        type_: (entry["fqn"], cls)
        for entry in (json.loads(modules.group(1)) if modules else [])
        for type_, cls in entry["classes"].items()
    }
    providers = {
        entry["token"]: (entry["fqn"], entry["class"]) for entry in (json.loads(packages.group(1)) if packages else [])
    }
    return resources, providers


def resource_class(package: str, type_: str) -> type:
    """The SDK's class of a resource type; its module is loaded.

    Raises:
        UnknownTypeError: the SDK has no such type.

    """
    resources, providers = _tables(package)
    found = resources.get(type_) or providers.get(type_)
    if found is None:
        raise UnknownTypeError(f"{type_} is not a resource type of {package} {importlib.metadata.version(package)}")
    with warnings.catch_warnings():
        # The SDK's modules warn of their own older parts when they are first used.
        warnings.simplefilter("ignore", DeprecationWarning)
        resource: type = getattr(importlib.import_module(found[0]), found[1])
    return resource


def derive(package: str, type_: str) -> Schema:
    """Read a type's schema from the SDK.

    Raises:
        UnknownTypeError: the SDK has no such type.

    """
    from pulumi import _types  # noqa: PLC0415

    resource = resource_class(package, type_)
    module = importlib.import_module(resource.__module__)
    reader = _Reader()
    inputs = reader.object(_arguments(resource, module))
    # Names only: resolving the annotations of all outputs would cost as much as the rest together.
    outputs = tuple(name for _, name, _ in _types._py_properties(resource))  # noqa: SLF001
    return Schema(inputs, outputs, reader.objects)


def _arguments(resource: type, module: ModuleType) -> type:
    """A resource's `…Args`; `…InitArgs` where a nested type has taken that name."""
    named = (getattr(module, f"{resource.__name__}{suffix}", None) for suffix in ("InitArgs", "Args"))
    own = [cls for cls in named if isinstance(cls, type) and cls.__module__ == module.__name__]
    return own[0]


def load(package: str, type_: str) -> Schema:
    """A type's schema, from the cache when this version of the SDK has been read before."""
    folder = cache_folder() / "schemas" / f"{package}-{_version(package)}-{FORMAT}"
    path = folder / (re.sub(r"[^A-Za-z0-9]+", "-", type_) + ".json")
    if path.is_file():
        return _read(path)
    schema = derive(package, type_)
    folder.mkdir(parents=True, exist_ok=True)
    # Written aside and moved: several stand-ins may derive the same type at once.
    descriptor, name = tempfile.mkstemp(dir=folder)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(schema), file)
    Path(name).replace(path)
    return schema


@cache
def _version(package: str) -> str:
    return importlib.metadata.version(package.replace("_", "-"))


@cache
def _read(path: Path) -> Schema:
    return _from_json(json.loads(path.read_text(encoding="utf-8")))


def _shape_from_json(data: typing.Any) -> Shape:  # noqa: ANN401 - JSON
    return Shape(
        data["kind"], tuple(_shape_from_json(item) for item in data["of"]), data["name"], tuple(data["values"])
    )


def _object_from_json(data: typing.Any) -> Object:  # noqa: ANN401 - JSON
    shapes = {name: _shape_from_json(item) for name, item in data["properties"].items()}
    return Object(shapes, tuple(data["required"]))


def _from_json(data: typing.Any) -> Schema:  # noqa: ANN401 - JSON
    objects = {name: _object_from_json(item) for name, item in data["objects"].items()}
    return Schema(_object_from_json(data["inputs"]), tuple(data["outputs"]), objects)
