"""Writes the page's checks of what comes over the wire from the contracts and the API's own models.

`ui/src/api/fields.toml` says which models the page takes and which of their fields it reads; types, formats, defaults
and what may be null come from here. `make schemas` writes the files; with `--check` it is said which differ.
"""

import json
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api.access.schemas import Key, Keys, MadeKey
from api.calls.revisions import Revisions
from api.calls.schemas import CallBrief, CallDetail, CallPage, Erased, Outcomes, Timeline
from api.health.routes import AgentHealth, Status
from api.oversight.schemas import AlertBook, Budget, Models, PrivacyBook, SignIn, Who
from api.places.schemas import AirportPositions, PlacesFound
from api.recordings.schemas import Handling
from api.webhooks.schemas import Deliveries, MadeWebhook, Webhooks
from contracts.alerts import Alerts, MadeAlert
from contracts.desk import DeskToken, HandoffOffer
from contracts.flights import QUOTED
from contracts.problems import Problem
from contracts.room import (
    LanguageRequest,
    NoticeMessage,
    ResultsMessage,
    ShowRequest,
    StopReply,
)
from contracts.screen import Screen
from contracts.sessions import SessionStarted, SessionStatus
from contracts.trips import Comparison, OfferCheck, PriceCalendar, SharedTrip

UI: Final = Path(__file__).resolve().parents[1] / "ui" / "src"
FIELDS: Final = UI / "api" / "fields.toml"
MESSAGES: Final[tuple[type[BaseModel], ...]] = (
    *(
        AgentHealth,
        AirportPositions,
        AlertBook,
        Alerts,
        Budget,
        CallBrief,
        CallDetail,
        CallPage,
        Comparison,
        Deliveries,
        DeskToken,
    ),
    *(
        Erased,
        Handling,
        HandoffOffer,
        Key,
        Keys,
        LanguageRequest,
        MadeAlert,
        MadeKey,
        MadeWebhook,
        Models,
        NoticeMessage,
    ),
    *(OfferCheck, Outcomes, PlacesFound, PriceCalendar, PrivacyBook, Problem, ResultsMessage, Screen, SessionStarted),
    *(Revisions, SessionStatus, SharedTrip, ShowRequest, SignIn, Status, StopReply, Timeline, Webhooks, Who),
)
PARTS: Final = {"page": "api", "trips": "api", "desk": "desk"}
"""Files by their folder, each with what those before it do not have: who talks fetches nothing of the others."""
CURRENCIES: Final = UI / "lib" / "currencies.generated.ts"
HEAD: Final = "/** Written by `make schemas` from the contracts and `fields.toml`; not by hand. */\n"

Schema = Mapping[str, Any]


class SelectionError(Exception):
    """`fields.toml` asks for what there is not."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What the page reads of one model."""

    fields: tuple[str, ...]
    grows: frozenset[str]
    """Fields whose closed list may get longer before an open page is loaded again: any text is taken."""
    checks: Mapping[str, str]
    """Fields with a check of `parts.ts` that says more than the contract."""


def definitions() -> dict[str, Schema]:
    """Every model and enum, by name, as it is sent."""
    _, whole = models_json_schema([(model, "serialization") for model in MESSAGES])
    return {short(name): schema for name, schema in whole["$defs"].items()}


def short(name: str) -> str:
    """A definition's name; of two models of one name, which pydantic tells apart by their modules, with the module's."""
    *modules, own = name.split("__")
    return f"{modules[-1].title()}{own}" if modules else own


def selections(text: str) -> dict[str, dict[str, Selection]]:
    """By file and model."""
    return {
        part: {
            name: Selection(tuple(one.get("fields", ())), frozenset(one.get("grows", ())), one.get("checks", {}))
            for name, one in models.items()
        }
        for part, models in tomllib.loads(text).items()
    }


