"""How long a silence must be that ends a turn, by its sound and its words. Time is a number here."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from livekit.agents import inference
from livekit.agents.inference.eot.base import DEFAULT_PREDICTION_TIMEOUT
from virtual_time import in_virtual_time

from agent.hearing.turn_end_detector import (
    DOUBTFUL_SECONDS,
    END_OF_TURN_SECONDS,
    FINISHED,
    LOOK_SECONDS,
    LOOKS_AGAIN,
    QUESTION_SECONDS,
    SURE,
    SURE_SECONDS,
    TELLS_SECONDS,
    UNFINISHED,
    UNFINISHED_SECONDS,
    WORDS_ARRIVE,
    WORDS_SECONDS,
    TurnEndDetector,
    patience,
)

USUAL = 0.36


@pytest.mark.parametrize(
    ("sound", "words", "seconds"),
    [
        (2.5, {}, SURE_SECONDS),
        (2.4, {}, SURE_SECONDS),
        (1.35, {}, END_OF_TURN_SECONDS),
        (1.0, {"asks": True}, SURE_SECONDS),
        (1.5, {}, END_OF_TURN_SECONDS),
        (1.5, {"asks": True}, SURE_SECONDS),
        (0.9, {"asks": True}, QUESTION_SECONDS),
        (0.2, {}, UNFINISHED_SECONDS),
        (2.5, {"tells": True}, TELLS_SECONDS),
        (1.4, {"tells": True}, TELLS_SECONDS),
        (0.2, {"tells": True}, UNFINISHED_SECONDS),
        (2.5, {"tells": True, "asks": True}, SURE_SECONDS),
        (2.5, {"tells": True, "unfinished": True}, UNFINISHED_SECONDS),
        (2.5, {"unfinished": True}, UNFINISHED_SECONDS),
        (2.5, {"unfinished": True, "asks": True}, UNFINISHED_SECONDS),
    ],
)
def test_sound_and_words_decide(sound: float, words: dict[str, bool], seconds: float) -> None:
    assert patience(sound, **words) == seconds


def test_the_silences_are_those_that_the_documentation_tells() -> None:
    table = (Path(__file__).resolve().parents[4] / "docs" / "turns.md").read_text("utf-8")
    assert f"{DOUBTFUL_SECONDS} to {UNFINISHED_SECONDS} s" in table
    assert f"up to {WORDS_SECONDS} s for those of its last utterance" in table
    assert patience(0.0) == patience(9.0, unfinished=True) == UNFINISHED_SECONDS
    for seconds in (SURE_SECONDS, END_OF_TURN_SECONDS, QUESTION_SECONDS, f"at least {TELLS_SECONDS}"):
        assert f"| {seconds} s |" in table
    assert LOOK_SECONDS + 0.2 == UNFINISHED_SECONDS, (
        "or a look would make the silence longer, or end it without the second"
    )


def test_the_sounds_are_those_that_the_decision_names() -> None:
    adr = Path(__file__).resolve().parents[4] / "docs" / "adr" / "0025-the-wait-follows-sound-and-words.md"
    told = adr.read_text("utf-8")
    assert f"({SURE} times the threshold)" in told
    assert f"where it sounds finished ({FINISHED} times)" in told
    just_under = 1e-6
    assert patience(FINISHED) < patience(FINISHED - just_under) == pytest.approx(DOUBTFUL_SECONDS, abs=1e-3)
    assert patience(UNFINISHED) == UNFINISHED_SECONDS > patience(UNFINISHED + just_under)


def test_it_is_the_library_s_local_detector() -> None:
    detector = TurnEndDetector(SimpleNamespace(unfinished=False, tells=False, asks=False, language=None))
    assert isinstance(detector, inference.TurnDetector)
    assert "mini" in detector.model


def test_the_less_finished_it_sounds_the_longer_it_is_waited_for() -> None:
    waits = [patience(sound / 100) for sound in range(300)]
    assert waits == sorted(waits, reverse=True)
    assert len(set(waits)) > 10


@pytest.mark.parametrize("asks", [True, False])
def test_nobody_is_waited_for_less_than_sure_turns_or_more_than_hesitation_takes(asks: bool) -> None:
    assert {SURE_SECONDS, UNFINISHED_SECONDS} >= {patience(0.0), patience(9.0, asks=asks)}
    assert all(SURE_SECONDS <= patience(sound / 10, asks=asks) <= UNFINISHED_SECONDS for sound in range(100))


class Stream:
    """The library's, as far as it is asked: a look takes a moment, and a newer one takes its place."""

    def __init__(self, *probabilities: float, takes: float = 0.02) -> None:
        self.probabilities, self.takes = list(probabilities), takes
        self.looks: list[float] = []
        self.cancelled = 0
        self._look: asyncio.Future[Any] | None = None

    async def unlikely_threshold(self, language: str | None) -> float | None:
        return {"en": USUAL, "de": USUAL / 2}.get(str(language))

    def predict(self) -> asyncio.Future[Any]:
        self.cancel_inference()
        loop = asyncio.get_running_loop()
        self.looks.append(loop.time())
        self._look = look = loop.create_future()
        seen = SimpleNamespace(end_of_turn_probability=self.probabilities.pop(0))
        loop.call_later(self.takes, lambda: None if look.done() else look.set_result(seen))
        return look

    def cancel_inference(self, *, timed_out: bool = False) -> None:
        assert not timed_out
        self.cancelled += 1
        if self._look is not None and not self._look.done():
            self._look.set_result(SimpleNamespace(end_of_turn_probability=0.0))


