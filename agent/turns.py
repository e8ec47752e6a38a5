"""Stop, barge-in and what belongs to a turn.

A stop means: silence first, then everything that runs for the turn is cancelled, and nothing of it is said later. The
policy is "muted" from a stop until the user speaks or types again; while muted, nothing may be said.

Work, a search that is, ends by a stop or by newer work, never by a sound or by words: a cough, an "okay" or a transcript
that comes late says nothing against it, and what a new question means for it is the model's to decide.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from agent import budgets

Result = TypeVar("Result")


ITEMS_KEPT: Final = 32
"""Turns whose words may still come; more are never on their way."""


class Stopped(Exception):
    """The user stopped the work; there is nothing to say about it."""


class Superseded(Stopped):
    """Newer work took its place, and will be answered."""


@dataclass
class SpokenTurn:
    """What the user said in one go, as the provider's conversation item names it."""

    item_id: str
    heard: bool = False
    """Its end was noticed."""
    words_known: bool = False
    answered: bool = False
    """An answer has been heard since: its words change nothing any more."""


class TurnPolicy:
    """State of the current turn. Knows no LiveKit, so that it can be tested in virtual time."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._spoke_at = self._silent_at = self._wrote_at = self._pressed_at = self._ears_noticed_at = float("-inf")
        self._provider_noticed_at = self._provider_heard_at = self._provider_answered_at = float("-inf")
        self.muted = False
        """Nothing may be said until the user speaks or types."""
        self.number = 0
        """Counts the user's turns and stops."""
        self.retries = 0
        """How often the answer to this turn was asked for again."""
        self.on_work: Callable[[], None] = lambda: None
        """Called when work begins, and when it is done: a sound is due again."""
        self._stops = 0
        self._running: set[asyncio.Task[Any]] = set()
        self._items: OrderedDict[str, SpokenTurn] = OrderedDict()
        self._transcript = asyncio.Event()
        self._transcript.set()

    @property
    def working(self) -> bool:
        """Whether a tool is running for this turn."""
        return bool(self._running)

    def user_started_speaking(self) -> None:
        """Speech began: listen again, and hold any answer to it until its words are known."""
        self._spoke_at = self._ears_noticed_at = self._now()
        self.muted = False
        self._transcript.clear()

    def user_stopped_speaking(self) -> None:
        """Speech ended; its words may not be known yet."""
        self._silent_at = self._now()
        self._spoke_on()

    def provider_noticed(self) -> None:
        """Realtime: the provider has noticed speech, which may be too quiet for our own ears."""
        self._spoke_at = self._provider_noticed_at = self._now()
        self.retries = 0

    def provider_heard(self, item_id: str | None = None) -> None:
        """Realtime: the provider has heard the end of the user's speech."""
        self._provider_heard_at = self._now()
        if item_id:
            self.spoken(item_id).heard = True
        self._spoke_on()

    def provider_lost_its_place(self) -> None:
        """Realtime: a new connection took over; of speech in progress it knows nothing."""
        self._provider_noticed_at = self._provider_heard_at = self._provider_answered_at = float("-inf")

    def spoken(self, item_id: str) -> SpokenTurn:
        """The turn of a provider's item."""
        turn = self._items.setdefault(item_id, SpokenTurn(item_id))
        while len(self._items) > ITEMS_KEPT:
            self._items.popitem(last=False)
        return turn

    def answer_heard(self) -> None:
        """An answer is heard: it is to everything whose end was noticed before."""
        for turn in self._items.values():
            turn.answered = turn.answered or turn.heard

    def provider_answers(self) -> None:
        """Realtime: the provider has begun to answer speech by itself."""
        self._provider_answered_at = self._now()

    @property
    def provider_listens(self) -> bool:
        """Realtime: whether the provider has speech to hear the end of, or is about to answer by itself what it heard."""
        now, heard = self._now(), self._provider_heard_at
        if heard <= self._spoke_at:
            return now < self._spoke_at + budgets.SPEECH_SETTLES
        return self._provider_answered_at < heard and now < heard + budgets.PROVIDER_ANSWERS

    @property
    def provider_missed_it(self) -> bool:
        """Realtime: whether of the last speech that our own ears noticed the provider has noticed nothing."""
        return self._provider_noticed_at <= self._provider_heard_at < self._ears_noticed_at

    def user_wrote(self) -> None:
        """The user typed something."""
        self._wrote_at = self._now()

    def stop_pressed(self) -> None:
        """The user pressed stop, which takes back what was said before it, not what is still being said."""
        self._pressed_at = self._now()

    def overtaken(self) -> bool:
        """Whether words that are understood only now were spoken before what the user typed or pressed last.

        Text arrives at once; sound is on its way, and then has to be understood. A "stop" of before must not take what
        came after it along.
        """
        now = self._now()
        ended = self._silent_at if self._silent_at > self._spoke_at else now
        by_text = (
            self._spoke_at < self._wrote_at + budgets.SOUND_LAG
            and ended < self._wrote_at + budgets.SPEECH_OVERTAKEN
            and now < self._wrote_at + budgets.TRANSCRIPT_WAIT
        )
        return by_text or (
            self._spoke_at <= self._pressed_at
            and ended < self._pressed_at + budgets.SILENCE_NOTICED
            and now < self._pressed_at + budgets.TRANSCRIPT_WAIT
        )

    @property
    def noticed_late(self) -> bool:
        """Whether the last speech was noticed after what was typed last, so soon that it was begun before."""
        return self._wrote_at <= self._spoke_at < self._wrote_at + budgets.SOUND_LAG

    def user_turn(self) -> None:
        """The user said or typed something that is not a stop. Work goes on: only newer work takes its place."""
        self.muted = False
        self.number += 1
        self.retries = 0
        self._transcript.set()

    def stop(self) -> None:
        """The user wants silence."""
        self.muted = True
        self.number += 1
        self._stops += 1
        self._transcript.set()
        for task in self._running:
            task.cancel()

    def transcript_known(self) -> None:
        """The words of the speech are known, or will not come: answers may be heard."""
        self._transcript.set()

    async def may_be_heard(self) -> bool:
        """Wait for the transcript of the speech that is being answered (bounded); False when it was a stop."""
        try:
            async with asyncio.timeout(budgets.STOP_GATE):
                await self._transcript.wait()
        except TimeoutError:
            self._transcript.set()
        return not self.muted

    async def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Do the work, in the place of what is running; raises `Stopped` or `Superseded` where it is not wanted any more."""
        if self.muted:
            work.close()
            raise Stopped
        for older in self._running:
            older.cancel()
        stops = self._stops
        task = asyncio.ensure_future(work)
        self._running = {task}
        self.on_work()
        try:
            result = await task
        except asyncio.CancelledError:
            task.cancel()
            if stops != self._stops:
                raise Stopped from None
            if task not in self._running:
                raise Superseded from None
            raise
        finally:
            self._running.discard(task)
            self.on_work()
        if stops != self._stops:
            raise Stopped
        return result

    def _spoke_on(self) -> None:
        """Who presses stop in the middle of a sentence wants to be heard, not silence: what ends so late was not over then."""
        if (
            self._spoke_at <= self._pressed_at <= self._now() - budgets.SILENCE_NOTICED
            and self._wrote_at < self._pressed_at
        ):
            self.muted = False
