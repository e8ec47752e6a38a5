"""An intake as the model of a medical assistant takes it: which question is asked next follows from the tools on offer
and from what the last of them answered.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from babel.dates import format_date, get_month_names
from pydantic import JsonValue, ValidationError

from contracts.languages import is_stop
from contracts.tools import (
    TOOL_ALLERGIES,
    TOOL_CONSENT,
    TOOL_FINISH,
    TOOL_HAND_OVER,
    TOOL_HISTORY,
    TOOL_MEDICINES,
    TOOL_PERSON,
    TOOL_SYMPTOMS,
    IntakeReply,
    ToolProblem,
)
from emulator.lexicon.intake import LANGUAGES, IntakeWords, intake_words
from emulator.mind.conversation import Called, Reply, Request, Returned, Said
from emulator.mind.dates import fold
from emulator.mind.detect import detect
from emulator.mind.phrases import find
from emulator.mind.prompt import named_language, only_language
from emulator.mind.speaking import locale_of

UPDATE_NAME: Final = "update_name"
UPDATE_BIRTH: Final = "update_dob"
UPDATE_PHONE: Final = "update_phone_number"
CONFIRM: Final = {UPDATE_NAME: "confirm_name", UPDATE_BIRTH: "confirm_dob", UPDATE_PHONE: "confirm_phone_number"}
"""Of the library's own tasks."""
SECTIONS: Final = {
    "symptoms": TOOL_SYMPTOMS,
    "history": TOOL_HISTORY,
    "allergies": TOOL_ALLERGIES,
    "medicines": TOOL_MEDICINES,
}
_CENTURY: Final = 100
_BEFORE: Final = 1900
_DAYS: Final = 31
_DAY_AND_MONTH: Final = 2
_NAMES: Final = 2
_DIGITS: Final = range(7, 16)
_SHORT: Final = 4
"""Words of an answer that only says that there is none."""


def decide(request: Request) -> Reply | None:
    """The next question or tool; None where no intake is being taken."""
    on_offer = {tool.name for tool in request.tools}
    step = next((name for name in (UPDATE_NAME, UPDATE_BIRTH, UPDATE_PHONE) if name in on_offer), None)
    if step is None and TOOL_CONSENT not in on_offer:
        return None
    said = next((item.text for item in reversed(request.items) if isinstance(item, Said) and item.role == "user"), "")
    code = _language(request)
    words = intake_words(code)
    last = request.items[-1] if request.items else None
    heard = said if isinstance(last, Said) and last.role == "user" else None
    if heard is not None and is_stop(heard):
        return Reply(code)
    if heard is not None and _says(words.person, heard) and TOOL_PERSON in on_offer:
        return Reply(code, tool=TOOL_PERSON)
    if heard is not None and step is None and _says(words.flights, heard) and TOOL_HAND_OVER in on_offer:
        return Reply(code, tool=TOOL_HAND_OVER, arguments={"to": "flights"})
    if step is not None:
        return _identity(request, step, heard, code)
    return _history(request, heard, code)


def _language(request: Request) -> str:
    only = only_language(request.instructions)
    if only is not None:
        return only if only in LANGUAGES else "en"
    code = named_language(request.instructions) or "en"
    for item in request.items:
        if isinstance(item, Said) and item.role == "user" and (found := detect(item.text, code)) in LANGUAGES:
            code = found
    return code if code in LANGUAGES else "en"


def _identity(request: Request, step: str, heard: str | None, code: str) -> Reply:
    words, answers = intake_words(code), intake_words(code).answers
    ask = {UPDATE_NAME: answers.name, UPDATE_BIRTH: answers.date_of_birth, UPDATE_PHONE: answers.phone}[step]
    called = next((item for item in reversed(request.items) if isinstance(item, Called) and item.name == step), None)
    if heard is None:
        returned = request.items and isinstance(request.items[-1], Returned)
        return Reply(code, _read_back(step, called.arguments, code) if returned and called is not None else ask)
    confirm = request.tool(CONFIRM[step])
    if confirm is not None and _says(words.yes, heard):
        return Reply(code, tool=confirm.name)
    read: Callable[[str, str], Mapping[str, JsonValue] | None]
    read = {UPDATE_NAME: _name, UPDATE_BIRTH: _birth, UPDATE_PHONE: _phone}[step]
    arguments = read(heard, code)
    return Reply(code, ask) if arguments is None else Reply(code, tool=step, arguments=arguments)


def _read_back(step: str, said: Mapping[str, JsonValue], code: str) -> str:
    answers = intake_words(code).answers
    if step == UPDATE_NAME:
        return answers.name_right.format(name=f"{said.get('first_name')} {said.get('last_name')}")
    if step == UPDATE_PHONE:
        return answers.phone_right.format(phone=" ".join(re.findall(r"\+?\d{1,3}", str(said.get("phone_number")))))
    try:
        born = date(*(int(str(said.get(part))) for part in ("year", "month", "day")))
    except ValueError:
        return answers.date_of_birth
    return answers.date_of_birth_right.format(date=format_date(born, "long", locale=locale_of(code)))


