"""Words as they are heard: what is no turn, and what stops in the middle of a sentence.

No turn are listeners' noises, the assistant's own voice, and what recognisers make up of noise. While the assistant
speaks, an "mm-hm" or its own echo must not take the word from it: the library has only paused it, and goes on where it
stopped when no words come. Words of silence always get through.
"""

import re
from difflib import SequenceMatcher
from typing import Final

from agent.hearing.own_sound import OwnSound
from contracts.languages import is_backchannel, is_stop, is_telling, is_unfinished, is_wait, normalise

SAID_KEPT: Final = 1500
"""Characters of its own that the assistant remembers: a quarter of a minute and more."""
ECHO_WORDS: Final = 4
ECHO_SYLLABLES: Final = 8
ECHO_SIGNS: Final = 6
"""An echo is known by its words where there are so many, in words, in kana or in Chinese signs. Who repeats a name that was
proposed says less: fewer are an echo where they sound like one."""
ECHO_SHARE: Final = 0.8
"""Of what is heard, so much in the order in which it was said: ears lose the edges of an echo."""
UNSPACED_FROM: Final = "\u3000"
_KANA: Final = re.compile(r"[\u3040-\u30ff]")
_ASKS: Final = re.compile(r"[?？][\s\"'”’»」』)]*$")
_INVENTED: Final = re.compile(
    r"amara ?org|^(?:sous titr|subtítulos |sottotitoli |untertitel |legendas )|ご視聴ありがとう|明镜与点点|明鏡與點點|請不吝點"
)
"""Credits of films, which recognisers were trained on and give for silence."""
_INVENTED_WHOLE: Final = frozenset(
    {"you", "thank you for watching", "thanks for watching", "please subscribe", "merci d avoir regardé cette vidéo"}
)


def is_invented(text: str) -> bool:
    """Whether a transcript is of those that recognisers give where nobody spoke."""
    words = normalise(text)
    return words in _INVENTED_WHOLE or bool(_INVENTED.search(words))


class TranscriptFilter:
    """Judges transcripts by what the assistant is saying."""

    def __init__(self) -> None:
        self._said = ""
        self.sound = OwnSound()
        self.echoes = False
        """Whether the assistant's own voice has come back by the microphone in this call."""
        self.unfinished = False
        """Whether what was heard last stops in the middle of a sentence."""
        self.tells = False
        """Whether it only tells when somebody travels."""
        self.asks = False
        """Whether it ends like a question."""
        self.language: str | None = None
        """Code of the language that it was taken to be in."""

    def hears(self, text: str, language: str) -> None:
        """The user said this, in the language of a code."""
        self.unfinished, self.tells = is_unfinished(text, language), is_telling(text, language)
        self.asks, self.language = bool(_ASKS.search(text)), language

    def says(self, text: str) -> None:
        """The assistant says this; parts of words in their order."""
        self._said = (self._said + text)[-SAID_KEPT:]

    def holds_back(self, text: str, *, speaking: bool) -> bool:
        """Whether a transcript is no turn; `speaking`: the assistant has the word, heard or about to be."""
        if is_stop(text):
            # The assistant says "One moment, please", too, and the echo of that may come when it has ended.
            own = is_wait(text) and normalise(text) in normalise(self._said) and self.sound.comes_back()
            self.echoes = self.echoes or own
            return own
        if is_invented(text):
            return True
        if not speaking:
            return False
        if self._is_echo(text):
            self.echoes = True
            return True
        # To a question an "okay" is an answer.
        return is_backchannel(text) and not _ASKS.search(self._said)

    def _is_echo(self, text: str) -> bool:
        heard, said = _units(text), _units(self._said)
        least, in_a_row = ECHO_WORDS, 1
        if any(char > UNSPACED_FROM for char in text):
            # A sign alone is found anywhere.
            least, in_a_row = ECHO_SYLLABLES if _KANA.search(text) else ECHO_SIGNS, 2
        blocks = SequenceMatcher(None, said, heard, autojunk=False).get_matching_blocks()
        same = sum(block.size for block in blocks if block.size >= in_a_row)
        if not same or same < ECHO_SHARE * len(heard):
            return False
        return len(heard) >= least or self.sound.comes_back()


def _units(text: str) -> list[str]:
    """Words; of scripts without spaces, signs."""
    words = normalise(text)
    return [unit for word in words.split() for unit in (word if max(word) > UNSPACED_FROM else [word])]
