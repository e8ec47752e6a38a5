"""The supported languages, one TOML file each: names, stop words and every line the product says by itself.

A language is added by adding its file here, its words in the emulator's lexicon and its texts in the page.
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType
from typing import Final

from pydantic import BaseModel, ConfigDict

from contracts.languages.phrases import Utterance, spellings

DEFAULT_LANGUAGE: Final = "en"


class SpokenLines(BaseModel):
    """Lines that must exist in every language, because they are said when a model cannot be asked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    greeting: str
    searching: str
    """Filler while a search runs that is not answered at once."""
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


class FileLines(BaseModel):
    """Lines about a file that was sent."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    not_here: str
    too_big: str
    too_many: str
    wrong_type: str
    identity: str
    unreadable: str
    unseen: str
    read: str


class PeopleLines(BaseModel):
    """Lines about a person who is to take the call over; said by the voice of the call."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    connecting: str
    nobody_there: str
    joined: str
    """One field, name."""
    left: str
    somebody: str
    """Stands for the name of one who gave none."""


class RecordingLines(BaseModel):
    """Lines about a recording of the call, said while the media server says that there is one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    on: str
    off: str


class SightLines(BaseModel):
    """Lines about a screen that the traveller shares."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seen: str
    unseen: str
    """The model has no eyes."""
    not_here: str
    """Not for this persona."""


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
    asks_for: tuple[str, ...]
    """Regular expressions of how somebody asks to be spoken to in another language, after `normalise`; one field, its name."""
    stop_words: tuple[str, ...]
    """Words that mean "be silent", compared after `normalise`."""
    around_stop: tuple[str, ...]
    """What people put around and between them without saying more: "no, no, stop please"; what a listener says stands there too."""
    never_stop: tuple[str, ...] = ()
    """Utterances of such words alone that mean something else where no pause parts them, a flight without a stop for one."""
    wait_words: tuple[str, ...]
    """Words by which somebody takes the floor for a moment: words of silence too, but what runs for them goes on."""
    backchannels: tuple[str, ...]
    """What a listener says to show that they listen; no turn while somebody else is speaking."""
    unfinished: tuple[str, ...]
    """Last words after which somebody who pauses has more to say: "a flight from"."""
    telling: tuple[str, ...]
    """First words of who tells when they travel, "we leave on the tenth": their wish mostly follows, though nothing is missing."""
    correction: str
    """Around a fact that puts right what was said wrongly; one field, facts."""
    general: str
    """Before what a model knows of fare rules and visas, which nobody has looked up for this traveller."""
    files: FileLines
    people: PeopleLines
    recording: RecordingLines
    sight: SightLines
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
    """Whether an utterance only asks the assistant to be silent, in any supported language.

    >>> is_stop("No, no, stop."), is_stop("Bitte aufhören!"), is_stop("a flight without a stop")
    (True, True, False)
    """
    return _is_one_of(_STOPS, text) and not any(kind.says_otherwise(text) for kind in _STOPS)


def is_wait(text: str) -> bool:
    """Whether an utterance that `is_stop` only asks for a moment, in any supported language.

    >>> is_wait("Wait, hold on."), is_wait("Wait, stop."), is_wait("Wait until Friday")
    (True, False, False)
    """
    return _is_one_of(_WAITS, text)


def is_backchannel(text: str) -> bool:
    """Whether an utterance only shows that its speaker listens, in any supported language.

    >>> is_backchannel("Mm-hm."), is_backchannel("Okay, right."), is_backchannel("Okay, the second one")
    (True, True, False)
    """
    return _is_one_of(_BACKCHANNELS, text)


def is_unfinished(text: str, code: str) -> bool:
    """Whether what was said so far, in the language of `code`, stops in the middle of a sentence.

    >>> is_unfinished("Find me a flight from.", "en"), is_unfinished("Find me a flight from Rome.", "en")
    (True, False)
    """
    words = normalise(text)
    hangs = _UNFINISHED[language(code).code].search(words.replace(" ", "") if code in UNSPACED else words)
    return bool(hangs or _TRAILS_OFF.search(text))


def is_telling(text: str, code: str) -> bool:
    """Whether what was said, in the language of `code`, begins like somebody who tells when they travel.

    >>> is_telling("We leave on the tenth of December.", "en"), is_telling("When do we leave?", "en")
    (True, False)
    """
    words = normalise(text)
    return bool(_TELLING[language(code).code].search(words.replace(" ", "") if code in UNSPACED else words))


SHORT: Final = 80
"""Characters; who says more says something."""
UNSPACED: Final = frozenset({"ja", "zh"})
"""Languages that are written without spaces between words."""


def _is_one_of(kinds: tuple[Utterance, ...], text: str) -> bool:
    words = normalise(text)
    if not words or len(words) > SHORT:
        return False
    return any(kind.is_made_of(spelling) for spelling in spellings(text) for kind in kinds)


def _either(phrases: tuple[str, ...], *, spaced: bool) -> str:
    known = {normalise(phrase) if spaced else normalise(phrase).replace(" ", "") for phrase in phrases}
    return "|".join(re.escape(phrase) for phrase in sorted(known, key=len, reverse=True))


def _stops(lang: Language) -> Utterance:
    """Words of silence, and those that ask for a moment, with others around and between them: what a listener says too."""
    around = (*lang.around_stop, *lang.backchannels, *lang.wait_words)
    core = (*lang.stop_words, *lang.wait_words)
    return Utterance(core, around, lang.never_stop, spaced=lang.code not in UNSPACED)


def _waits(lang: Language) -> Utterance:
    return Utterance(lang.wait_words, (*lang.around_stop, *lang.backchannels), spaced=lang.code not in UNSPACED)


def _listening(lang: Language) -> Utterance:
    return Utterance(lang.backchannels, spaced=lang.code not in UNSPACED)


def _begun(lang: Language) -> re.Pattern[str]:
    """One word may stand before it: "and we leave", "also wir fliegen am"."""
    spaced = lang.code not in UNSPACED
    before, after = (r"^(?:\S+\s)?", r"(?:\s|$)") if spaced else ("^", "")
    return re.compile(f"{before}(?:{_either(lang.telling, spaced=spaced)}){after}")


def _hanging(lang: Language) -> re.Pattern[str]:
    spaced = lang.code not in UNSPACED
    before = r"(?:^|\s)" if spaced else ""
    return re.compile(f"{before}(?:{_either(lang.unfinished, spaced=spaced)})$")


_STOPS: Final = tuple(_stops(lang) for lang in LANGUAGES.values())
_WAITS: Final = tuple(_waits(lang) for lang in LANGUAGES.values())
_BACKCHANNELS: Final = tuple(_listening(lang) for lang in LANGUAGES.values())
_TELLING: Final = {lang.code: _begun(lang) for lang in LANGUAGES.values()}
_TRAILS_OFF: Final = re.compile(r"(?:[,、，…–—-]|\.\.\.?)\s*$")
"""Recognisers end so what they hear going on: a full stop they put behind everything."""
_UNFINISHED: Final = {lang.code: _hanging(lang) for lang in LANGUAGES.values()}
