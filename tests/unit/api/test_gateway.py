"""A call over the socket, in process: what the client sends reaches the room, what the room says reaches the client."""

import asyncio
import base64
import json
from pathlib import Path

import pytest
from gateway import LOUD, SPEECH, WorldFactory, sessions, worlds

from api.gateway.limits import GatewayLimits
from api.gateway.link import LinkError
from contracts.languages import LANGUAGES
from contracts.names import RPC_LANGUAGE, RPC_STOP
from contracts.room import NoticeKind, NoticeMessage


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WorldFactory:
    return worlds(tmp_path, monkeypatch)


async def test_a_ping_is_answered_and_starts_nothing(world: WorldFactory) -> None:
    async with world() as here, here.client() as client:
        client.say("ping")
        client.say("interrupt")
        await client.until(lambda: client.of("pong"))
        assert client.got == [{"type": "pong"}]
        assert not here.room.joined
        assert sessions(here) == 0


async def test_sound_starts_one_session_in_its_language_and_is_spoken(world: WorldFactory) -> None:
    async with world() as here, here.client() as client:
        client.say("audio", audio=SPEECH, language="es")
        client.say("audio", audio=SPEECH, language="es")
        await client.until(lambda: here.room.listener)
        assert sessions(here) == 1
        ((url, token),) = here.room.joined
        assert url == "ws://media.internal:7880"
        claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
        metadata = json.loads(claims["roomConfig"]["agents"][0]["metadata"])
        assert (metadata["language"], metadata["pipeline"]) == ("es", "realtime")
        assert not here.room.spoken, "nobody is there to hear it"
        here.room.arrive("es")
        await client.until(lambda: len(here.room.spoken) == 22)
        assert sum(bool(frame.any()) for frame in here.room.spoken) == 20
        await asyncio.sleep(0.05)
        assert len(here.room.spoken) == 22, "a microphone that is not continuous closes"
        assert not here.room.asked, "the session was opened in that language"


async def test_nothing_is_said_before_the_agent_receives_the_microphone(world: WorldFactory) -> None:
    async with world() as here, here.client() as client:
        client.say("audio", audio=SPEECH)
        await client.until(lambda: here.room.listener)
        here.room.arrive(subscribed=False)
        await asyncio.sleep(0.15)
        assert not here.room.spoken, "the first words would be lost"
        here.room.subscribed.set()
        await client.until(lambda: len(here.room.spoken) == 12)
        assert sum(bool(frame.any()) for frame in here.room.spoken) == 10


async def test_the_question_that_opens_a_call_replaces_the_greeting(world: WorldFactory) -> None:
    async with world() as here, here.client() as client:
        client.say("audio", audio=SPEECH)
        await client.until(lambda: here.room.listener)
        here.room.arrive()
        here.room.answer("Hello, I am Polyglot.")
        await client.until(lambda: here.room.spoken)
        here.room.agent.on_user_words("To Rome")
        here.room.answer("Three flights.")
        complete = (await client.until(lambda: client.of("response_complete")))[0]
        assert (complete["text"], complete["input_text"]) == ("Three flights.", "To Rome")
        kinds = [message["type"] for message in client.got]
        assert kinds.count("audio_delta") == 2
        assert kinds.index("status") < kinds.index("audio_delta") < kinds.index("response_complete")
        assert client.of("user_transcript") == [{"type": "user_transcript", "text": "To Rome", "language": "en"}]


@pytest.mark.parametrize(("words", "answered"), [("Wait, hold on.", "To Rome"), ("Stop.", "")])
async def test_who_asks_for_a_moment_during_a_search_is_told_what_it_finds(
    world: WorldFactory, words: str, answered: str
) -> None:
    async with world() as here, here.client() as client:
        client.say("audio", audio=SPEECH)
        await client.until(lambda: here.room.listener)
        here.room.arrive()
        await client.until(lambda: here.room.spoken)
        here.room.agent.on_user_words("To Rome")
        here.room.agent.on_notice(NoticeMessage(kind=NoticeKind.SEARCHING, language="en", text="", severity="info"))
        here.room.agent.on_user_words(words)
        here.room.agent.on_results()
        here.room.answer("Three flights.")
        complete = (await client.until(lambda: client.of("response_complete")))[0]
        assert complete["input_text"] == answered


async def test_a_client_that_first_configures_hears_the_greeting(world: WorldFactory) -> None:
    async with world() as here, here.client() as client:
        client.say("config", language="fr", continuous=True)
        await client.until(lambda: here.room.listener)
        here.room.arrive("fr")
        here.room.answer("Bonjour.")
        complete = (await client.until(lambda: client.of("response_complete")))[0]
        assert (complete["text"], complete["input_text"], complete["language"]) == ("Bonjour.", "", "fr")
        count = len(here.room.spoken)
        await client.until(lambda: len(here.room.spoken) > count + 10)


