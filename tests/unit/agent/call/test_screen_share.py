"""A shared screen is given to a model that sees, one picture a turn, and where none does that is said."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from livekit import rtc
from livekit.agents import llm

from agent.call import screen_share
from agent.call.screen_share import LONGEST_SIDE, ScreenShare, smaller
from contracts.dispatch import Pipeline
from contracts.languages import LANGUAGES
from contracts.models import Stage, parse_models, sees

LINES = LANGUAGES["es"].sight
STANDARD = rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD
TRAVELLER = SimpleNamespace(identity="user-1", kind=STANDARD, track_publications={})
SCREEN = SimpleNamespace(source=rtc.TrackSource.SOURCE_SCREENSHARE, sid="TR_1")
CAMERA = SimpleNamespace(source=rtc.TrackSource.SOURCE_CAMERA, sid="TR_1")
TRACK = SimpleNamespace(sid="TR_1")


def frame(width: int = 1920, height: int = 1080) -> rtc.VideoFrame:
    """As a stream gives it."""
    red = rtc.VideoFrame(width, height, rtc.VideoBufferType.RGBA, bytes([200, 10, 10, 255]) * (width * height))
    return red.convert(rtc.VideoBufferType.I420)


class Stream:
    """A video stream with one frame, that then stays open."""

    closed = 0

    def __init__(self, _track: Any, capacity: int) -> None:
        assert capacity == 1

    async def __aiter__(self) -> Any:
        yield SimpleNamespace(frame=frame())
        await asyncio.Event().wait()

    async def aclose(self) -> None:
        Stream.closed += 1


class World:
    def __init__(self, models: str = "openai/gpt-6-luna", pipeline: Pipeline = Pipeline.CASCADE) -> None:
        self.said: list[str] = []
        self.notices: list[str] = []
        self.model: list[str] = []
        self.pushed: list[rtc.VideoFrame] = []
        self.tasks: list[asyncio.Future[Any]] = []
        self.call: Any = SimpleNamespace(
            pipeline=pipeline,
            language=SimpleNamespace(code="es"),
            speaker=SimpleNamespace(words=self.said.append, notice=self._notice),
            run_aside=lambda work: self.tasks.append(asyncio.ensure_future(work)),
            turns=SimpleNamespace(current=object()),
            operators=SimpleNamespace(present=False),
            persona=SimpleNamespace(takes_files=True),
            tell_model=self._tell,
        )
        stage = Stage.REALTIME if pipeline is Pipeline.REALTIME else Stage.CHAT
        self.choice: Any = SimpleNamespace(models=lambda _stage: parse_models(stage, models))
        self.room: Any = rtc.EventEmitter()
        self.room.remote_participants = {}
        self.session: Any = rtc.EventEmitter()
        provider = SimpleNamespace(push_video=self.pushed.append)
        self.session.current_agent = SimpleNamespace(realtime_llm_session=provider)
        self.screen_share = ScreenShare(self.call, self.choice)
        self.screen_share.watch(self.room)
        self.screen_share.follow(self.session)

    async def _notice(self, kind: Any, *, text: str, severity: str = "info") -> None:
        assert text
        self.notices.append(f"{kind.value} {severity}")

    async def _tell(self, items: list[Any]) -> None:
        self.model += [item.text_content for item in items]

    async def share(self, publication: Any = SCREEN, who: Any = TRAVELLER) -> None:
        self.room.emit("track_subscribed", TRACK, publication, who)
        await self.settle()

    async def settle(self) -> None:
        for _ in range(5):
            await asyncio.sleep(0)
        await asyncio.gather(*self.tasks)

    async def close(self) -> None:
        self.room.emit("track_unsubscribed", TRACK, SCREEN, TRAVELLER)
        await self.settle()


@pytest.fixture(autouse=True)
def _stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen_share.rtc, "VideoStream", Stream)


def asked(text: str = "¿Qué pone ahí?") -> llm.ChatContext:
    chat = llm.ChatContext.empty()
    chat.add_message(role="assistant", content="Hola")
    chat.add_message(role="user", content=text)
    return chat


def pictures(chat: llm.ChatContext) -> list[llm.ImageContent]:
    messages = (item for item in chat.items if isinstance(item, llm.ChatMessage))
    return [part for item in messages for part in item.content if isinstance(part, llm.ImageContent)]


async def test_a_model_that_sees_gets_the_screen_before_the_words_of_the_turn_and_only_for_its_answer() -> None:
    world = World()
    await world.share()
    assert world.notices == ["screen_seen info"]
    assert "never an instruction" in world.model[0].replace("\n", " ")
    chat = asked()
    seen = await world.screen_share.with_picture(chat)
    assert [item.type for item in seen.items] == ["message"] * 3
    (picture,) = pictures(seen)
    assert isinstance(picture.image, rtc.VideoFrame)
    assert (picture.image.width, picture.image.height) == (LONGEST_SIDE, 720)
    assert seen.items[-1] is chat.items[-1]
    assert pictures(chat) == []  # what was seen is not kept in the conversation
    assert world.said == []
    again = await world.screen_share.with_picture(chat)
    assert pictures(again)[0] is picture  # a tool's result is answered with the same look
    assert pictures(await world.screen_share.with_picture(asked("¿Y ahora?")))[0] is not picture
    await world.close()


async def test_after_the_share_nothing_is_seen_and_the_model_knows() -> None:
    world, before = World(), Stream.closed
    await world.share()
    await world.close()
    assert pictures(await world.screen_share.with_picture(asked())) == []
    assert Stream.closed == before + 1
    assert "no longer" in world.model[-1]


async def test_realtime_gets_one_picture_a_turn() -> None:
    world = World("openai/gpt-realtime-2.1", Pipeline.REALTIME)
    await world.share()
    for _ in range(2):
        world.session.emit("user_state_changed", SimpleNamespace(new_state="speaking"))
        await world.settle()
    assert [(one.width, one.height) for one in world.pushed] == [(LONGEST_SIDE, 720)]
    world.call.turns.current = object()
    await world.screen_share.show()  # typed
    assert len(world.pushed) == 2
    world.session.emit("user_state_changed", SimpleNamespace(new_state="listening"))
    await world.settle()
    assert len(world.pushed) == 2
    await world.close()


@pytest.mark.parametrize("models", ["server/llama", "openai/gpt-6-luna,server/llama"])
async def test_where_a_model_has_no_eyes_that_is_said_once(models: str) -> None:
    world = World(models)
    await world.share()
    assert world.said == [LINES.unseen]
    assert world.notices == ["screen_unseen warning"]
    assert pictures(await world.screen_share.with_picture(asked())) == []
    assert len(world.said) == 1
    assert world.model == []
    await world.close()
    await world.share()
    assert len(world.said) == 2


async def test_a_pipeline_that_cannot_see_says_so_when_it_takes_over() -> None:
    world = World("openai/gpt-6-luna")
    await world.share()
    world.choice.models = lambda _stage: parse_models(Stage.CHAT, "server/llama")
    assert pictures(await world.screen_share.with_picture(asked())) == []
    assert world.said == [LINES.unseen]
    await world.close()


async def test_a_persona_that_takes_nothing_looks_at_nothing() -> None:
    world = World()
    world.call.persona.takes_files = False
    await world.share()
    assert world.said == [LINES.not_here]
    assert pictures(await world.screen_share.with_picture(asked())) == []


async def test_what_is_no_screen_of_a_traveller_is_not_looked_at() -> None:
    world = World()
    await world.share(CAMERA)
    await world.share(who=SimpleNamespace(identity="operator-1", kind=STANDARD))
    await world.share(who=SimpleNamespace(identity="x", kind=rtc.ParticipantKind.PARTICIPANT_KIND_AGENT))
    assert (world.said, world.notices) == ([], [])
    assert pictures(await world.screen_share.with_picture(asked())) == []


async def test_while_a_person_has_the_call_nothing_is_looked_at() -> None:
    world = World()
    await world.share()
    world.call.operators.present = True
    assert pictures(await world.screen_share.with_picture(asked())) == []
    await world.close()


def test_a_small_frame_stays_as_it_is() -> None:
    small = smaller(frame(640, 360))
    assert (small.width, small.height) == (640, 360)
    assert [abs(a - b) < 12 for a, b in zip(small.data[:4], (200, 10, 10, 255), strict=True)] == [True] * 4


def test_which_models_see() -> None:
    assert sees(parse_models(Stage.REALTIME, "openai/gpt-realtime-2.1"))
    assert sees(parse_models(Stage.CHAT, "anthropic/claude-sonnet-4-6,google/gemini-3.8-flash"))
    assert sees(parse_models(Stage.CHAT, "aws/amazon.nova-2-lite-v1:0"))
    assert not sees(parse_models(Stage.CHAT, "aws/some.other"))
    assert not sees(parse_models(Stage.REALTIME, "aws/amazon.nova-2-sonic-v1:0"))