class World:
    def __init__(self, monkeypatch: pytest.MonkeyPatch, stream: Stream, **words: Any) -> None:
        monkeypatch.setattr(inference.TurnDetector, "stream", lambda *_, **__: stream)
        known = {"unfinished": False, "tells": False, "asks": False, "language": "en"}
        self.words = SimpleNamespace(**known | words)
        self.waits: list[float] = []
        self.detector = detector = TurnEndDetector(self.words)
        detector.wait = self.waits.append
        self.stream: Any = detector.stream()

    async def silence(self, words_after: float = 0.1) -> float:
        """A pause: the library asks for a look, and for the threshold when words are known."""
        self.stream.predict()
        await asyncio.sleep(words_after)
        likely: float = await self.stream.unlikely_threshold(None)
        return likely


def test_the_second_look_decides_and_the_longer_silence_is_always_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    async def call() -> None:
        world = World(monkeypatch, Stream(0.1, 0.6))
        assert await world.silence() > 1
        assert world.waits == [END_OF_TURN_SECONDS]
        assert world.stream.looks[1] - world.stream.looks[0] == pytest.approx(0.2)

    in_virtual_time(call())


def test_words_that_come_late_meet_the_same_look(monkeypatch: pytest.MonkeyPatch) -> None:
    async def call() -> None:
        world = World(monkeypatch, Stream(0.1, 0.6))
        await world.silence(1.0)
        await world.stream.unlikely_threshold(None)
        assert (world.waits, len(world.stream.looks)) == ([END_OF_TURN_SECONDS] * 2, 2)

    in_virtual_time(call())


def test_the_threshold_is_of_the_language_of_the_words(monkeypatch: pytest.MonkeyPatch) -> None:
    async def call() -> None:
        for language, seconds in (("en", END_OF_TURN_SECONDS), ("de", SURE_SECONDS)):
            world = World(monkeypatch, Stream(0.6, 0.6), language=language)
            await world.silence()
            assert world.waits == [seconds]

    in_virtual_time(call())


def test_of_a_language_without_a_threshold_nothing_sounds_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    async def call() -> None:
        world = World(monkeypatch, Stream(0.9, 0.9), language="eu")
        await world.silence()
        assert world.waits == [UNFINISHED_SECONDS]

    in_virtual_time(call())


