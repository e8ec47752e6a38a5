"""The call's session binds what the library tells to turns: each question is answered once. The library's events, no network."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from livekit.agents import (
    AgentStateChangedEvent,
    ConversationItemAddedEvent,
    ErrorEvent,
    SpeechCreatedEvent,
    UserInputTranscribedEvent,
    UserStateChangedEvent,
    llm,
)

from agent.call.resume import ask_again
from agent.call.screen import Screen
from agent.call.session import CallSession
from agent.call.state import Call
from agent.hearing.language import LanguageTracker
from agent.settings import AgentSettings
from agent.turns.tracker import Turns
from agent.turns.turn import State
from contracts.dispatch import DispatchMetadata, Pipeline

SETTINGS = AgentSettings.model_validate(
    {
        "LIVEKIT_URL": "ws://127.0.0.1",
        "LIVEKIT_API_KEY": "key",
        "LIVEKIT_API_SECRET": "s" * 32,
        "OPENAI_API_KEY": "sk-test",
    }
)


class Speech:
    """What the library speaks, or is about to."""

    def __init__(self) -> None:
        self.interrupted = False

    def __await__(self) -> Any:
        yield from asyncio.sleep(0).__await__()

    def interrupt(self, *, force: bool = False) -> None:
        assert force
        self.interrupted = True

    def exception(self) -> None:
        """It was not refused."""

    def done(self) -> bool:
        return False


class Session:
    """The library's, as far as a call moves it."""

    def __init__(self) -> None:
        self.user_state = self.agent_state = "listening"
        self.current_speech: Speech | None = None
        self.history = llm.ChatContext.empty()
        self.did: list[str] = []

    async def _nothing(self) -> None:
        """Interrupted."""

    def interrupt(self, *, force: bool = False) -> Any:
        self.did.append(f"interrupt {force}")
        return asyncio.ensure_future(self._nothing())

    def generate_reply(self, *, user_input: str | None = None, **_: Any) -> Speech:
        self.did.append(f"reply {user_input}")
        return Speech()

    def clear_user_turn(self) -> None:
        self.did.append("clear")


class World:
    def __init__(self, pipeline: Pipeline) -> None:
        self.said: list[str] = []
        self.now = 100.0

        async def shown(*_: Any, **__: Any) -> None:
            """On the page."""

        async def events(*_: Any) -> None:
            """Taken."""

        def say(line: str) -> Speech:
            self.said.append(line)
            return Speech()

        async def apologise(kind: str, **_: Any) -> None:
            self.said.append(str(kind))

        metadata = DispatchMetadata(session_id="s" * 12, pipeline=pipeline, language="en")
        speaker: Any = SimpleNamespace(line=say, apologise=apologise, notice=shown, is_filler=lambda _speech: False)
        room: Any = SimpleNamespace(describe=shown, notice=shown)
        backend: Any = SimpleNamespace(add_events=events, add_turn=events)
        self.turns = Turns(lambda: self.now)
        self.call = Call(
            metadata=metadata,
            settings=SETTINGS,
            pipeline=pipeline,
            backend=backend,
            room=room,
            turns=self.turns,
            language=LanguageTracker(metadata),
            speaker=speaker,
            screen=Screen(),
        )
        ctx: Any = SimpleNamespace()
        self.running = CallSession(ctx, self.call)
        self.session = Session()
        self.running._session = self.session  # type: ignore[assignment]

    def ears(self, state: str) -> None:
        old = self.session.user_state
        self.session.user_state = state
        self.running._on_user_state(UserStateChangedEvent(old_state=old, new_state=state))  # type: ignore[arg-type]

    def provider(self, kind: str, item: str = "item_1", **fields: Any) -> None:
        self.running._repair.server_event({"type": kind, "item_id": item, **fields})

    def question(self, item: str = "item_1", seconds: float = 1.0) -> None:
        """Said, and heard by both to the end."""
        self.ears("speaking")
        self.provider("input_audio_buffer.speech_started", item)
        self.now += seconds
        self.provider("input_audio_buffer.speech_stopped", item)
        self.ears("listening")

    def words(self, text: str, item: str | None = "item_1") -> None:
        event = UserInputTranscribedEvent(transcript=text, is_final=True, item_id=item)
        self.running._on_transcribed(event)

    def answers(self) -> Speech:
        """The provider begins an answer by itself."""
        speech: Any = Speech()
        event = SpeechCreatedEvent.model_construct(speech_handle=speech, user_initiated=False, source="generate_reply")
        self.running._on_speech_created(event)
        return speech  # type: ignore[no-any-return]

    def heard(self) -> None:
        """The assistant's sound begins."""
        self.running._on_agent_state(AgentStateChangedEvent(old_state="thinking", new_state="speaking"))

    async def settled(self) -> None:
        """What was begun by an event has run as far as it can."""
        for _ in range(20):
            await asyncio.sleep(0)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    yield World(Pipeline.REALTIME)
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


