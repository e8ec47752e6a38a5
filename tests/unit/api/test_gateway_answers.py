import base64
import io
import wave
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from api.gateway.answers import Answers
from api.gateway.limits import FRAME_SAMPLES, FRAME_SECONDS, RATE, GatewayLimits
from api.gateway.schemas import AudioDelta, ResponseComplete, ServerMessage, StatusMessage

LOUD = np.full(FRAME_SAMPLES, 8000, np.int16)
SOFT = np.full(FRAME_SAMPLES, 3, np.int16)


@dataclass
class Scene:
    """The state machine in virtual time: sound comes every 20 ms, and every fifth frame it looks at the clock."""

    limits: GatewayLimits = field(default_factory=GatewayLimits)
    now: float = 100.0
    sent: list[ServerMessage] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.answers = Answers(self.sent.append, self.limits, lambda: self.now)

    def hear(self, seconds: float, frame: Any = LOUD) -> None:
        for number in range(round(seconds / FRAME_SECONDS)):
            self.now += FRAME_SECONDS
            self.answers.sound(frame)
            if number % 5 == 4:
                self.answers.look()

    def quiet(self, seconds: float) -> None:
        self.hear(seconds, SOFT)

    def answer(self, text: str, segment: str = "s1", seconds: float = 1.0) -> None:
        """The agent says something as it really does: words, sound, final words."""
        self.answers.state("speaking")
        self.answers.words(segment, text[:3], final=False)
        self.hear(seconds)
        self.answers.words(segment, text, final=True)
        self.answers.state("listening")

    def ask(self, text: str) -> None:
        self.answers.user_said(text)
        self.answers.state("thinking")

    def of(self, kind: type[Any]) -> list[Any]:
        return [message for message in self.sent if isinstance(message, kind)]

    @property
    def heard(self) -> float:
        return sum(len(base64.b64decode(delta.audio)) for delta in self.of(AudioDelta)) / 2 / RATE


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_a_turn_is_taken_spoken_and_completed(scene: Scene) -> None:
    scene.ask("To Rome")
    scene.quiet(0.5)
    scene.answer("Here are flights.")
    assert not scene.of(ResponseComplete), "its silence must be sure first"
    scene.quiet(1.0)
    (complete,) = scene.of(ResponseComplete)
    assert (complete.text, complete.input_text, complete.language) == ("Here are flights.", "To Rome", "en")
    assert len(scene.of(StatusMessage)) == 1
    assert isinstance(scene.sent[0], StatusMessage)
    assert scene.sent[-1] is complete


def test_the_whole_answers_sound_is_the_sound_of_its_deltas(scene: Scene) -> None:
    scene.answer("Hello.", seconds=0.93)
    scene.quiet(1.0)
    (complete,) = scene.of(ResponseComplete)
    with wave.open(io.BytesIO(base64.b64decode(complete.audio))) as whole:
        content = whole.readframes(whole.getnframes())
    assert content == b"".join(base64.b64decode(delta.audio) for delta in scene.of(AudioDelta))
    assert scene.heard == pytest.approx(0.92 + 0.2, abs=0.03)


def test_silence_between_answers_is_not_sent(scene: Scene) -> None:
    scene.quiet(5.0)
    assert not scene.sent
    scene.answer("One.")
    scene.quiet(5.0)
    count = len(scene.sent)
    scene.quiet(30.0)
    assert len(scene.sent) == count


def test_a_soft_beginning_is_kept_and_a_pause_is_no_end(scene: Scene) -> None:
    scene.quiet(1.0)
    scene.answers.state("speaking")
    scene.hear(0.1)
    first = base64.b64decode(scene.of(AudioDelta)[0].audio)
    assert np.array_equal(np.frombuffer(first, "<i2")[:FRAME_SAMPLES], SOFT)
    scene.answers.words("s1", "One. Two.", final=False)
    scene.quiet(1.5)
    scene.hear(0.5)
    scene.answers.words("s1", "One. Two.", final=True)
    scene.answers.state("listening")
    scene.quiet(1.0)
    (complete,) = scene.of(ResponseComplete)
    assert complete.text == "One. Two."


def test_a_filler_and_the_answer_after_its_search_are_one(scene: Scene) -> None:
    scene.ask("To Rome")
    scene.answers.searching(running=True)
    scene.answer("One moment.", "s1")
    scene.quiet(4.0)
    assert not scene.of(ResponseComplete)
    scene.answers.searching(running=False)
    scene.answer("Three flights.", "s2")
    scene.quiet(1.0)
    (complete,) = scene.of(ResponseComplete)
    assert complete.text == "One moment. Three flights."


@pytest.mark.parametrize(
    ("language", "text"), [("ja", "はい。三便です。"), ("zh", "はい。三便です。"), ("en", "はい。 三便です。")]
)
def test_segments_join_as_the_language_is_written(scene: Scene, language: str, text: str) -> None:
    scene.answers.language = language
    scene.answers.words("s1", "はい。", final=True)
    scene.answers.words("s2", "三便です。", final=True)
    scene.quiet(1.0)
    (complete,) = scene.of(ResponseComplete)
    assert (complete.text, complete.language) == (text, language)


def test_an_answer_that_was_interrupted_is_closed_before_the_next(scene: Scene) -> None:
    scene.ask("To Rome")
    scene.answers.state("speaking")
    scene.hear(1.0)
    scene.answers.words("s1", "Here are", final=True)
    scene.answers.state("listening")
    scene.quiet(0.3)
    scene.ask("To Paris instead")
    scene.answer("Paris it is.", "s2")
    scene.quiet(1.0)
    first, second = scene.of(ResponseComplete)
    assert (first.input_text, first.text) == ("To Rome", "Here are")
    assert (second.input_text, second.text) == ("To Paris instead", "Paris it is.")