def test_who_goes_on_is_not_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async def call() -> None:
        world = World(monkeypatch, Stream(0.9, 0.9, 0.1))
        world.stream.predict()
        await asyncio.sleep(0.05)
        world.stream.cancel_inference()
        await asyncio.sleep(5.0)
        assert len(world.stream.looks) == 1
        # The next pause has looks of its own.
        await world.silence()
        assert (len(world.stream.looks), world.waits) == (3, [patience(0.1 / USUAL)])

    in_virtual_time(call())


def test_a_look_that_does_not_end_is_not_waited_for_and_the_first_one_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    async def call() -> None:
        world = World(monkeypatch, Stream(0.6, 0.9))
        world.stream.predict()
        await asyncio.sleep(0.1)
        inner: Any = world.stream
        inner.takes = 1e6
        began = asyncio.get_running_loop().time()
        await world.stream.unlikely_threshold(None)
        assert asyncio.get_running_loop().time() - began <= LOOK_SECONDS
        assert world.waits == [END_OF_TURN_SECONDS]

    in_virtual_time(call())


@pytest.mark.parametrize("asks", [True, False])
def test_the_words_are_those_known_when_it_is_decided(monkeypatch: pytest.MonkeyPatch, asks: bool) -> None:
    async def call() -> None:
        world = World(monkeypatch, Stream(0.6, 0.6))
        world.stream.predict()
        world.words.asks = asks
        await world.stream.unlikely_threshold(None)
        assert world.waits == [SURE_SECONDS if asks else END_OF_TURN_SECONDS]

    in_virtual_time(call())


def test_the_library_gets_the_look_that_it_asked_for_and_can_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async def call() -> None:
        world = World(monkeypatch, Stream(0.6, 0.9))
        first = world.stream.predict()
        world.stream.cancel_inference()
        assert (await first).end_of_turn_probability == 0.0, "as the library ends it"
        await world.stream.unlikely_threshold(None)
        assert world.waits == [UNFINISHED_SECONDS], "nothing was seen"

    in_virtual_time(call())


def test_a_first_look_that_takes_long_is_not_cut_off_by_the_second(monkeypatch: pytest.MonkeyPatch) -> None:
    async def call() -> None:
        world = World(monkeypatch, Stream(0.6, 0.6, takes=0.4))
        first = world.stream.predict()
        await asyncio.sleep(0.1)
        await world.stream.unlikely_threshold(None)
        assert (await first).end_of_turn_probability == 0.6
        assert world.waits == [END_OF_TURN_SECONDS]

    in_virtual_time(call())


def test_a_second_look_is_not_taken_after_a_newer_first_one(monkeypatch: pytest.MonkeyPatch) -> None:
    async def call() -> None:
        world = World(monkeypatch, Stream(0.9, 0.1, 0.6))
        world.stream.predict()
        await asyncio.sleep(0.1)
        world.stream.predict()
        await asyncio.sleep(1.0)
        assert world.stream.looks == pytest.approx([0.0, 0.1, 0.3])

    in_virtual_time(call())


def test_a_newer_look_takes_the_place_of_both_before(monkeypatch: pytest.MonkeyPatch) -> None:
    async def call() -> None:
        world = World(monkeypatch, Stream(0.9, 0.6, 0.6, 0.1))
        world.stream.predict()
        await asyncio.sleep(0.1)
        await world.silence()
        assert (world.waits, len(world.stream.looks)) == ([END_OF_TURN_SECONDS], 3)

    in_virtual_time(call())


@pytest.mark.parametrize("takes", [0.5, 1.2])
def test_a_first_look_ends_no_turn_while_the_second_is_late(monkeypatch: pytest.MonkeyPatch, takes: float) -> None:
    async def call() -> None:
        world = World(monkeypatch, Stream(0.9, 0.1, takes=0.02))
        world.stream.predict()
        await asyncio.sleep(0.1)
        inner: Any = world.stream
        inner.takes = takes
        await world.stream.unlikely_threshold(None)
        assert world.waits == [patience(0.1 / USUAL)], "a clause that sounded finished at its first look, and is none"
        assert asyncio.get_running_loop().time() == pytest.approx(LOOKS_AGAIN + takes)

    in_virtual_time(call())


