"""Which language the user is speaking, so that fixed lines, places and prices are said in it.

The model follows the user by itself; this serves what is said without the model.
"""

from functools import cache
from typing import Final

from py3langid import langid

from contracts.dispatch import DispatchMetadata
from contracts.languages import DEFAULT_LANGUAGE, LANGUAGES, language, normalise
from contracts.personas import PERSONAS

CLEAR_MARGIN: Final = 9.0
"""Log-odds by which the best guess must beat the present language; "ok" and place names alone never do."""


@cache
def _identifier() -> langid.LanguageIdentifier:
    identifier = langid._load_identifier()  # noqa: SLF001 - the module-level one is shared and not restricted
    identifier.set_languages(list(LANGUAGES))
    # The tables of the languages that are never asked for are 28 MB, kept only to undo the line above.
    identifier._full_model = (identifier.nb_ptc, identifier.nb_pc, identifier.nb_classes)  # noqa: SLF001
    return identifier


def detect(text: str, present: str) -> str:
    """The supported language that the text is clearly in, else the present one."""
    words = normalise(text)
    if not words:
        return present
    scores: dict[str, float] = {code: float(score) for code, score in _identifier().rank(words)}
    best = max(scores, key=lambda code: scores[code])
    if best == present or present not in scores:
        return best
    return best if scores[best] - scores[present] >= CLEAR_MARGIN else present


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
        found = detect(text, self.code)
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