async def test_words_that_come_after_the_answer_ask_nothing(world: World) -> None:
    world.question()
    world.answers()
    world.heard()
    world.words("Find me a flight from Madrid to Berlin")
    assert world.turns.open is None
    assert world.turns.number == 0
    assert "Berlin" in world.call.heard, "the assistant may repeat its numbers all the same"


async def test_words_that_come_twice_are_one_question(world: World) -> None:
    world.question()
    for _ in range(2):
        world.words("Find me a flight from Madrid to Berlin")
    assert world.turns.number == 1


@pytest.mark.parametrize("words", ["okay", "thank you", "Find me a flight to Rome"])
async def test_words_during_a_search_do_not_end_it(world: World, words: str) -> None:
    world.question()
    go = asyncio.Event()
    running = asyncio.create_task(world.turns.work.run(go.wait()))
    await world.settled()
    world.question("item_2")
    world.words(words, "item_2")
    await world.settled()
    assert not running.done()
    go.set()
    assert await running


async def test_a_stop_during_a_search_ends_it_in_silence(world: World) -> None:
    world.question()
    running = asyncio.create_task(world.turns.work.run(asyncio.Event().wait()))
    await world.settled()
    world.question("item_2", seconds=0.4)
    world.words("stop", "item_2")
    await world.settled()
    assert running.done()
    assert running.exception() is not None
    assert world.session.did == ["interrupt True"]
    assert world.answers().interrupted, "the provider's own answer to the stop"
    assert world.turns.muted


async def test_a_stop_whose_words_come_after_its_answer_began_is_a_stop(world: World) -> None:
    world.question()
    world.answers()
    world.heard()
    world.words("stop")
    await world.settled()
    assert world.turns.muted
    assert world.session.did == ["interrupt True"]


async def test_the_answer_to_what_was_overtaken_by_typed_words_is_not_heard(world: World) -> None:
    world.question()
    await world.running._controls.typed("Find me a flight to Rome")
    assert world.answers().interrupted
    assert not world.answers().interrupted, "what was typed is answered"
    world.words("stop")
    assert not world.turns.muted, "it was said before"
    assert world.turns.open is not None
    assert world.turns.open.words == "Find me a flight to Rome"


async def test_words_that_could_not_be_made_out_leave_the_question_open(world: World) -> None:
    world.question()
    world.provider("conversation.item.input_audio_transcription.failed")
    assert world.turns.open is not None
    world.answers()
    world.heard()
    assert world.turns.open is None


async def test_a_question_that_was_asked_of_a_lost_connection_is_asked_again(world: World) -> None:
    world.question()
    world.words("Find me a flight to Rome")
    ask_again(world.running._call, world.running.session)
    assert world.session.did == ["reply Find me a flight to Rome"]
    assert world.turns.number == 1


async def test_who_spoke_to_a_lost_connection_is_asked_to_say_it_again(world: World) -> None:
    world.question()
    ask_again(world.running._call, world.running.session)
    assert (world.said, world.session.did) == (["not_understood"], [])
    assert world.turns.open is None


async def test_an_answer_that_is_in_the_conversation_is_not_given_again(world: World) -> None:
    world.question()
    world.words("Find me a flight to Rome")
    world.heard()
    message = llm.ChatMessage(role="assistant", content=["The cheapest one"])
    world.running._on_item(ConversationItemAddedEvent(item=message))
    ask_again(world.running._call, world.running.session)
    assert (world.said, world.session.did) == ([], [])


async def test_a_model_that_failed_for_good_is_said_to_have(world: World) -> None:
    world.question()
    error = SimpleNamespace(type="llm_error", recoverable=False, error=TimeoutError())
    world.running._on_error(ErrorEvent.model_construct(error=error, source=None))
    await world.settled()
    assert world.said == ["model_unavailable"]
    assert world.turns.open is None


@pytest.mark.usefixtures("world")
async def test_in_the_cascade_speech_of_which_no_words_come_is_asked_about() -> None:
    cascade = World(Pipeline.CASCADE)
    cascade.ears("speaking")
    cascade.now += 1
    cascade.ears("listening")
    await cascade.running._not_understood()
    assert cascade.said == ["not_understood"]
    cascade.words("Find me a flight to Rome", None)
    await cascade.running._not_understood()
    assert cascade.said == ["not_understood"], "they came late, and are answered"
    assert cascade.turns.open is not None


async def test_what_the_provider_missed_is_asked_about(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.budgets.UNHEARD_AFTER", 0.0)

    async def alive(_provider: Any) -> bool:
        return True

    monkeypatch.setattr("agent.turns.unheard.drops_sound", alive)
    world.session.current_agent = SimpleNamespace(realtime_llm_session=None)  # type: ignore[attr-defined]
    world.ears("speaking")
    world.now += 1
    world.ears("listening")
    await world.settled()
    assert world.said == ["not_understood"]
    assert world.turns.spoken is not None
    assert world.turns.spoken.state is State.EMPTY
