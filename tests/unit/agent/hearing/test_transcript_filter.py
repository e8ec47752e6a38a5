"""Who listens aloud, an echo, and what recognisers make up take the word from nobody."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from livekit.agents import Agent, stt

from agent.call.assistant import Assistant
from agent.hearing.transcript_filter import TranscriptFilter
from agent.turns.tracker import Turns
from agent.turns.turn import State

ANSWER = "I found 14 flights from Madrid to Berlin on Sunday. The cheapest is Iberia at 7:15."


def a_filter(said: str = ANSWER) -> TranscriptFilter:
    filtered = TranscriptFilter()
    for at in range(0, len(said), 5):
        filtered.says(said[at : at + 5])
    return filtered


@pytest.mark.parametrize(
    "text", ["Mm-hm.", "Yeah, okay.", "Ajá.", "d'accord", "Genau!", "sì sì", "uhum", "そうですね。", "嗯嗯。"]
)
def test_a_listener_s_noise_is_no_turn_while_the_assistant_speaks(text: str) -> None:
    assert a_filter().holds_back(text, speaking=True)
    assert not a_filter().holds_back(text, speaking=False), "an answer to a question that was heard"


@pytest.mark.parametrize("text", ["Stop.", "No, no, stop", "Okay, stop", "もういいです", "够了"])
def test_words_of_silence_always_get_through(text: str) -> None:
    assert not a_filter("stop stop stop. " + text).holds_back(text, speaking=True)


@pytest.mark.parametrize("text", ["Okay, the second one", "And to Rome?", "Yes, but on Monday", "ja, der zweite"])
def test_words_are_a_turn(text: str) -> None:
    assert not a_filter().holds_back(text, speaking=True)


def test_to_a_question_a_yes_is_an_answer() -> None:
    assert not a_filter("Not all airlines answered. Shall I try again?").holds_back("Yes.", speaking=True)
    assert not a_filter("もう一度探しましょうか？").holds_back("はい。", speaking=True)


@pytest.mark.parametrize(
    "text", ["flights from Madrid to Berlin on", "The cheapest is Iberia at 7:15", "I fond 14 flights from Madrid to"]
)
def test_its_own_voice_is_no_turn_for_the_assistant(text: str) -> None:
    assert a_filter().holds_back(text, speaking=True)
    assert not a_filter().holds_back(text, speaking=False)


def test_an_echo_is_known_in_scripts_without_spaces() -> None:
    said = "マドリードからベルリンまでの便が14件見つかりました。"
    assert a_filter(said).holds_back("ベルリンまでの便が14件見つかり", speaking=True)
    assert not a_filter(said).holds_back("ベルリン", speaking=True), "a name that was proposed"


def test_a_name_that_was_proposed_is_no_echo() -> None:
    asked = "Do you mean Birmingham, United Kingdom or Birmingham, United States"
    assert not a_filter(asked).holds_back("Birmingham, United States", speaking=True)


@pytest.mark.parametrize(
    "text",
    [
        "Thank you for watching!",
        "ご視聴ありがとうございました",
        "Untertitel der Amara.org-Community",
        "Sous-titres réalisés par la communauté d'Amara.org",
        "Subtítulos realizados por la comunidad de Amara.org",
        "you",
    ],
)
def test_what_recognisers_make_up_is_never_a_turn(text: str) -> None:
    assert a_filter("").holds_back(text, speaking=False)


def test_what_stops_in_mid_sentence_is_known_until_more_is_said() -> None:
    filtered = a_filter()
    filtered.hears("Ich will nach, äh,", "de")
    assert filtered.unfinished
    filtered.hears("nach Kopenhagen am Montag.", "de")
    assert not filtered.unfinished


def test_who_tells_when_they_travel_is_known_until_more_is_said() -> None:
    filtered = a_filter()
    filtered.hears("Nous partons le dix décembre.", "fr")
    assert (filtered.tells, filtered.unfinished) == (True, False)
    filtered.hears("Et nous revenons le vingt.", "fr")
    assert not filtered.tells


async def heard(monkeypatch: pytest.MonkeyPatch, speech: Any, *texts: str) -> list[str]:
    """What the session gets of what the recogniser gives."""

    async def recogniser(*_: Any) -> AsyncIterator[stt.SpeechEvent]:
        for text in texts:
            yield stt.SpeechEvent(stt.SpeechEventType.START_OF_SPEECH)
            data = stt.SpeechData(language="en", text=text)  # type: ignore[arg-type]
            yield stt.SpeechEvent(stt.SpeechEventType.FINAL_TRANSCRIPT, alternatives=[data])

    monkeypatch.setattr(Agent.default, "stt_node", recogniser)
    call = SimpleNamespace(transcript_filter=a_filter(), language=SimpleNamespace(code="en"))
    options = SimpleNamespace(interruption={"min_words": 0})
    assistant: Any = SimpleNamespace(session=SimpleNamespace(current_speech=speech, options=options), _call=call)
    assistant._no_turn = lambda event: Assistant._no_turn(assistant, event)
    assistant._listening = lambda audio: Assistant._listening(assistant, audio)
    events = [event async for event in Assistant.stt_node(assistant, None, None)]  # type: ignore[arg-type]
    assert sum(event.type is stt.SpeechEventType.START_OF_SPEECH for event in events) == len(texts)
    return [event.alternatives[0].text for event in events if event.alternatives]


async def test_the_session_hears_nothing_of_a_listener_s_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    speaking = SimpleNamespace(done=lambda: False, interrupted=False)
    over = SimpleNamespace(done=lambda: True, interrupted=False)
    said = ("Mm-hm.", "Thanks for watching!", "And to Rome?", "Stop.")
    assert await heard(monkeypatch, speaking, *said) == ["And to Rome?", "Stop."]
    assert await heard(monkeypatch, over, *said) == ["Mm-hm.", "And to Rome?", "Stop."]
    assert await heard(monkeypatch, None, "Mm-hm.") == ["Mm-hm."]


async def test_once_the_loudspeaker_was_heard_only_words_silence_the_assistant() -> None:
    options = SimpleNamespace(interruption={"min_words": 0})
    speech = SimpleNamespace(done=lambda: False, interrupted=False)
    call = SimpleNamespace(transcript_filter=a_filter(), language=SimpleNamespace(code="en"))
    assistant: Any = SimpleNamespace(session=SimpleNamespace(current_speech=speech, options=options), _call=call)

    def no_turn(text: str) -> bool:
        data = stt.SpeechData(language="en", text=text)  # type: ignore[arg-type]
        event = stt.SpeechEvent(stt.SpeechEventType.FINAL_TRANSCRIPT, alternatives=[data])
        return Assistant._no_turn(assistant, event)

    assert no_turn("Mm-hm.")
    assert options.interruption["min_words"] == 0
    assert no_turn("14 flights from Madrid to Berlin")
    assert options.interruption["min_words"] == 1
    assert not no_turn("Stop.")


@pytest.mark.parametrize(
    "text",
    ["Which one is the fastest?", "¿Y el sábado?", "一番早いのはどれですか？", 'He said "why?"', "« Et demain ? »"],
)
def test_what_ends_like_a_question_asks(text: str) -> None:
    filtered = TranscriptFilter()
    filtered.hears(text, "en")
    assert filtered.asks
    filtered.hears("To Berlin.", "de")
    assert (filtered.asks, filtered.language) == (False, "de")


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("One moment, please.", "One moment, please."),
        ("Einen Moment bitte.", "Einen Moment bitte"),
        ("請稍等。 请稍等。", "请稍等"),
        ("少々お待ちください。", "少々お待ちください"),
    ],
)
@pytest.mark.parametrize("speaking", [True, False])
def test_the_echo_of_its_own_line_silences_nobody(said: str, text: str, *, speaking: bool) -> None:
    filtered = a_filter(said)
    for loudspeaker in (False, True):
        filtered.sound.comes_back = lambda back=loudspeaker: back  # type: ignore[method-assign,misc]
        assert filtered.holds_back(text, speaking=speaking) is loudspeaker, "a traveller may say the same"
        assert filtered.echoes is loudspeaker
    assert not filtered.holds_back("Wait.", speaking=speaking), "which it did not say"
    assert not filtered.holds_back("Stop.", speaking=speaking)


@pytest.mark.parametrize("filler", [True, False])
async def test_a_wish_for_a_moment_takes_no_turn_from_the_answer_that_is_worked_for(*, filler: bool) -> None:
    turns, interrupted = Turns(), []
    speech = SimpleNamespace(
        done=lambda: False, interrupted=False, interrupt=lambda *, force: interrupted.append(force)
    )
    call = SimpleNamespace(
        transcript_filter=a_filter(),
        language=SimpleNamespace(code="en"),
        turns=turns,
        speaker=SimpleNamespace(is_filler=lambda said: filler and said is speech),
    )
    assistant: Any = SimpleNamespace(session=SimpleNamespace(current_speech=speech), _call=call)

    def no_turn(text: str) -> bool:
        data = stt.SpeechData(language="en", text=text)  # type: ignore[arg-type]
        event = stt.SpeechEvent(stt.SpeechEventType.FINAL_TRANSCRIPT, alternatives=[data])
        return Assistant._no_turn(assistant, event)

    turns.speech_began()
    assert not no_turn("Wait, hold on."), "nothing runs: it is a stop"
    go = asyncio.Event()
    working = asyncio.create_task(turns.work.run(go.wait()))
    await asyncio.sleep(0)
    assert not no_turn("Wait, make it Milan.")
    assert not no_turn("Wait, stop.")
    assert interrupted == []
    assert no_turn("Wait, hold on.")
    assert interrupted == [True] * filler, "what only fills the wait"
    assert turns.spoken is not None
    assert turns.spoken.state is State.OVERTAKEN
    go.set()
    assert await working
    assert not no_turn("Wait, hold on.")


ANSWERS = {
    "en": ANSWER,
    "ja": "マドリードからベルリンまでの便が14件見つかりました。",
    "zh": "我找到从马德里到柏林的十四个航班。",
}


@pytest.mark.parametrize(
    ("language", "echo", "less"),
    [
        ("en", "flights from Madrid to", "flights from Madrid"),
        ("ja", "ベルリンまでの便", "ベルリンまでの"),
        ("zh", "到柏林的十四", "到柏林的十"),
    ],
)
def test_who_repeats_a_few_words_is_no_echo(language: str, echo: str, less: str) -> None:
    assert a_filter(ANSWERS[language]).holds_back(echo, speaking=True)
    assert not a_filter(ANSWERS[language]).holds_back(less, speaking=True)


def test_an_echo_may_have_lost_a_word_of_five_and_no_more() -> None:
    assert a_filter().holds_back("flights from Madrid to Paris", speaking=True)
    assert not a_filter().holds_back("flights from Madrid tomorrow", speaking=True)
    assert not a_filter().holds_back("Berlin to Madrid from flights", speaking=True), "in another order"


def test_what_it_said_long_ago_does_not_come_back() -> None:
    filtered = a_filter()
    filtered.says(" And there are more of them." * 40)
    assert filtered.holds_back("flights from Madrid to Berlin", speaking=True)
    filtered.says(" And there are more of them." * 20)
    assert not filtered.holds_back("flights from Madrid to Berlin", speaking=True)


def test_before_anything_was_said_its_words_say_nothing_of_an_end() -> None:
    fresh = TranscriptFilter()
    assert (fresh.unfinished, fresh.tells, fresh.asks, fresh.language, fresh.echoes) == (
        False,
        False,
        False,
        None,
        False,
    )