def test_words_that_are_known_later_than_their_answer_belong_to_it(scene: Scene) -> None:
    scene.answers.state("speaking")
    scene.hear(0.3)
    scene.answers.words("s1", "Here", final=False)
    scene.answers.user_said("To Rome")
    scene.answer("Here are flights.", "s1")
    scene.quiet(1.0)
    (complete,) = scene.of(ResponseComplete)
    assert complete.input_text == "To Rome"


def test_a_turn_of_two_transcripts_is_one_input_and_one_status(scene: Scene) -> None:
    scene.answers.user_said("To Rome")
    scene.answers.user_said("tomorrow")
    scene.answer("Yes.")
    scene.quiet(1.0)
    assert scene.of(ResponseComplete)[0].input_text == "To Rome tomorrow"
    assert len(scene.of(StatusMessage)) == 1


def test_what_the_assistant_says_by_itself_has_no_input(scene: Scene) -> None:
    scene.ask("To Rome")
    scene.answer("Yes.", "s1")
    scene.quiet(60)
    scene.answer("Are you still there?", "s2")
    scene.quiet(1.0)
    assert [complete.input_text for complete in scene.of(ResponseComplete)] == ["To Rome", ""]


def test_muting_ends_the_sound_at_once_and_tells_what_was_said(scene: Scene) -> None:
    scene.ask("To Rome")
    scene.answers.state("speaking")
    scene.hear(1.0)
    scene.answers.mute()
    before = scene.heard
    scene.hear(0.4)  # on its way while the agent hears of it
    scene.answers.words("s1", "Here are", final=True)
    scene.answers.state("listening")
    scene.quiet(1.0)
    assert scene.heard == before
    (complete,) = scene.of(ResponseComplete)
    assert complete.text == "Here are"
    assert len(base64.b64decode(complete.audio)) / 2 / RATE == pytest.approx(1.0, abs=0.05)
    scene.ask("To Paris")
    scene.answer("Paris it is.", "s2")
    scene.quiet(1.0)
    assert scene.heard > before
    assert scene.of(ResponseComplete)[1].input_text == "To Paris"


def test_muting_while_nothing_is_said_ends_by_itself(scene: Scene) -> None:
    scene.ask("To Rome")
    scene.answers.mute()
    scene.hear(0.2)
    scene.quiet(1.0)
    assert not scene.of(AudioDelta)
    assert not scene.of(ResponseComplete)
    scene.ask("To Paris")
    scene.answer("Paris it is.")
    scene.quiet(1.0)
    (complete,) = scene.of(ResponseComplete)
    assert complete.input_text == "To Paris", "the question that was stopped is forgotten"


def test_an_answer_that_nobody_asked_for_is_not_sent(scene: Scene) -> None:
    scene.answers.ignoring = True
    scene.answers.state("speaking")
    assert scene.answers.begun.is_set()
    scene.answers.ignoring = False
    scene.hear(1.0)
    scene.answers.words("s1", "Hello", final=True)
    scene.answers.state("listening")
    scene.ask("To Rome")
    scene.answer("Here.", "s2")
    scene.quiet(1.0)
    (complete,) = scene.of(ResponseComplete)
    assert (complete.text, complete.input_text) == ("Here.", "To Rome")
    assert scene.heard == pytest.approx(1.2, abs=0.05)


def test_an_answer_in_writing_only_has_no_audio(scene: Scene) -> None:
    scene.ask("To Rome")
    scene.answers.words("s1", "In writing.", final=True)
    scene.answers.state("listening")
    for _ in range(20):
        scene.now += 0.1
        scene.answers.look()
    (complete,) = scene.of(ResponseComplete)
    assert (complete.text, complete.audio) == ("In writing.", "")


def test_sound_whose_words_never_come_is_completed_later(scene: Scene) -> None:
    scene.answers.state("speaking")
    scene.hear(1.0)
    scene.answers.state("listening")
    scene.quiet(2.0)
    assert not scene.of(ResponseComplete)
    scene.quiet(2.0)
    (complete,) = scene.of(ResponseComplete)
    assert complete.text == ""
    assert complete.audio


@pytest.mark.parametrize("stuck", ["speaking", "thinking", "words", "searching"])
def test_nothing_that_hangs_keeps_an_answer_for_ever(scene: Scene, stuck: str) -> None:
    scene.answers.words("s1", "Half", final=stuck != "words")
    scene.answers.state(stuck if stuck in ("speaking", "thinking") else "listening")
    scene.answers.searching(running=stuck == "searching")
    scene.quiet(15)
    assert not scene.of(ResponseComplete)
    scene.quiet(10)
    assert [complete.text for complete in scene.of(ResponseComplete)] == ["Half"]


def test_a_state_without_words_or_sound_is_no_answer(scene: Scene) -> None:
    scene.answers.state("speaking")
    scene.answers.state("listening")
    scene.quiet(5)
    assert not scene.sent


def test_the_whole_answer_is_bounded_and_the_deltas_are_not() -> None:
    scene = Scene(GatewayLimits(answer=1.0))
    scene.answer("Long.", seconds=3.0)
    scene.quiet(1.0)
    (complete,) = scene.of(ResponseComplete)
    assert len(base64.b64decode(complete.audio)) / 2 / RATE == pytest.approx(1.0, abs=0.03)
    assert scene.heard > 3.0


def test_a_spoken_stop_leaves_nothing_open(scene: Scene) -> None:
    scene.answers.stopped()
    scene.answers.state("listening")
    scene.ask("To Rome")
    assert len(scene.of(StatusMessage)) == 1
    scene.answer("Here.")
    scene.quiet(1)
    assert scene.of(ResponseComplete)[0].input_text == "To Rome"
