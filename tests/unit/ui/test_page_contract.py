"""The page spells names, languages and messages as the contracts do."""

import json
import re
from pathlib import Path

import pytest

from contracts import files, names
from contracts.desk import OPERATOR_PREFIX
from contracts.languages import LANGUAGES
from contracts.problems import Problem
from contracts.room import NoticeMessage, ResultsMessage, ShowRequest
from contracts.sessions import SessionStarted, SessionStatus
from contracts.wire import Wire
from tools import page_schemas

UI = Path(__file__).resolve().parents[3] / "ui"
FIXTURES = {
    "results": ResultsMessage,
    "notice": NoticeMessage,
    "session_started": SessionStarted,
    "session_status": SessionStatus,
    "show_request": ShowRequest,
    "problem": Problem,
}


@pytest.mark.parametrize(("name", "model"), FIXTURES.items())
def test_the_messages_that_the_page_is_tested_with_are_valid_and_complete(name: str, model: type[Wire]) -> None:
    text = (UI / "tests" / "fixtures" / f"{name}.json").read_text("utf-8")
    message = model.model_validate_json(text)
    assert set(json.loads(text)) <= set(type(message).model_fields)


def test_no_message_is_left_out() -> None:
    assert {path.stem for path in (UI / "tests" / "fixtures").glob("*.json")} == set(FIXTURES)


def test_the_page_uses_the_names_of_the_contracts() -> None:
    source = (UI / "src" / "features" / "voice" / "names.ts").read_text("utf-8")
    pairs = dict(re.findall(r"export const (\w+) = '([^']+)'", source))
    ours = {name: value for name, value in pairs.items() if hasattr(names, name)}
    assert ours == {name: getattr(names, name) for name in ours}
    assert pairs["OPERATOR_PREFIX"] == OPERATOR_PREFIX
    wanted = {
        "TOPIC_RESULTS",
        "TOPIC_NOTICE",
        "RPC_STOP",
        "RPC_LANGUAGE",
        "RPC_SELECT",
        "RPC_SHOW",
        "ATTRIBUTE_LANGUAGE",
    }
    assert wanted <= set(ours)


def test_the_page_sends_the_files_that_a_call_takes() -> None:
    source = (UI / "src" / "features" / "voice" / "files.ts").read_text("utf-8")
    assert f"TOPIC_FILE = '{files.TOPIC_FILE}'" in source
    assert f"FILE_MOST = {files.FILE_MOST:_}" in source
    assert re.findall(r"'(\w+/\w+)'", source) == list(files.TYPES)


def test_what_the_page_checks_is_what_the_contracts_say_today() -> None:
    stale = [path.name for path, text in page_schemas.files().items() if path.read_text("utf-8") != text]
    assert stale == [], "run `make schemas`"


def test_a_list_that_may_grow_takes_any_text_and_what_may_be_null_still_may() -> None:
    text = "\n".join(page_schemas.files().values())
    assert "end_reason: optional(z.string())" in text
    assert "end_reason: z.string()" not in text
    assert "kind: z.string()" in text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('"gave_up"', '"gives_up"'), "SessionStatus: has no gives_up; it has session_id"),
        (("[page.Carrier]", "[page.Careers]"), "Careers: there is no such model"),
        (('[page.Slice]\nfields = ["segments", "duration_minutes"]\n', ""), "Slice: is part of a message"),
    ],
)
def test_a_selection_of_what_there_is_not_is_refused_with_what_there_is(change: tuple[str, str], words: str) -> None:
    text = page_schemas.FIELDS.read_text("utf-8")
    assert change[0] in text
    with pytest.raises(page_schemas.SelectionError, match=words):
        page_schemas.files(text.replace(*change))


def test_the_page_speaks_the_supported_languages_under_their_own_names() -> None:
    source = (UI / "src" / "i18n" / "languages.ts").read_text("utf-8")
    listed = re.search(r"export const LANGUAGES = \{(.*?)\}", source, re.DOTALL)
    assert listed is not None
    assert dict(re.findall(r"(\w+): '([^']+)'", listed[1])) == {code: lang.name for code, lang in LANGUAGES.items()}
    # Beside them the page can be read in what nobody is spoken to in.
    also = re.search(r"export const PAGE_LANGUAGES = \{ \.\.\.LANGUAGES, (.*?) \}", source)
    assert also is not None
    pages = set(LANGUAGES) | set(re.findall(r"'?([\w-]+)'?: '", also[1]))
    assert {path.stem for path in (UI / "src" / "i18n" / "locales").glob("*.json")} == pages


def test_the_lock_names_no_registry() -> None:
    lock = json.loads((UI / "package-lock.json").read_text("utf-8"))
    assert lock["packages"]
    assert [name for name, entry in lock["packages"].items() if "resolved" in entry] == []