class Writer:
    """One generated file."""

    def __init__(
        self, known: Mapping[str, Schema], chosen: Mapping[str, Selection], lent: Mapping[str, "Writer"]
    ) -> None:
        """`lent`: other files by their address, whose checks are imported."""
        self._known = known
        self._chosen = chosen
        self._lent = lent
        self.lines: dict[str, str] = {}
        self._imports: dict[str, set[str]] = {}
        self._parts: set[str] = set()
        for name in chosen:
            self._write(name)

    def text(self) -> str:
        """The file."""
        body = "".join(self.lines.values())
        own = f"import {{ {', '.join(sorted(self._parts))} }} from '@/api/parts.ts';\n" if self._parts else ""
        lent = "".join(
            f"import {{ {', '.join(sorted(names))} }} from '{address}';\n" for address, names in self._imports.items()
        )
        return f"{HEAD}import * as z from 'zod/mini';\n{lent}{own}\n{body}"

    def _write(self, name: str) -> str:
        """Write a model once, what it is made of before it; the name of its check."""
        check = f"{name[0].lower()}{name[1:]}Schema"
        for address, other in self._lent.items():
            if name in other.lines:
                self._imports.setdefault(address, set()).add(check)
                return check
        if name not in self.lines:
            try:
                schema = self._known[name]
            except KeyError:
                raise SelectionError(f"{name}: there is no such model; add it to tools/page_schemas.py") from None
            value = self._enum(schema) if "enum" in schema else self._object(name, schema)
            self.lines[name] = f"export const {check} = {value};\nexport type {name} = z.infer<typeof {check}>;\n"
        return check

    def _object(self, name: str, schema: Schema) -> str:
        chosen = self._chosen.get(name)
        if chosen is None:
            raise SelectionError(f"{name}: is part of a message; fields.toml must say which fields of it are read")
        missing = [field for field in chosen.fields if field not in schema["properties"]]
        if missing:
            there = ", ".join(schema["properties"])
            raise SelectionError(f"{name}: has no {', '.join(missing)}; it has {there}")
        return f"z.object({{ {', '.join(self._fields(chosen, schema['properties']))} }})"

    def _fields(self, chosen: Selection, fields: Mapping[str, Schema]) -> Iterator[str]:
        for name in chosen.fields:
            schema = fields[name]
            if name in chosen.checks:
                value = self._part(chosen.checks[name])
            elif name in chosen.grows:
                value = self._value(_open(schema))
            else:
                value = self._value(schema)
            default = schema.get("default")
            if default is not None and "const" not in schema and not value.startswith("optional("):
                value = f"z._default({value}, {_literal(default)})"
            yield f"{name}: {value}"

    def _value(self, schema: Schema) -> str:  # noqa: PLR0911 - one for each kind
        if "$ref" in schema:
            return self._write(short(schema["$ref"].rpartition("/")[2]))
        if "const" in schema:
            return f"z.literal({_literal(schema['const'])})"
        if "enum" in schema:
            return self._enum(schema)
        if "anyOf" in schema:
            return self._any(schema["anyOf"])
        match schema.get("type"):
            case "string":
                return self._string(schema)
            case "integer" | "number":
                least = schema.get("minimum", schema.get("exclusiveMinimum"))
                return self._part("count") if least == 0 else f"z.number(){f'.check(z.gte({least}))' if least else ''}"
            case "boolean":
                return "z.boolean()"
            case "array":
                item = self._value(schema["items"])
                return f"z.array({item}){'.check(z.minLength(1))' if schema.get('minItems') else ''}"
            case "object":
                inner = schema.get("additionalProperties", True)
                return f"z.record(z.string(), {self._value(inner) if isinstance(inner, dict) else 'z.unknown()'})"
            case _:
                return "z.unknown()"

    def _any(self, kinds: list[Schema]) -> str:
        values = [self._value(kind) for kind in kinds if kind.get("type") != "null"]
        value = values[0] if len(values) == 1 else f"z.union([{', '.join(values)}])"
        return f"{self._part('optional')}({value})" if len(values) < len(kinds) else value

    def _string(self, schema: Schema) -> str:
        known = {"date-time": "moment", "date": "day"}.get(schema.get("format", ""))
        if known:
            return self._part(known)
        pattern = CHECKED.get(schema.get("pattern", ""))
        return self._part(pattern) if pattern else "z.string()"

    def _part(self, name: str) -> str:
        self._parts.add(name)
        return name

    @staticmethod
    def _enum(schema: Schema) -> str:
        return f"z.enum([{', '.join(_literal(value) for value in schema['enum'])}])"


CHECKED: Final = {r"^[A-Z]{3}$": "letters", r"^\d{1,9}(\.\d{1,3})?$": "amount"}
"""Patterns that the page relies on, by the check in `parts.ts`: a currency that `Intl` would throw at, an amount to reckon
with."""


def _open(schema: Schema) -> Schema:
    """A closed list as any text; what may be null still may."""
    if "anyOf" not in schema:
        return {"type": "string"}
    return {"anyOf": [kind if kind.get("type") == "null" else {"type": "string"} for kind in schema["anyOf"]]}


def _literal(value: object) -> str:
    return json.dumps(value, ensure_ascii=False).replace('"', "'")


def files(text: str | None = None) -> dict[Path, str]:
    """What stands in each generated file; `text` stands in for `fields.toml`."""
    known = definitions()
    chosen = selections(FIELDS.read_text("utf-8") if text is None else text)
    lent: dict[str, Writer] = {}
    for part, folder in PARTS.items():
        lent[f"@/{folder}/{part}.generated.ts"] = Writer(known, chosen[part], dict(lent))
    checks = {UI / address.removeprefix("@/"): writer.text() for address, writer in lent.items()}
    return checks | {CURRENCIES: f"{HEAD}export const CURRENCIES: readonly string[] = {_literal(list(QUOTED))};\n"}


def main() -> int:
    """Write, or compare."""
    check = sys.argv[1:] == ["--check"]
    stale = [path for path, text in files().items() if not path.exists() or path.read_text("utf-8") != text]
    for path in stale:
        if not check:
            path.write_text(files()[path], "utf-8")
        sys.stdout.write(f"{'is not' if check else 'wrote'} {path.relative_to(UI.parent)}\n")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
