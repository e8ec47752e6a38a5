"""One session of the library's after another: what is closed, opened, told and asked again. No network."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from call_session import Session, World
from livekit.agents import llm

from agent.hearing.eager_transcription import EagerTranscription
from agent.turns.work import Superseded
from contracts.dispatch import Pipeline


class Opened(Session):
    """A session that notes its start."""

    def __init__(self, log: list[str], name: str, *, fails: bool = False) -> None:
        super().__init__()
        self.log, self.name, self.fails = log, name, fails

    async def start(self, agent: Any, **options: Any) -> None:
        if self.fails:
            raise OSError("no room")
        self.log.append(f"start {self.name} audio={options['room_options'].audio_output}")
        self.history = agent.chat_ctx.copy()
        assert (options["record"], options["session_host"]) == (False, False), (
            "nothing goes to a service of the library's"
        )
        assert options["room"] is not None

    async def aclose(self) -> None:
        self.log.append(f"close {self.name}")


@pytest.fixture
def log() -> list[str]:
    return []


@pytest.fixture
async def world(log: list[str], monkeypatch: pytest.MonkeyPatch) -> World:
    world = World(Pipeline.REALTIME)
    world.sessions = []  # type: ignore[attr-defined]

    def build(pipeline: Pipeline, *_: Any) -> Any:
        return SimpleNamespace(
            pipeline=pipeline, stt=None, language_changed=lambda *_args: log.append(f"language {pipeline.value}")
        )

    def new_session(models: Any, _call: Any) -> Opened:
        return Opened(log, models.pipeline.value, fails=models.pipeline is Pipeline.TEXT)

    monkeypatch.setattr("agent.call.running_pipeline.build", build)
    monkeypatch.setattr("agent.call.running_pipeline.new_session", new_session)
    pipeline = world.running.pipeline
    pipeline.serve(
        lambda chat: SimpleNamespace(chat_ctx=chat),  # type: ignore[arg-type,return-value]
        lambda session: log.append(f"follow {session.name}"),  # type: ignore[attr-defined]
        lambda to, reason: log.append(f"record {to.value}: {reason}"),
    )
    await pipeline.open(Pipeline.REALTIME, llm.ChatContext.empty())
    return world


async def test_a_session_is_followed_before_it_starts(world: World, log: list[str]) -> None:
    assert log == ["follow realtime", "start realtime audio=True"]
    assert world.running.session is not None


async def test_a_lost_pipeline_is_closed_before_the_next_which_knows_the_conversation_and_answers(
    world: World, log: list[str]
) -> None:
    old: Any = world.running.session
    old.history.add_message(role="user", content="to Berlin")
    world.turns.resumed("to Berlin")
    log.clear()
    await world.running.pipeline.switch(Pipeline.CASCADE)
    assert log == [
        "close realtime",
        "follow cascade",
        "start cascade audio=True",
        "record cascade: the connection was lost",
    ]
    new: Any = world.running.session
    assert [item.text_content for item in new.history.items] == ["to Berlin"]
    assert world.said == ["pipeline_switched"]
    assert new.did == ["reply None"], "it is in the conversation already"
    assert world.call.pipeline is Pipeline.CASCADE


async def test_where_no_session_is_left_the_next_one_begins_with_nothing(world: World, log: list[str]) -> None:
    world.running.pipeline.session = None
    log.clear()
    await world.running.pipeline.switch(Pipeline.CASCADE)
    new: Any = world.running.session
    assert new.history.items == []
    assert world.said == ["pipeline_switched"]


async def test_a_call_that_ends_while_its_pipeline_changes_says_nothing_of_it(world: World, log: list[str]) -> None:
    pipeline = world.running.pipeline
    old: Any = pipeline.session

    async def close() -> None:
        pipeline.over = True

    old.aclose = close
    log.clear()
    await pipeline.switch(Pipeline.CASCADE)
    assert (world.said, pipeline.changing) == ([], False)


async def test_while_one_session_follows_another_no_third_one_does(world: World, log: list[str]) -> None:
    world.running.pipeline.changing = True
    log.clear()
    await world.running.pipeline.switch(Pipeline.CASCADE)
    assert (log, world.said) == ([], [])


async def test_a_pipeline_that_cannot_be_opened_ends_the_call(world: World, log: list[str]) -> None:
    log.clear()
    await world.running.pipeline.switch(Pipeline.TEXT)
    assert world.left == ["room deleted", "pipeline lost"]
    assert world.said == [], "nobody is there to hear it"
    assert world.running.session is None


async def test_ears_and_voice_of_the_present_pipeline_are_told_of_a_language(world: World, log: list[str]) -> None:
    log.clear()
    await world.running.pipeline.switch(Pipeline.CASCADE)
    world.running.pipeline.language_changed()
    assert log[-1] == "language cascade"
    assert World(Pipeline.CASCADE).running.pipeline.language_changed() is None, "none has been opened"


async def test_only_eager_ears_tell_whether_they_are_at_work() -> None:
    pipeline = World(Pipeline.CASCADE).running.pipeline
    assert pipeline.eager_ears is None
    eager = EagerTranscription.__new__(EagerTranscription)
    for model, expected in ((eager, eager), (object(), None)):
        pipeline._models = SimpleNamespace(stt=SimpleNamespace(model=model))  # type: ignore[assignment]
        assert pipeline.eager_ears is expected


async def test_what_is_told_between_two_sessions_is_lost_and_nothing_else() -> None:
    pipeline = World(Pipeline.CASCADE).running.pipeline
    pipeline.session = None
    await pipeline.tell_model([])


async def test_what_tools_told_goes_along_into_the_next_session(world: World) -> None:
    old: Any = world.running.session
    old.history.insert(llm.FunctionCall(call_id="c", name="search_flights", arguments="{}"))
    old.history.insert(llm.FunctionCallOutput(call_id="c", name="search_flights", output="2 flights", is_error=False))
    await world.running.pipeline.switch(Pipeline.CASCADE)
    new: Any = world.running.session
    assert [item.type for item in new.history.items] == ["function_call", "function_call_output"]


async def test_a_call_that_is_over_gets_no_other_session(world: World, log: list[str]) -> None:
    pipeline = world.running.pipeline
    await pipeline.close()
    assert (log[-1], pipeline.session, pipeline.present()) == ("close realtime", None, None)
    log.clear()
    assert not await pipeline.reopen(Pipeline.CASCADE, llm.ChatContext.empty(), "too late")
    assert log == []


async def test_it_is_known_while_one_session_follows_another_and_not_after(world: World) -> None:
    pipeline = world.running.pipeline
    seen: list[bool] = []
    old: Any = pipeline.session
    assert pipeline.present() is old

    async def close() -> None:
        seen.append(pipeline.changing)

    old.aclose = close
    assert await pipeline.reopen(Pipeline.CASCADE, llm.ChatContext.empty(), "the connection was lost")
    assert (seen, pipeline.changing) == ([True], False)
    assert await pipeline.reopen(Pipeline.REALTIME, llm.ChatContext.empty(), "again"), "and once more"


async def test_a_new_session_is_described_hears_the_traveller_and_pauses_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    did: list[str] = []

    async def describe(**fields: Any) -> None:
        did.append(f"described as {fields['pipeline'].value}")

    async def hear(*_: Any) -> None:
        did.append("hears")

    world.call.room.describe = describe  # type: ignore[method-assign]
    monkeypatch.setattr("agent.call.running_pipeline.hear_the_traveller", hear)
    monkeypatch.setattr("agent.call.running_pipeline.silent_at_once", lambda _session: did.append("pauses"))
    await world.running.pipeline.open(Pipeline.CASCADE, llm.ChatContext.empty())
    await asyncio.gather(*world.call.background)
    assert sorted(did) == ["described as cascade", "hears", "pauses"]


async def test_providers_are_told_the_language_of_the_call_and_its_clients_are_closed_at_the_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = world.running.pipeline
    context = pipeline.context()
    assert (context.language, context.pinned, context.settings) == ("en", True, world.call.settings)
    world.call.language.choose("auto")
    assert (pipeline.context().language, pipeline.context().pinned) == ("en", False)
    closed: list[bool] = []

    async def aclose() -> None:
        closed.append(True)

    monkeypatch.setattr(context.clients, "aclose", aclose)
    await pipeline.aclose()
    assert closed == [True]


async def test_a_search_does_not_hold_up_the_pipeline_that_takes_over(world: World) -> None:
    world.turns.typed("to Berlin")
    search = asyncio.create_task(world.turns.work.run(asyncio.sleep(60)))
    await world.settled()
    await world.running.pipeline.switch(Pipeline.CASCADE)
    await asyncio.wait([search], timeout=1)
    assert isinstance(search.exception(), Superseded)
    assert world.turns.open is not None
    assert world.call.pipeline is Pipeline.CASCADE
