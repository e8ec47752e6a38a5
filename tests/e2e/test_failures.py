"""Whatever fails, the caller is told something true in words, and the call goes on, by text if it must."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from livekit import api as livekit_api
from stacks import Emulator, Speech, StackFactory, api_gone, frozen

from agent import budgets
from cli.commands.doctor import examine
from cli.find import Target
from cli.stack.local import LocalStack, StartError
from cli.traveller.audio import RATE
from cli.traveller.caller import CallError, Traveller
from contracts.dispatch import Pipeline
from contracts.languages import language
from contracts.room import NoticeKind
from contracts.sessions import AgentVerdict, SessionRequest, SessionStatus

QUESTION = "Find me a flight from Madrid to Berlin tomorrow"
GIVE_UP_SECONDS = 40.0
ASKED_ONCE = {"POLYGLOT_WATCH_REDISPATCHES": "0"}
"""For tests in which it does not matter how often an agent is asked for before the user is told."""


async def verdict(caller: Traveller, wanted: AgentVerdict, seconds: float = GIVE_UP_SECONDS) -> SessionStatus:
    """Poll the API, as the page does, until it says so."""
    deadline = time.monotonic() + seconds
    while True:
        status = await caller.status()
        if status.verdict is wanted:
            return status
        assert time.monotonic() < deadline, f"still {status}"
        await asyncio.sleep(0.2)


async def given_up(caller: Traveller) -> SessionStatus:
    """Poll until the API has told the user that no agent comes."""
    deadline = time.monotonic() + GIVE_UP_SECONDS
    while not (status := await caller.status()).gave_up:
        assert time.monotonic() < deadline, f"still {status}"
        await asyncio.sleep(0.2)
    return status


async def assert_answers(caller: Traveller, text: str = QUESTION) -> None:
    """A typed question gets cards and an answer."""
    asked = await caller.write(text)
    await caller.cards(asked)
    assert (await caller.answer(asked)).text


async def test_a_worker_of_another_name_is_found_and_one_of_the_right_name_takes_the_call(lonely: LocalStack) -> None:
    lonely.overrides = {"LIVEKIT_AGENT_NAME": "somebody-else"}
    await lonely.start_agent()
    lonely.overrides = {}
    try:
        async with Traveller.call(lonely.api_url, SessionRequest(language="de")) as caller:
            status = await given_up(caller)
            assert status.verdict is AgentVerdict.NO_WORKER
            assert status.message == language("de").lines.agent_missing
            assert status.attempts > 1
            target = Target(api_url=lonely.api_url, health_url=lonely.health_url)
            findings = {finding.link: finding async for finding in examine(target)}
            assert findings["Agent name"].state == "failed"
            assert "somebody-else" in findings["Agent name"].detail
            assert findings["Agent in the room"].state == "failed"
            day = datetime.now(UTC).date() + timedelta(days=30)
            search = await caller.http.get(
                "/v1/flights/search",
                params={"origin": "Madrid", "destination": "Berlin", "departure_date": day.isoformat()},
            )
            assert search.json()["offers"], "the form must work without an agent"
            await lonely.stop("agent")
            await lonely.start_agent()
            retried = await caller.http.post(
                f"/v1/sessions/{caller.session.session_id}/dispatch", headers=caller.credentials
            )
            assert retried.is_success
            await verdict(caller, AgentVerdict.READY)
            await caller.ready()
            await assert_answers(caller)
    finally:
        await lonely.stop("agent")


async def test_a_busy_worker_is_said_and_the_freed_one_takes_the_call(own_stack: StackFactory) -> None:
    async with own_stack(environ=ASKED_ONCE | {"POLYGLOT_AGENT_MAX_CALLS": "1"}) as stack:
        first = Traveller.call(stack.api_url)
        caller_one = await first.__aenter__()
        await caller_one.ready()
        async with Traveller.call(stack.api_url) as caller_two:
            status = await given_up(caller_two)
            assert status.verdict is AgentVerdict.NO_WORKER
            assert status.message
            await first.__aexit__(None, None, None)
            deadline = time.monotonic() + GIVE_UP_SECONDS
            while time.monotonic() < deadline and not caller_two.agent_states:
                await caller_two.http.post(
                    f"/v1/sessions/{caller_two.session.session_id}/dispatch", headers=caller_two.credentials
                )
                await asyncio.sleep(2)
            await caller_two.ready()
            await assert_answers(caller_two)


async def test_an_agent_killed_in_a_call_is_replaced_and_knows_the_conversation(stack: LocalStack) -> None:
    async with Traveller.call(stack.api_url, SessionRequest(pipeline=Pipeline.CASCADE)) as caller:
        await caller.ready()
        await caller.hush()
        await assert_answers(caller)
        killed = time.monotonic()
        stack.children["agent"].process.kill()
        await stack.stop("agent")
        await stack.start_agent()
        await caller.told("resumed", killed, seconds=GIVE_UP_SECONDS)
        await caller.sound(killed)
        await caller.quiet()
        # "And to Rome?" means nothing without the conversation before.
        asked = await caller.write("And to Rome?")
        cards = await caller.cards(asked)
        assert (cards.result.query.origin.code, cards.result.query.destination.code) == ("MAD", "ROM")


async def test_a_drained_worker_hands_its_call_over_with_the_cards(own_stack: StackFactory) -> None:
    async with (
        own_stack(environ={"POLYGLOT_AGENT_DRAIN_SECONDS": "1"}) as stack,
        Traveller.call(stack.api_url, SessionRequest(pipeline=Pipeline.CASCADE)) as caller,
    ):
        await caller.ready()
        await caller.hush()
        await assert_answers(caller)
        old = stack.children.pop("agent")
        await stack.start_agent()
        drained = time.monotonic()
        old.process.terminate()
        await caller.sound(drained)
        await caller.told("resumed", drained, seconds=GIVE_UP_SECONDS)
        async with asyncio.timeout(15):
            assert await old.process.wait() == 0
        old.log.close()
        await caller.quiet()
        chosen = await caller.write("The second one, please")
        assert (await caller.cards(chosen)).selected == 2


async def test_a_reloaded_page_gets_a_live_agent_and_the_old_room_closes(stack: LocalStack) -> None:
    async with Traveller.call(stack.api_url) as before:
        await before.ready()
        old_room = before.session.room_name
    async with Traveller.call(stack.api_url) as after:
        assert after.session.room_name != old_room
        await after.ready()
        await assert_answers(after)
        client = livekit_api.LiveKitAPI(stack.livekit_url, stack.livekit_key, stack.livekit_secret)
        try:
            deadline = time.monotonic() + 25
            while old_room in {
                room.name for room in (await client.room.list_rooms(livekit_api.ListRoomsRequest())).rooms
            }:
                assert time.monotonic() < deadline, "the old room is still open"
                await asyncio.sleep(0.5)
        finally:
            await client.aclose()


REFUSED, LIMITED, BROKEN = (("status", {"status": status}) for status in (401, 429, 500))
STALLED: tuple[str, dict[str, int]] = ("stall", {})
MUTE: tuple[str, dict[str, int]] = ("stall", {"after": 1})
"""Of a realtime response: it is made, and nothing comes of it."""
"""The library tells statuses apart, and not stages: each status is met by one stage or two, and each stage stalls."""


@pytest.mark.parametrize(("kind", "options"), [LIMITED, STALLED])
async def test_a_failing_language_model_is_said_aloud_and_the_call_goes_on(
    stack: LocalStack, emulator: Emulator, kind: str, options: dict[str, int]
) -> None:
    async with Traveller.call(stack.api_url, SessionRequest(pipeline=Pipeline.CASCADE)) as caller:
        await caller.ready()
        await caller.hush()
        await emulator.fault("chat", kind, **options)
        asked = await caller.write(QUESTION)
        notice = await caller.told(NoticeKind.MODEL_UNAVAILABLE, asked)
        assert notice.text == language("en").lines.model_unavailable
        # Nobody waits in silence for a model that takes its time.
        waited = language("en").lines.one_moment in [heard.text for heard in caller.transcripts if heard.at >= asked]
        assert waited == (kind == "stall")
        await caller.sound(asked)
        await caller.quiet()
        await emulator.heal()
        await assert_answers(caller)


@pytest.mark.parametrize(("kind", "options"), [REFUSED, STALLED])
async def test_failing_speech_recognition_is_said_aloud_and_typing_works(
    stack: LocalStack, emulator: Emulator, speech: Speech, kind: str, options: dict[str, int]
) -> None:
    async with Traveller.call(stack.api_url, SessionRequest(pipeline=Pipeline.CASCADE)) as caller:
        await caller.ready()
        await caller.hush()
        await emulator.fault("transcriptions", kind, **options)
        asked = await caller.say(await speech(QUESTION))
        notice = await caller.told(NoticeKind.HEARING_UNAVAILABLE, asked, seconds=20)
        assert notice.action == "type"
        await caller.sound(asked)
        await assert_answers(caller)


@pytest.mark.parametrize(("kind", "options"), [BROKEN, STALLED])
async def test_a_failing_voice_is_said_aloud_and_answers_come_in_writing(
    stack: LocalStack, emulator: Emulator, kind: str, options: dict[str, int]
) -> None:
    async with Traveller.call(stack.api_url, SessionRequest(pipeline=Pipeline.CASCADE)) as caller:
        await caller.ready()
        await caller.hush()
        await emulator.fault("speech", kind, **options)
        asked = await caller.write(QUESTION)
        notice = await caller.told(NoticeKind.VOICE_UNAVAILABLE, asked, seconds=20)
        assert notice.text == language("en").lines.voice_unavailable
        await caller.sound(asked)
        answer = await caller.until(
            "written answer",
            lambda: next((t for t in caller.transcripts if "Berlin" in t.text and t.speaker == "assistant"), None),
            20,
        )
        assert "sample" in answer.text.lower()


@pytest.mark.parametrize(("kind", "options"), [REFUSED, BROKEN, MUTE])
async def test_a_realtime_service_that_refuses_is_replaced_by_the_cascade(
    stack: LocalStack, emulator: Emulator, speech: Speech, kind: str, options: dict[str, int]
) -> None:
    await emulator.fault("realtime", kind, **options)
    async with Traveller.call(stack.api_url, SessionRequest(pipeline=Pipeline.REALTIME)) as caller:
        await caller.ready(25)
        if kind == "stall":
            await caller.hush()
            typed = await caller.write(QUESTION)
            waited = await caller.sound(typed)
            # The line is heard, and nothing of a search: the first response was given up, the second as well.
            assert not [
                at for at, notice in caller.notices if notice.kind is NoticeKind.PIPELINE_SWITCHED and at < waited
            ]
        await caller.told(NoticeKind.PIPELINE_SWITCHED, seconds=25)
        await caller.quiet()
        asked = await caller.say(await speech(QUESTION))
        await caller.cards(asked - 1)
        await caller.sound(asked)


async def test_a_realtime_service_that_takes_its_time_answers_and_a_line_is_heard_before(
    stack: LocalStack, emulator: Emulator
) -> None:
    async with Traveller.call(stack.api_url, SessionRequest(pipeline=Pipeline.REALTIME)) as caller:
        await caller.ready()
        await caller.hush()
        # Of each response, the one that searches and the one that answers.
        await emulator.fault("realtime", "delay", seconds=5, after=1)
        asked = await caller.write(QUESTION)
        assert await caller.sound(asked) - asked < 4.0
        await caller.cards(asked)
        answer = await caller.answer(asked, 25)
        assert "Berlin" in answer.text
        assert answer.at - asked > 10.0
        told = {notice.kind for at, notice in caller.notices if at >= asked}
        assert not told & {NoticeKind.PIPELINE_SWITCHED, NoticeKind.MODEL_UNAVAILABLE}


async def test_a_realtime_connection_lost_for_good_goes_on_as_cascade(
    stack: LocalStack, emulator: Emulator, speech: Speech
) -> None:
    async with Traveller.call(stack.api_url, SessionRequest(pipeline=Pipeline.REALTIME)) as caller:
        await caller.ready()
        await caller.hush()
        asked = await caller.say(await speech(QUESTION))
        await caller.cards(asked - 1)
        await caller.quiet()
        lost = time.monotonic()
        await emulator.faults(
            [{"route": "realtime", "kind": "disconnect"}, {"route": "realtime", "kind": "status", "status": 500}]
        )
        await caller.told(NoticeKind.PIPELINE_SWITCHED, lost, seconds=25)
        await caller.sound(lost)
        await caller.quiet()
        again = await caller.write("And to Rome?")
        cards = await caller.cards(again)
        assert (cards.result.query.origin.code, cards.result.query.destination.code) == ("MAD", "ROM")


async def test_a_realtime_connection_lost_once_is_mended(stack: LocalStack, emulator: Emulator, speech: Speech) -> None:
    """Cut off, ended in its sixtieth minute, and ended in the middle of a sentence."""
    async with Traveller.call(stack.api_url, SessionRequest(pipeline=Pipeline.REALTIME)) as caller:
        await caller.ready()
        await caller.hush()
        await emulator.fault("realtime", "disconnect", times=1)
        await asyncio.sleep(1)
        samples = await speech(QUESTION)
        asked = await caller.say(samples)
        await caller.cards(asked - 1)
        await caller.sound(asked)
        await emulator.fault("realtime", "expired", times=1)
        await asyncio.sleep(1)
        asked = await caller.write("Show me flights from Paris to Rome tomorrow")
        assert (await caller.cards(asked)).result.query.destination.code == "ROM"
        await caller.hush()
        saying = asyncio.create_task(caller.say(samples))
        await asyncio.sleep(len(samples) / RATE / 2)
        await emulator.fault("realtime", "expired", times=1)
        # Half a sentence is no question: it is answered if the rest was understood, and asked about if not.
        await caller.sound(await saying)
        assert NoticeKind.PIPELINE_SWITCHED not in {notice.kind for _, notice in caller.notices}


async def test_a_realtime_connection_that_is_dead_without_saying_so_is_given_up(
    stack: LocalStack, speech: Speech
) -> None:
    samples = await speech(QUESTION)
    async with Traveller.call(stack.api_url, SessionRequest(pipeline=Pipeline.REALTIME)) as caller:
        await caller.ready()
        await caller.hush()
        with frozen(stack, "emulator"):
            said = await caller.say(samples)
            # Before the clock that guards every answer would notice.
            await caller.told(NoticeKind.PIPELINE_SWITCHED, said, seconds=budgets.ANSWER_WATCHDOG - 2)
            await caller.sound(said)
            await caller.quiet()
        asked = await caller.say(samples)
        await caller.cards(asked - 1)
        await caller.sound(asked)


@pytest.mark.parametrize("pipeline", [Pipeline.REALTIME, Pipeline.CASCADE, Pipeline.TEXT])
async def test_an_api_that_is_down_during_a_search_is_said(stack: LocalStack, pipeline: Pipeline) -> None:
    async with Traveller.call(stack.api_url, SessionRequest(pipeline=pipeline)) as caller:
        await caller.ready()
        await (caller.quiet() if pipeline is Pipeline.TEXT else caller.hush())
        async with api_gone(stack):
            asked = await caller.write(QUESTION)
            await caller.told(NoticeKind.SEARCH_UNAVAILABLE, asked)
            assert (await caller.answer(asked)).text
        await caller.quiet()
        await assert_answers(caller)


async def test_metadata_that_does_not_validate_is_rejected_with_a_reason(stack: LocalStack) -> None:
    async with httpx2.AsyncClient(base_url=stack.api_url, timeout=5) as http:
        started = (await http.post("/v1/sessions", json={"language": "fr"})).json()
        client = livekit_api.LiveKitAPI(stack.livekit_url, stack.livekit_key, stack.livekit_secret)
        try:
            await client.agent_dispatch.create_dispatch(
                livekit_api.CreateAgentDispatchRequest(
                    agent_name="polyglot-flight-agent", room=started["room_name"], metadata='{"pipeline": "telepathy"}'
                )
            )
        finally:
            await client.aclose()
        deadline = time.monotonic() + GIVE_UP_SECONDS
        while True:
            headers = {"Authorization": f"Bearer {started['participant_token']}"}
            answer = await http.get(f"/v1/sessions/{started['session_id']}", headers=headers)
            status = SessionStatus.model_validate(answer.json())
            if status.verdict is AgentVerdict.REJECTED:
                break
            assert time.monotonic() < deadline, f"still {status}"
            await asyncio.sleep(0.2)
    assert "pipeline" in (status.reason or "")
    assert "session_id" in (status.reason or "")
    assert status.message == language("fr").lines.request_rejected


async def test_a_model_that_does_not_exist_is_refused_at_the_door(stack: LocalStack) -> None:
    with pytest.raises(CallError, match="gpt-99"):
        async with Traveller.call(stack.api_url, SessionRequest(model="gpt-99")):
            pass


async def test_a_misconfigured_model_stops_the_start_with_what_exists(own_stack: StackFactory) -> None:
    wrong = {"POLYGLOT_REALTIME_MODEL": "gpt-realtme", "POLYGLOT_CHAT_MODEL": "gpt-for"}
    with pytest.raises(StartError) as refused:
        async with own_stack(environ=wrong):
            pass
    said = str(refused.value)
    for variable, name, exists in (
        ("POLYGLOT_REALTIME_MODEL", "gpt-realtme", "openai/gpt-realtime-2.1"),
        ("POLYGLOT_CHAT_MODEL", "gpt-for", "openai/gpt-6-luna"),
    ):
        (line,) = [line for line in said.splitlines() if line.startswith(variable)]
        assert name in line
        assert exists in line
