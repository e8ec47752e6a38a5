"""What all ears have in common."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator

from contracts.languages import LANGUAGES
from emulator.settings import EarsName


class EarsError(RuntimeError):
    """Ears that cannot be had as they were asked for; the message says what to do."""


class TooMuchToHear(Exception):
    """More utterances wait than would be heard in useful time."""


@dataclass(frozen=True)
class Heard:
    """A transcript; empty when there were no words that can be believed."""

    text: str
    language: str | None = None
    """Code of `contracts.languages`; None where nothing was heard."""


NOTHING = Heard("")


def _known(code: str) -> str:
    """A language that somebody asks to be heard in; raises ValueError for one that no ears here know."""
    if code not in LANGUAGES:
        raise ValueError(f"language '{code}' is not heard here; supported are {', '.join(LANGUAGES)}")
    return code


Language = Annotated[str, AfterValidator(_known)]


class Ears(Protocol):
    """Makes words of sound."""

    name: EarsName

    def load(self) -> None:
        """Gets ready; blocks. Raises EarsError when that is not possible."""

    async def transcribe(self, samples: NDArray[np.int16], rate: int, languages: Sequence[str] = ()) -> Heard:
        """What a whole utterance says, in one of these languages (none named: in any of the product's).

        An utterance that nobody waits for any more, and that waits for others, is dropped.
        Raises TooMuchToHear when it would have to wait too long.
        """

    def close(self) -> None:
        """Lets everything go that waits."""
