"""A call's session with the library's events and without a network: what it is told, says, and asks of models."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from livekit.agents import (
    AgentStateChangedEvent,
    SpeechCreatedEvent,
    UserInputTranscribedEvent,
    UserStateChangedEvent,
    llm,
)

from agent.call.screen import Screen
from agent.call.session import CallSession
from agent.call.state import Call
from agent.hearing.language import LanguageTracker
from agent.settings import AgentSettings
from agent.turns.tracker import Turns
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
        self.listeners: list[tuple[str, Callable[[Any], object]]] = []
        self._activity: Any = SimpleNamespace(_interrupt_by_audio_activity=lambda: self.did.append("asks itself"))

    def on(self, event: str, listener: Callable[[Any], object]) -> None:
        self.listeners.append((event, listener))

    def emit(self, event: str, about: Any) -> None:
        """Something happened in the library: whoever listens is told, in the order in which they came."""
        for name, listener in self.listeners:
            if name == event:
                listener(about)

    @property
    def room_io(self) -> Any:
        raise RuntimeError("there is no room")

    async def aclose(self) -> None:
        self.did.append("closed")

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
        self.stored: list[str] = []
        self.now = 100.0

        async def shown(*_: Any, **__: Any) -> None:
            """On the page."""

        async def events(*_: Any) -> None:
            """Taken."""

        async def store(_session_id: str, turn: Any) -> None:
            self.stored.append(turn.text)

        def say(line: str) -> Speech:
            self.said.append(line)
            return Speech()

        self.prepared: list[str] = []

        async def prepare(lines: Any) -> None:
            self.prepared += lines

        async def apologise(kind: str, **_: Any) -> None:
            self.said.append(str(kind))

        metadata = DispatchMetadata(session_id="s" * 12, pipeline=pipeline, language="en")
        speaker: Any = SimpleNamespace(
            line=say,
            apologise=apologise,
            prepare=prepare,
            notice=shown,
            is_filler=lambda _speech: False,
            repeat_as_clip=lambda: self.said.append("as a clip"),
            words=self.said.append,
        )
        room: Any = SimpleNamespace(describe=shown, notice=shown)
        backend: Any = SimpleNamespace(add_events=events, add_turn=store)
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
        self.left: list[str] = []
        self.participants: dict[str, Any] = {}

        async def delete_room() -> None:
            self.left.append("room deleted")

        ctx: Any = SimpleNamespace(
            room=SimpleNamespace(remote_participants=self.participants),
            delete_room=delete_room,
            shutdown=self.left.append,
        )
        self.running = CallSession(ctx, self.call)
        self.listeners = self.running.listeners
        self.session = Session()
        self.running.pipeline.session = self.session  # type: ignore[assignment]
        self.listeners.follow(self.session)  # type: ignore[arg-type]

    def ears(self, state: str) -> None:
        old = self.session.user_state
        self.session.user_state = state
        self.session.emit("user_state_changed", UserStateChangedEvent(old_state=old, new_state=state))  # type: ignore[arg-type]

    def provider(self, kind: str, item: str = "item_1", **fields: Any) -> None:
        self.running._recovery.server_event({"type": kind, "item_id": item, **fields})

    def question(self, item: str = "item_1", seconds: float = 1.0) -> None:
        """Said, and heard by both to the end."""
        self.ears("speaking")
        self.provider("input_audio_buffer.speech_started", item)
        self.now += seconds
        self.provider("input_audio_buffer.speech_stopped", item)
        self.ears("listening")

    def words(self, text: str, item: str | None = "item_1") -> None:
        event = UserInputTranscribedEvent(transcript=text, is_final=True, item_id=item)
        self.session.emit("user_input_transcribed", event)

    def answers(self, *, user_initiated: bool = False) -> Speech:
        """The provider begins an answer by itself."""
        speech: Any = Speech()
        event = SpeechCreatedEvent.model_construct(
            speech_handle=speech, user_initiated=user_initiated, source="generate_reply"
        )
        self.session.emit("speech_created", event)
        return speech  # type: ignore[no-any-return]

    def heard(self) -> None:
        """The assistant's sound begins."""
        self.session.emit("agent_state_changed", AgentStateChangedEvent(old_state="thinking", new_state="speaking"))

    async def settled(self) -> None:
        """What was begun by an event has run as far as it can."""
        for _ in range(20):
            await asyncio.sleep(0)
