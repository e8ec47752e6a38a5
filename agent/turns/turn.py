"""One turn of the user: what was heard or typed, its words, what was done for it, its answer, and how it stands."""

from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Any, Final


class State(StrEnum):
    """How a turn stands."""

    SPEAKING = "speaking"
    """It is being said."""
    HEARD = "heard"
    """It is over; whether it was a question is not known yet."""
    OPEN = "open"
    """It is a question, and no answer has been heard."""
    ANSWERED = "answered"
    """An answer was heard: whatever comes to be known of it later changes nothing."""
    STOPPED = "stopped"
    """The user wants silence: it was a stop."""
    OVERTAKEN = "overtaken"
    """Neither its words nor a stop in it count any more: the user typed or pressed something after it, or what runs goes on."""
    EMPTY = "empty"
    """There were no words in it, or nobody heard it."""
    FAILED = "failed"
    """No answer came, and that was said."""


OURS: Final = "turn-"
"""Ids of turns that no provider has named begin so."""
WAITING: Final = (State.SPEAKING, State.HEARD)
"""What may still turn out to be anything."""


@dataclass(eq=False)
class Turn:
    """One turn. Times are seconds of the call's clock."""

    id: str
    """The provider's conversation item, where it is known; else one of ours."""
    began: float
    spoken: bool = True
    state: State = State.SPEAKING
    ended: float | None = None
    """When its end was noticed, or the typed words came."""
    words: str | None = None
    """None: not known yet."""
    known_after: float = 0.0
    """Seconds from its end to its words."""
    known: bool = False
    """Its words are known, or will not come."""
    noticed: bool = False
    """Realtime: the provider noticed it."""
    heard: bool = False
    """Realtime: the provider heard its end, and answers by itself."""
    told: bool = False
    """An answer is in the conversation."""
    silenced: bool = False
    """Realtime: its answer was dropped before its words were known, because the user wanted silence."""
    retries: int = 0
    """How often its answer was asked for again."""
    due: float | None = None
    """Since when a sound is due."""
    quiet: float = 0.0
    """Since when nothing has been heard."""
    overtaken_until: float | None = field(default=None, repr=False)
    """Something was typed or pressed during it: what ends before this was said before that."""
    answer: Any = field(default=None, repr=False)
    """What speaks its answer, where the library has made it."""

    @property
    def bound(self) -> bool:
        """Whether its id is the provider's."""
        return not self.id.startswith(OURS)

    @property
    def goes_on(self) -> bool:
        """Whether sound belongs to it: it is being said, or the provider, whose patience is longer, has not heard its end."""
        return self.state is State.SPEAKING or (self.noticed and not self.heard)


class Meaning(Enum):
    """What newly known words are."""

    QUESTION = "question"
    LATE = "late"
    """The answer to them was heard already."""
    DOUBLED = "doubled"
    OVERTAKEN = "overtaken"
    NOTHING = "nothing"
    """There are no words."""
