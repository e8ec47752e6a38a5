"""The supported languages, one TOML file each: names, stop words and every line the product says by itself.

A language is added by adding its file here, its words in the emulator's lexicon and its texts in the page.
"""

import tomllib
import unicodedata
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType
from typing import Final

from pydantic import BaseModel, ConfigDict

DEFAULT_LANGUAGE: Final = "en"


class SpokenLines(BaseModel):
    """Lines that must exist in every language, because they are said when a model cannot be asked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    greeting: str
    searching: str
    """Filler while a search runs longer than a second."""
    still_searching: str
    one_moment: str
    """Nothing has come of a question for some seconds, and nothing has failed yet."""
    search_unavailable: str
    """The API or every fare source failed."""
    model_unavailable: str
    """The language model failed: the question was heard, no answer could be made."""
    hearing_unavailable: str
    """Speech recognition failed."""
    voice_unavailable: str
    """Speech synthesis failed: answers go on in writing."""
    pipeline_switched: str
    """The realtime connection was lost for good and the call went on as cascade."""
    agent_missing: str
    """No agent joined; said by the page or by a client, never by the agent."""
    request_rejected: str
    """The agent refused the session's settings."""
    resumed: str
    """A new agent took over a call."""
    not_understood: str
    """Speech was heard and no words were made out."""
    ending_soon: str
    """The call may go on for one more minute."""
    are_you_there: str
    goodbye: str


class Language(BaseModel):
    """One supported language."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str
    """ISO 639-1, the project's key everywhere."""
    tag: str
    """BCP 47 tag with the region assumed for numbers and voices, for example `pt-BR`."""
    name: str
    """In the language itself."""
    english_name: str
    currency: str
    """ISO 4217 currency quoted when the user names none."""
    stop_words: tuple[str, ...]
    """Whole utterances that mean "be silent", compared after `normalise`."""
    lines: SpokenLines


def normalise(text: str) -> str:
    """Case-folded text without punctuation, in single spaces; accents stay.

    >>> normalise(" ¡Para, por favor! ")
    'para por favor'
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    kept = "".join(" " if unicodedata.category(char)[0] in "PSZC" else char for char in folded)
    return " ".join(kept.split())


def _load() -> Mapping[str, Language]:
    files = sorted(resources.files(__name__).iterdir(), key=lambda entry: entry.name)
    tables = (tomllib.loads(file.read_text("utf-8")) for file in files if file.name.endswith(".toml"))
    found = [Language.model_validate(table) for table in tables]
    return MappingProxyType({language.code: language for language in found})


LANGUAGES: Final[Mapping[str, Language]] = _load()


def is_language(code: str) -> bool:
    """Whether the code is one of `LANGUAGES`."""
    return code in LANGUAGES


def language(code: str | None) -> Language:
    """The language for a code or BCP 47 tag; English for anything else (`auto`, None, unknown)."""
    key = (code or "").replace("_", "-").split("-")[0].lower()
    return LANGUAGES.get(key, LANGUAGES[DEFAULT_LANGUAGE])


def is_stop(text: str) -> bool:
    """Whether a whole utterance, in any supported language, asks the assistant to be silent."""
    words = normalise(text)
    return words in _STOP_UTTERANCES


_STOP_UTTERANCES: Final = frozenset(normalise(word) for lang in LANGUAGES.values() for word in lang.stop_words)
