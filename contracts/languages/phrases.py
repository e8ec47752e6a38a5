"""Short utterances that are made of known phrases alone: words of silence with what people put around them, and listening.

Found by the positions that known phrases reach, so that what a recogniser repeats without end takes no longer than a sentence.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

PAUSE: Final = ","
"""Stands for any punctuation that parts what is said; a hyphen joins, and a question mark says nothing."""
_PAUSES: Final = re.compile(r"[,;:.!…、，。！；：—–]")
_DRAWN_OUT: Final = re.compile(r"([^\W\d_])\1{2,}")

Phrase = tuple[str, ...]


def tokens(text: str, *, spaced: bool, pauses: bool = False) -> list[str]:
    """Case-folded words, or signs where a script has no spaces; `PAUSE` between them where `pauses` are wanted."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    marked = _PAUSES.sub(" \0 " if pauses else " ", folded)
    kept = "".join(" " if char != "\0" and unicodedata.category(char)[0] in "PSZC" else char for char in marked)
    found: list[str] = []
    for word in kept.split():
        found += [PAUSE] if word == "\0" else [word] if spaced else word
    return found


def spellings(text: str) -> Iterator[str]:
    """A text, and what it is where sounds are drawn out: "Stooop", "Shhhh", "hmmmm"."""
    yield text
    if _DRAWN_OUT.search(text):
        yield _DRAWN_OUT.sub(r"\1", text)
        yield _DRAWN_OUT.sub(r"\1\1", text)


class Phrases:
    """Phrases of one language, each some words long."""

    def __init__(self, written: Iterable[str], *, spaced: bool, pauses: bool = False) -> None:
        """`pauses` are phrases too."""
        self._by_first: dict[str, set[Phrase]] = {PAUSE: {(PAUSE,)}} if pauses else {}
        for phrase in {tuple(tokens(one, spaced=spaced)) for one in written}:
            self._by_first.setdefault(phrase[0], set()).add(phrase)

    def ends(self, words: list[str], start: int, between: "Phrases | None" = None) -> set[int]:
        """Where a phrase ends that begins at `start`; words of `between` may stand within it."""
        found: set[int] = set()
        for phrase in self._by_first.get(words[start], ()) if start < len(words) else ():
            places = {start}
            for number, word in enumerate(phrase):
                if number and between is not None:
                    places = between.reached(words, places)
                places = {place + 1 for place in places if place < len(words) and words[place] == word}
            found |= places
        return found

    def reached(self, words: list[str], starts: set[int]) -> set[int]:
        """Where any number of phrases one after another end, none included."""
        found, to_do = set(starts), list(starts)
        while to_do:
            further = self.ends(words, to_do.pop()) - found
            found |= further
            to_do += further
        return found


class Utterance:
    """Utterances of one language that are made of `core` phrases and those `around` them; and some that only look so, `never`."""

    def __init__(
        self, core: Iterable[str], around: Iterable[str] = (), never: Iterable[str] = (), *, spaced: bool
    ) -> None:
        self._spaced = spaced
        self._core = Phrases(core, spaced=spaced)
        self._around = Phrases(around, spaced=spaced)
        self._around_pauses = Phrases(around, spaced=spaced, pauses=True)
        self._never = Phrases(never, spaced=spaced)

    def is_made_of(self, text: str) -> bool:
        """Whether all of a text is."""
        words = tokens(text, spaced=self._spaced)
        begun = self._around.reached(words, {0})
        found: set[int] = set()
        to_do = {end for start in begun for end in self._core.ends(words, start, self._around)}
        while to_do:
            found |= to_do
            further = self._around.reached(words, to_do)
            further |= {end for start in further for end in self._core.ends(words, start, self._around)}
            to_do = further - found
        return len(words) in found

    def says_otherwise(self, text: str) -> bool:
        """Whether it is a phrase of `never`, said without a pause, with others around it or none.

        Who says its first word twice, "no, no stop", means the rest by itself.
        """
        words = tokens(text, spaced=self._spaced, pauses=True)
        for start in self._around_pauses.reached(words, {0}):
            before = next((word for word in reversed(words[:start]) if word != PAUSE), None)
            if start < len(words) and before != words[start]:
                ends = self._never.ends(words, start)
                if ends and len(words) in self._around_pauses.reached(words, ends):
                    return True
        return False