async def test_the_transcript_has_the_language_that_the_agent_changed_to(world: WorldFactory) -> None:
    async with world() as here, here.client() as client:
        client.say("config")
        await client.until(lambda: here.room.listener)
        here.room.arrive("en")
        here.room.agent.on_user_words("Un vuelo a Roma")
        here.room.agent.on_agent("thinking", "es")
        transcript = (await client.until(lambda: client.of("user_transcript")))[0]
        assert transcript["language"] == "es"


async def test_languages_are_asked_of_the_agent_once_each(world: WorldFactory) -> None:
    async with world() as here, here.client() as client:
        client.say("config", language="es")
        await client.until(lambda: here.room.listener)
        client.say("config", language="fr")
        client.say("ping")
        await client.until(lambda: client.of("pong"))
        assert not here.room.asked, "there is nobody to ask yet"
        here.room.arrive()
        await client.until(lambda: here.room.asked)
        client.say("audio", audio=SPEECH, language="fr")
        client.say("config", language="auto")
        await client.until(lambda: len(here.room.asked) > 1)
        assert [(method, json.loads(payload)["language"]) for method, payload in here.room.asked] == [
            (RPC_LANGUAGE, "fr"),
            (RPC_LANGUAGE, "auto"),
        ]


async def test_an_agent_that_replaces_a_lost_one_is_told_the_language(world: WorldFactory) -> None:
    async with world() as here, here.client() as client:
        client.say("config", language="es")
        await client.until(lambda: here.room.listener)
        here.room.arrive()
        here.room.agent.on_agent("", None)
        here.room.arrive()
        await client.until(lambda: here.room.asked)
        assert here.room.asked == [(RPC_LANGUAGE, '{"language":"es"}')]


async def test_interrupt_stops_the_agent_and_forgets_unsent_sound(world: WorldFactory) -> None:
    async with world() as here, here.client() as client:
        client.say("config")
        await client.until(lambda: here.room.listener)
        here.room.arrive()
        here.room.agent.on_agent("speaking", None)
        here.room.agent.on_sound(LOUD)
        for _ in range(20):
            client.say("audio", audio=SPEECH)
        client.say("interrupt")
        await client.until(lambda: here.room.asked)
        assert here.room.asked == [(RPC_STOP, "")]
        deltas = len(client.of("audio_delta"))
        for _ in range(10):
            here.room.agent.on_sound(LOUD)
        await asyncio.sleep(0.05)
        assert len(client.of("audio_delta")) == deltas
        assert sum(bool(frame.any()) for frame in here.room.spoken) < 200
        assert here.room.unsent == 1, "a second of sound may be on its way already"


@pytest.mark.parametrize("kind", ["config", "interrupt"])
async def test_an_agent_that_does_not_answer_is_said(world: WorldFactory, kind: str) -> None:
    async with world() as here, here.client() as client:
        client.say("config")
        await client.until(lambda: here.room.listener)
        here.room.arrive()
        here.room.rpc_error = LinkError("The assistant does not answer.")
        client.say(kind, language="es")
        await client.until(lambda: client.of("error"))
        assert client.of("error") == [{"type": "error", "error": "The assistant does not answer."}]
        assert client.code is None


async def test_requests_on_their_way_are_bounded_and_hold_up_nothing(world: WorldFactory) -> None:
    async with world(limits=GatewayLimits(requests=2)) as here, here.client() as client:
        client.say("config")
        await client.until(lambda: here.room.listener)
        here.room.arrive()
        here.room.hang = True
        for _ in range(3):
            client.say("interrupt")
        client.say("ping")
        await client.until(lambda: client.of("pong"))
        assert len(client.of("error")) == 1
        await client.until(lambda: len(here.room.asked) == 2)


async def test_notices_of_trouble_are_errors_in_the_users_language(world: WorldFactory) -> None:
    async with world() as here, here.client() as client:
        client.say("config", language="de")
        await client.until(lambda: here.room.listener)
        here.room.arrive("de")
        line = LANGUAGES["de"].lines.model_unavailable
        for kind, severity, text in (
            (NoticeKind.SEARCHING, "info", "nicht zu zeigen"),
            (NoticeKind.MODEL_UNAVAILABLE, "warning", line),
            (NoticeKind.REQUEST_REJECTED, "error", ""),
        ):
            here.room.agent.on_notice(
                NoticeMessage.model_validate({"kind": kind, "severity": severity, "text": text, "language": "de"})
            )
        await client.until(lambda: len(client.of("error")) == 2)
        assert [message["error"] for message in client.of("error")] == [line, "request rejected"]
