"""Which language the user is speaking, so that fixed lines, places and prices are said in it.

The model follows the user by itself; this serves what is said without the model.
"""

import re
from array import array
from bisect import bisect_left
from functools import cache
from typing import Final

import numpy as np
from py3langid import langid

from contracts.airlines import code_of, find_airlines
from contracts.dispatch import DispatchMetadata
from contracts.languages import DEFAULT_LANGUAGE, LANGUAGES, language, normalise
from contracts.languages.wishes import asked_for
from contracts.personas import PERSONAS
from contracts.places.known import without_places

CLEAR_MARGIN: Final = 9.0
"""Log-odds by which the best guess must beat the present language; "ok" and place names alone never do."""


LEAST_LETTERS: Final = 4
"""What is left of "from Buenos Aires to Porto Alegre" may be of any language."""
_KANA: Final = re.compile(r"[\u3041-\u3096\u30a1-\u30fa]")
"""Nothing but Japanese is written with it."""


class Moves:
    """The identifier's table of moves from state to state by the next byte, without those that are the first state's.

    A state that knows nothing of a byte goes where the first one would: most of the table, which is 39 MB, says that.
    """

    def __init__(self, table: "array[int]", first: int) -> None:
        """`table`: rows of 256 moves; `first`: the number of the first state's row."""
        moves = np.frombuffer(table, dtype=f"u{table.itemsize}").reshape(-1, 256)
        self._default: list[int] = moves[first].tolist()
        self._ends, self._moves, letters = array("I", [0]), array("I"), bytearray()
        for row in moves:
            told = np.flatnonzero(row != moves[first])
            letters += told.astype(np.uint8).tobytes()
            self._moves.frombytes(row[told].astype(np.uint32).tobytes())
            self._ends.append(len(letters))
        self._letters = bytes(letters)

    def __getitem__(self, place: int) -> int:
        """Where a row's byte leads; `place` is 256 times the row, plus the byte."""
        row, letter = place >> 8, place & 255
        end = self._ends[row + 1]
        at = bisect_left(self._letters, letter, self._ends[row], end)
        return self._moves[at] if at < end and self._letters[at] == letter else self._default[letter]


@cache
def _identifier() -> langid.LanguageIdentifier:
    identifier = langid._load_identifier()  # noqa: SLF001 - the module-level one is shared and not restricted
    identifier.set_languages(list(LANGUAGES))
    # The tables of the languages that are never asked for are 28 MB, kept only to undo the line above.
    identifier._full_model = (identifier.nb_ptc, identifier.nb_pc, identifier.nb_classes)  # noqa: SLF001
    identifier.tk_nextmove = Moves(identifier.tk_nextmove, identifier.tk_row[0])
    return identifier


def detect(text: str, present: str) -> str:
    """The supported language that the text is clearly in, else the present one; names of places and airlines tell nothing."""
    words = "" if code_of(text) else normalise(_without_names(text))
    if _KANA.search(words):
        return "ja"
    if sum(map(str.isalpha, words)) < (LEAST_LETTERS if words.isascii() else 1):
        return present
    scores: dict[str, float] = {code: float(score) for code, score in _identifier().rank(words)}
    best = max(scores, key=lambda code: scores[code])
    if best == present or present not in scores:
        return best
    return best if scores[best] - scores[present] >= CLEAR_MARGIN else present


def _without_names(text: str) -> str:
    """São Paulo is called so in every language."""
    for airline in reversed(find_airlines(text)):
        text = text[: airline.start] + text[airline.end :]
    return without_places(text)


class LanguageTracker:
    """The language of one call: pinned by the user, or following what they say."""

    def __init__(self, metadata: DispatchMetadata) -> None:
        self._persona = PERSONAS[metadata.persona]
        self._pinned = metadata.language != "auto"
        opening = metadata.language if self._pinned else metadata.locale
        self.code = self._persona.speaks(language(opening).code if opening else DEFAULT_LANGUAGE)

    @property
    def pinned(self) -> bool:
        """Whether the user chose the language, so that it does not follow their speech."""
        return self._pinned

    def heard(self, text: str) -> bool:
        """Take in a user's turn; True when the language changed."""
        if self._pinned:
            return False
        spoken = detect(text, self.code)
        found = asked_for(text, spoken) or spoken
        if found not in self._persona.languages:
            return False
        changed, self.code = found != self.code, found
        return changed

    def speak_as(self, persona: str) -> None:
        """Another persona has the call; it goes on in the same language where that one has it."""
        self._persona = PERSONAS[persona]
        self.code = self._persona.speaks(self.code)

    def follow(self, code: str) -> None:
        """The language that the call was in; a pinned one stays."""
        if not self._pinned:
            self.code = self._persona.speaks(code)

    def choose(self, code: str) -> None:
        """The user's own choice: a code pins it, `auto` lets it follow again."""
        self._pinned = code != "auto"
        if self._pinned:
            self.code = self._persona.speaks(code)