def _name(heard: str, code: str) -> Mapping[str, JsonValue] | None:
    folded = heard.strip(" .!")
    for before in sorted(intake_words(code).i_am, key=len, reverse=True):
        found = re.search(rf"(?i)\b{re.escape(before)}\b\s*", folded)
        if found:
            folded = folded[found.end() :]
            break
    parts = [part.strip(",.;") for part in folded.split() if part.strip(",.;").isalpha() or "-" in part]
    if len(parts) < _NAMES or len(parts) > _NAMES * 3:
        return None
    return {"first_name": parts[0].title(), "middle_name": None, "last_name": " ".join(parts[1:]).title()}


def _birth(heard: str, code: str) -> Mapping[str, JsonValue] | None:
    months = {fold(name): number for number, name in get_month_names("wide", locale=locale_of(code)).items()}
    folded = fold(heard)
    month = next((number for name, number in months.items() if re.search(rf"\b{re.escape(name)}\b", folded)), 0)
    numbers = [int(number) for number in re.findall(r"\d+", folded)]
    year = next((number for number in numbers if number > _DAYS), 0)
    small = [number for number in numbers if number != year]
    if not month and len(small) == _DAY_AND_MONTH:
        month_first = code == "en" or numbers[0] == year
        month = small.pop(0 if month_first else 1)
    try:
        born = date(year + (_BEFORE if year < _CENTURY else 0), month, small[0] if small else 0)
    except ValueError:
        return None
    return {"year": born.year, "month": born.month, "day": born.day}


def _phone(heard: str, code: str) -> Mapping[str, JsonValue] | None:
    del code
    digits = re.sub(r"\D", "", heard)
    plus = "+" if "+" in heard else ""
    return {"phone_number": plus + digits} if len(digits) in _DIGITS else None


def _history(request: Request, heard: str | None, code: str) -> Reply:
    words = intake_words(code)
    replies = [found for item in request.items if isinstance(item, Returned) and (found := _reply(item)) is not None]
    known = [one for one in replies if isinstance(one, IntakeReply)]
    if heard is None:
        last = _reply(request.items[-1]) if request.items and isinstance(request.items[-1], Returned) else None
        return Reply(code, _question(last, words) if last is not None else words.answers.consent)
    if not known:
        return _consent(heard, code)
    if known[-1].done is None and known[-1].next is None:
        agreed = _says(words.yes, heard) and request.tool(TOOL_FINISH) is not None
        return Reply(code, tool=TOOL_FINISH) if agreed else Reply(code, words.answers.change)
    if known[-1].next is None:
        return Reply(code, _question(known[-1], words))
    tool = SECTIONS[known[-1].next]
    return Reply(code, tool=tool, arguments=_entries(known[-1].next, heard, words))


def _consent(heard: str, code: str) -> Reply:
    words = intake_words(code)
    if _says(words.yes, heard):
        return Reply(code, tool=TOOL_CONSENT, arguments={"agreed": True})
    refused = _says(words.no, heard)
    return (
        Reply(code, tool=TOOL_CONSENT, arguments={"agreed": False}) if refused else Reply(code, words.answers.consent)
    )


def _entries(section: str, heard: str, words: IntakeWords) -> dict[str, JsonValue]:
    text = heard.strip(" .")
    none = _says(words.none, heard) and len(text.split()) <= _SHORT
    if section == "symptoms":
        strong = re.search(r"(\d+)\s+(?:" + "|".join(map(re.escape, words.out_of_ten)) + ")", fold(heard))
        since = re.search(r"\b((?:" + "|".join(map(re.escape, words.since)) + r")\b[^,.;]{2,40})", text, re.IGNORECASE)
        one: dict[str, JsonValue] = {
            "what": text[:300],
            "since": since[1].strip() if since else None,
            "severity": min(int(strong[1]), 10) if strong else None,
        }
        return {"symptoms": [] if none else [one]}
    parts = [part for part in re.split("|".join(map(re.escape, words.joins)), text) if part.strip()]
    if section == "medicines":
        medicines: list[JsonValue] = [
            {"name": part.strip()[:80], "dose": _dose(part), "how_often": None} for part in parts
        ]
        return {"medicines": [] if none else medicines}
    return {"entries": [] if none else [part.strip() for part in parts]}


def _dose(text: str) -> JsonValue:
    found = re.search(r"\d+\s*(?:mg|ml|g|miligramos|milligrams?|gotas|drops)\b", text, re.IGNORECASE)
    return found[0] if found else None


def _question(reply: IntakeReply | ToolProblem, words: IntakeWords) -> str:
    answers = words.answers
    if isinstance(reply, ToolProblem):
        return answers.problem
    if reply.done is not None:
        return {"complete": answers.complete, "declined": answers.declined, "red_flag": answers.complete}[reply.done]
    return str(getattr(answers, reply.next)) if reply.next is not None else answers.check


def _reply(item: Returned) -> IntakeReply | ToolProblem | None:
    for kind in (IntakeReply, ToolProblem):
        try:
            return kind.model_validate_json(item.output)
        except ValidationError:
            continue
    return None


def _says(phrases: tuple[str, ...], heard: str) -> bool:
    return find(phrases, fold(heard), spaced=True) is not None
