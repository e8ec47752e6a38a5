"""The turns of a call: which one is being said, which one waits for an answer, and what newly known words mean.

Events come in any order: a provider's transcript before, among or after its answer, twice or never; our own ears before
or after the provider's; typed words and a pressed button in between. A turn is bound to the provider's conversation item,
so that whatever comes is taken for the turn that it is of. A stop means silence until the user speaks or types again.

Knows no LiveKit, so that it can be tested in virtual time.
"""

import asyncio
import itertools
import math
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from agent import budgets
from agent.turns.turn import OURS, WAITING, Meaning, State, Turn
from agent.turns.work import Work

TURNS_KEPT: Final = 32
"""Turns whose words may still come; more are never on their way."""


class Turns:
    """The turns of one call."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.now = self._now = now
        self._ids = itertools.count(1)
        self._turns: deque[Turn] = deque(maxlen=TURNS_KEPT)
        self._wrote = self._sounded = float("-inf")
        self._sounding = False
        """The assistant is heard at this moment."""
        self._gate = asyncio.Event()
        self._gate.set()
        self.current: Turn | None = None
        """What the user said, typed or pressed last."""
        self.number = 0
        """Counts questions and stops."""
        self.work = Work(lambda: self.muted)

    # -- what is -------------------------------------------------------------------------------------------------

    @property
    def muted(self) -> bool:
        """Nothing may be said until the user speaks or types."""
        return self.current is not None and self.current.state is State.STOPPED

    @property
    def working(self) -> bool:
        """Whether a tool is running."""
        return self.work.running

    @property
    def open(self) -> Turn | None:
        """The last question that no answer has been heard of."""
        return next((turn for turn in reversed(self._turns) if turn.state is State.OPEN), None)

    @property
    def unanswered(self) -> bool:
        """Realtime: whether nothing was heard of what the user asked or, as far as the provider knows, may have asked."""
        turn = self.spoken
        return self.open is not None or (turn is not None and turn.heard and turn.state is State.HEARD)

    @property
    def untold(self) -> Turn | None:
        """The last question, where its answer was not even begun to be told."""
        last = next((turn for turn in reversed(self._turns) if turn.words or turn.state is State.OPEN), None)
        return last if last is not None and not last.told and last.state in (State.OPEN, State.ANSWERED) else None

    @property
    def spoken(self) -> Turn | None:
        """What was spoken last."""
        return next((turn for turn in reversed(self._turns) if turn.spoken), None)

    @property
    def provider_listens(self) -> bool:
        """Realtime: whether the provider hears speech whose end it has not told, or is about to notice what our ears did."""
        turn = self.spoken
        settling = turn is not None and turn.state in WAITING and self._now() < turn.began + budgets.SPEECH_SETTLES
        return turn is not None and not turn.heard and (turn.noticed or settling)

    @property
    def noticed_late(self) -> bool:
        """Whether the last speech was noticed after what was typed last, so soon that it was begun before."""
        turn = self.spoken
        return turn is not None and turn.overtaken_until is not None and turn.began >= self._wrote

    # -- speech --------------------------------------------------------------------------------------------------

    def quiet_for(self) -> float | None:
        """Seconds for which nothing has been heard of the question that an answer is due to; None without one."""
        turn = self.open
        return None if turn is None or turn.due is None else self._now() - turn.quiet

    def unheard_for(self) -> float | None:
        """Seconds for which the user has not been heard; None while they are."""
        turn = self.current
        if turn is None:
            return math.inf
        if turn.state is State.SPEAKING:
            return None
        return math.inf if turn.ended is None else self._now() - turn.ended

    def speech_began(self) -> None:
        """Our own ears notice speech: any answer to it is held until its words are known."""
        now, turn = self._now(), self.spoken
        if turn is None or not turn.goes_on:
            turn = self._new(now)
            if now < self._wrote + budgets.SOUND_LAG:
                # Text arrives at once, sound takes longer: it was begun before.
                turn.overtaken_until = self._wrote + budgets.SPEECH_OVERTAKEN
        elif turn.state in (State.HEARD, State.OPEN, State.STOPPED, State.EMPTY, State.OVERTAKEN):
            turn.state, turn.ended, turn.due = State.SPEAKING, None, None
        self.current = turn
        self._gate.clear()

    def speech_ended(self, *, heard: bool = False) -> None:
        """Our own ears notice its end: a sound is due, even if nothing comes of it.

        Not where the assistant is `heard` already: the answer may be there before the silence that ends the speech.
        """
        turn = self.spoken
        if turn is None:
            return
        long_enough = self._now() - turn.began >= budgets.SPEECH_MIN
        self._end(turn)
        if turn.state is State.HEARD and long_enough and not heard:
            self._open(turn)

    def provider_began(self, item_id: str | None = None) -> None:
        """Realtime: the provider notices speech, which may be too quiet for our own ears."""
        turn = self._item(item_id) if item_id else None
        if turn is None:
            turn = self.spoken
            if item_id is None and turn is not None and turn.noticed and not turn.heard:
                return  # said with its name before
            waits = (*WAITING, State.OPEN, State.OVERTAKEN)
            if turn is None or turn.bound or turn.known or turn.heard or turn.state not in waits:
                turn = self._new(self._now())
                if not self.muted:
                    self.current = turn
            turn.id = item_id or turn.id
        turn.noticed = True

    def provider_ended(self, item_id: str | None = None) -> None:
        """Realtime: the provider has heard the end of speech, and will answer it by itself."""
        if item_id is None:
            turn = next((one for one in reversed(self._turns) if one.noticed), None)
            if turn is None:
                return
        elif (turn := self._item(item_id)) is None:
            turn = self._new(self._now())
            turn.id, turn.noticed = item_id, True
        turn.heard = True
        self._end(turn)

    def provider_lost_its_place(self) -> bool:
        """Realtime: a new connection knows only what was written down; whether speech is lost with the old one."""
        lost = [turn for turn in self._turns if turn.state in (State.OPEN, State.HEARD) and turn.words is None]
        for turn in lost:
            self.no_words(turn)
            self.settle(State.EMPTY, turn)
        for turn in self._turns:
            if turn.state in (*WAITING, State.OPEN) and not turn.heard:
                turn.noticed = False
                turn.id = turn.id if turn.known else f"{OURS}{next(self._ids)}"
        return bool(lost)

    def missed(self, turn: Turn) -> bool:
        """Realtime: whether of speech that our own ears noticed the provider has noticed nothing, and nobody went on."""
        waits = turn.state in (State.HEARD, State.OPEN) and turn is self.current and not self.working
        return waits and not turn.noticed and not turn.known

    # -- words ---------------------------------------------------------------------------------------------------

    def words(self, text: str, item_id: str | None = None) -> tuple[Meaning, Turn]:
        """Words are known: of a provider's item, or else of what was spoken last."""
        turn = self._item(item_id) if item_id else None
        if turn is not None and turn.known:
            return Meaning.DOUBLED, turn
        turn = turn or self._unbound(item_id)
        words = text.strip()
        self._settle(turn)
        turn.known, turn.words = True, words or turn.words
        turn.known_after = self._now() - turn.ended if turn.ended is not None else 0.0
        if turn.state is State.OVERTAKEN:
            meaning = Meaning.OVERTAKEN
        elif not words:
            meaning = Meaning.NOTHING
            if not turn.words:
                turn.state, turn.due = State.EMPTY, None
        elif turn.state is State.ANSWERED and item_id:
            meaning = Meaning.LATE
        else:
            # Whether it is a stop is not known yet: no answer to it is heard before that.
            return Meaning.QUESTION, turn
        self._gate.set()
        return meaning, turn

    def ask(self, turn: Turn) -> None:
        """The words of a turn are a question. Work goes on: only newer work takes its place."""
        self.number += 1
        self.current = turn
        turn.ended = self._now() if turn.ended is None else turn.ended
        if turn.state is not State.OPEN or turn.due is None:
            # Where it is due already, words that come late make the wait no shorter.
            self._open(turn)
        self._gate.set()

    def no_words(self, turn: Turn | None = None, item_id: str | None = None) -> None:
        """The words of speech will not come: answers may be heard."""
        turn = turn or (self._item(item_id) if item_id else None)
        if turn is not None:
            turn.known = True
        self._gate.set()

    async def may_be_heard(self) -> bool:
        """Wait for the words of the speech that is being answered (bounded); False when they were a stop."""
        try:
            async with asyncio.timeout(budgets.STOP_GATE):
                await self._gate.wait()
        except TimeoutError:
            self._gate.set()
        return not self.muted

    # -- hands ---------------------------------------------------------------------------------------------------

    def typed(self, text: str) -> Turn:
        """The user typed a question: what was spoken before it, a "stop" too, does not count any more."""
        self.overtake()
        turn = self._new(self._now(), spoken=False)
        turn.words, turn.known = text, True
        self.ask(turn)
        return turn

    def overtake(self, *, pressed: bool = False) -> None:
        """Text and buttons arrive at once, sound later: what is being said now was begun before them."""
        now = self._now()
        until = now + (budgets.SILENCE_NOTICED if pressed else budgets.SPEECH_OVERTAKEN)
        if not pressed:
            self._wrote = now
        for turn in self._turns:
            known = turn.words if pressed else turn.known  # words that were not expected any more may still come
            if known or turn.state not in (*WAITING, State.OPEN):
                continue
            turn.due, turn.overtaken_until = None, until
            if turn.state is not State.SPEAKING:
                turn.state = State.OVERTAKEN

    def stop(self, said: Turn | None = None) -> bool:
        """The user wants silence, by what was `said` or by hand: what runs is cancelled, and what was asked is settled.

        False where words that came after what was `said` are known already: of those nothing is taken back.
        """
        self.number += 1
        newer = self._newer_than(said) if said is not None else []
        for turn in self._turns:
            if turn not in newer:
                self.settle(only=turn)
            elif not turn.words and turn.state is State.OPEN:
                turn.state, turn.due = State.HEARD, None  # silence, until its words are known
        stopped = said or self._new(self._now(), spoken=False)
        stopped.state, stopped.due = State.STOPPED, None
        self.work.cancel()
        self._gate.set()
        if any(turn.words for turn in newer):
            return False
        self.current = stopped
        return True

    def waits(self, turn: Turn | None = None) -> bool:
        """The user asked for a moment while something runs for them: it goes on and is told, and nobody answers their words.

        False where nothing runs: then it is silence that they want.
        """
        if not self.work.running:
            return False
        if turn is not None:
            turn.state, turn.due = State.OVERTAKEN, None
        self._gate.set()
        return True

    def resumed(self, question: str) -> None:
        """What the user asked an agent that was lost."""
        turn = self._new(self._now(), spoken=False)
        turn.words, turn.known, turn.state = question, True, State.OPEN

    # -- answers -------------------------------------------------------------------------------------------------

    def due_again(self, turn: Turn | None = None) -> None:
        """Work for the question has begun or is done: whatever was said before it, an answer is due from now on."""
        asked = (State.OPEN, State.HEARD, State.ANSWERED)
        turn = turn or self.open or next((one for one in reversed(self._turns) if one.state in asked), None)
        if turn is not None and not self.muted:
            self._open(turn)

    def filled(self, seconds: float = 0.0) -> None:
        """The assistant is heard, for so long, with what is no answer: the question stays open."""
        self._sounded = self._now() + seconds
        if (turn := self.open) is not None:
            turn.quiet = self._sounded

    def sounds(self) -> None:
        """The assistant begins to be heard."""
        self._sounding = True

    def hushed(self) -> bool:
        """The assistant is heard no more; a question that is still open is quiet from now on. False where it was already."""
        if not self._sounding:
            return False
        self._sounding = False
        self.filled()
        return True

    def answered(self, made: float = math.inf) -> float | None:
        """An answer is heard, to everything whose end was noticed; seconds since the end, None when nothing was asked.

        Not to what was asked after it was `made`, unless it was typed a while before: a line that goes on is no answer.
        """
        waited, just_now = None, self._now() - budgets.SPEECH_BEFORE_TEXT - budgets.SOUND_LAG
        for turn in self._turns:
            older = turn.began <= (made if turn.spoken else max(made, just_now))
            if turn.state in (State.OPEN, State.HEARD) and older:
                if turn.due is not None:
                    waited = self._now() - (turn.ended or turn.due)
                turn.state, turn.due = State.ANSWERED, None
        return waited

    def answers(self, speech: object) -> Turn | None:
        """Realtime: the provider answers by itself; the turn that it does it for, each has one such answer."""
        turn = next((one for one in reversed(self._turns) if one.heard and one.answer is None), None)
        if turn is not None:
            turn.answer = speech
            if turn.state is State.HEARD and not self.muted:
                # However short it was, and whatever its words are: something is about to be said to it.
                self._open(turn)
        return turn

    def told(self) -> None:
        """An answer that was heard is in the conversation."""
        for turn in self._turns:
            turn.told = turn.told or turn.state is State.ANSWERED

    def settle(self, state: State = State.ANSWERED, only: Turn | None = None) -> None:
        """No answer is wanted any more, or none will come: to anything, or to one turn `only`."""
        for turn in self._turns if only is None else (only,):
            if turn.state in (State.OPEN, State.HEARD):
                turn.state, turn.due = state, None

    # -- within --------------------------------------------------------------------------------------------------

    def _new(self, now: float, *, spoken: bool = True) -> Turn:
        turn = Turn(f"{OURS}{next(self._ids)}", now, spoken)
        self._turns.append(turn)
        return turn

    def _item(self, item_id: str) -> Turn | None:
        return next((turn for turn in self._turns if turn.id == item_id), None)

    def _unbound(self, item_id: str | None) -> Turn:
        """The turn of words that name no known item: what was spoken last, unless that is another item."""
        turn = self.spoken
        if turn is None or (item_id and (turn.bound or turn.known)):
            turn = self._new(self._now())
        turn.id = item_id or turn.id
        return turn

    def _newer_than(self, turn: Turn) -> list[Turn]:
        """What was said or typed after it."""
        return list(itertools.islice(self._turns, self._turns.index(turn) + 1, None))

    def _open(self, turn: Turn) -> None:
        now, since = self._now(), self._sounded if turn.ended is None else max(turn.ended, self._sounded)
        turn.state, turn.due = State.OPEN, now
        # A sound may be due anew; for how long nothing has been heard is another thing.
        turn.quiet = now if self._sounding or math.isinf(since) else since

    def _end(self, turn: Turn) -> None:
        if turn.ended is None:
            turn.ended = self._now()
        self._settle(turn)
        if turn.state is State.SPEAKING:
            turn.state = State.HEARD

    def _settle(self, turn: Turn) -> None:
        """Whether speech that something was typed or pressed during was said before that, or goes on after it."""
        if turn.overtaken_until is None:
            return
        if (turn.ended or self._now()) < turn.overtaken_until:
            turn.state = State.OVERTAKEN
        else:
            turn.overtaken_until = None
            if turn.state in WAITING:
                # Who presses stop in the middle of a sentence wants to be heard, not silence.
                self.current = turn