def test_looks_that_do_not_end_hold_a_turn_no_longer_than_the_longest_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    async def call() -> None:
        world = World(monkeypatch, Stream(0.9, 0.9, takes=1e6))
        world.stream.predict()
        await world.stream.unlikely_threshold(None)
        assert asyncio.get_running_loop().time() == pytest.approx(LOOK_SECONDS)
        assert world.waits == [UNFINISHED_SECONDS]

    in_virtual_time(call())


def test_the_library_is_told_of_a_late_first_look_before_it_ends_the_turn_without(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def call() -> None:
        world = World(monkeypatch, Stream(0.9, takes=1e6))
        first = world.stream.predict()
        assert (await first).end_of_turn_probability == 0.0
        assert asyncio.get_running_loop().time() < DEFAULT_PREDICTION_TIMEOUT

    in_virtual_time(call())


def test_a_turn_ends_in_silence_that_was_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    async def call() -> None:
        world = World(monkeypatch, Stream(0.9, 0.9))
        heard, asked = asyncio.Event(), []

        async def silence(seconds: float) -> None:
            asked.append(seconds)
            await heard.wait()

        world.detector.silence = silence
        ending = asyncio.create_task(world.silence())
        await asyncio.sleep(5)
        assert not ending.done()
        assert asked == world.waits == [SURE_SECONDS]
        heard.set()
        assert await ending > 1

    in_virtual_time(call())


class Ears:
    """A recogniser that is at work until it answers."""

    def __init__(self) -> None:
        self.nothing: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    @property
    def awaiting(self) -> bool:
        return not self.nothing.done()

    async def nothing_heard(self) -> bool:
        return await asyncio.shield(self.nothing)


@pytest.mark.parametrize(("nothing", "later"), [(True, 0.0), (False, WORDS_ARRIVE)])
def test_a_turn_does_not_end_while_its_last_words_are_made_out(
    monkeypatch: pytest.MonkeyPatch, *, nothing: bool, later: float
) -> None:
    async def call() -> None:
        world = World(monkeypatch, Stream(0.9, 0.9))
        idle, ears = Ears(), Ears()
        idle.nothing.set_result(False)
        world.detector.ears = (idle, ears)
        asyncio.get_running_loop().call_later(1.5, ears.nothing.set_result, nothing)
        await world.silence()
        assert asyncio.get_running_loop().time() == pytest.approx(1.5 + later), "words end the wait by themselves"

    in_virtual_time(call())


def test_a_recogniser_that_has_answered_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async def call() -> None:
        world = World(monkeypatch, Stream(0.9, 0.9))
        ears = Ears()
        ears.nothing.set_result(False)
        world.detector.ears = (ears,)
        await world.silence()
        assert asyncio.get_running_loop().time() == pytest.approx(LOOKS_AGAIN + 0.02)

    in_virtual_time(call())


def test_a_recogniser_that_does_not_answer_holds_no_turn_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    async def call() -> None:
        world = World(monkeypatch, Stream(0.9, 0.9))
        world.detector.ears = (Ears(),)
        await world.silence()
        assert asyncio.get_running_loop().time() <= WORDS_SECONDS + 0.3

    in_virtual_time(call())


def test_of_sound_that_nobody_looked_at_nothing_sounds_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    async def call() -> None:
        world = World(monkeypatch, Stream())
        await world.stream.unlikely_threshold(None)
        assert world.waits == [UNFINISHED_SECONDS]
        assert asyncio.get_running_loop().time() == 0.0

    in_virtual_time(call())


def test_the_library_has_a_look_as_soon_as_it_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    async def call() -> None:
        world = World(monkeypatch, Stream(0.6, 0.9))
        assert (await world.stream.predict()).end_of_turn_probability == 0.6
        assert asyncio.get_running_loop().time() == pytest.approx(0.02)

    in_virtual_time(call())
