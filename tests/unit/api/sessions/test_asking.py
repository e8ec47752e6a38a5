"""What a session may be asked for, and what is said of what it may not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from starting import started

from contracts.personas import PERSONAS, PersonaEntry


async def test_a_session_carries_both_names_of_url_and_token(api: Any) -> None:
    session = await started(api)
    assert session.server_url == session.livekit_url == "wss://media.example.com"
    assert session.participant_token == session.livekit_token
    assert session.expires_at > datetime.now(UTC) + timedelta(minutes=9)


async def test_no_body_at_all_is_fine(api: Any) -> None:
    for path in ("/v1/sessions", "/v1/sessions/start"):
        response = await api.http.post(path)
        assert response.status_code == 201
        assert response.json().keys() >= {"session_id", "livekit_url", "livekit_token", "room_name"}


@pytest.mark.parametrize(
    ("body", "pipeline"),
    [
        ({}, "realtime"),
        ({"voice": "alloy"}, "realtime"),
        ({"voice": "marin"}, "realtime"),
        ({"voice": "nova"}, "cascade"),
        ({"voice": "onyx"}, "cascade"),
        ({"voice": "openai/nova"}, "cascade"),
        ({"model": "gpt-6-luna"}, "cascade"),
        ({"model": "openai/gpt-4.1-mini"}, "cascade"),
        ({"model": "openai/gpt-realtime-2.1-mini"}, "realtime"),
        ({"model": "anthropic/claude-sonnet-4-6"}, "cascade"),
        ({"model": "gpt-realtime-2.1"}, "realtime"),
        ({"voice": "alloy", "pipeline": "cascade"}, "cascade"),
        ({"pipeline": "text"}, "text"),
    ],
)
async def test_the_voice_and_the_model_pick_the_pipeline(api: Any, body: dict[str, str], pipeline: str) -> None:
    assert (await started(api, **body)).pipeline == pipeline


@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        ({"voice": "hal9000"}, "voice", "alloy"),
        ({"model": "gpt-realtime-turbo-9"}, "model", "gpt-realtime-2.1"),
        ({"voice": "nova", "pipeline": "realtime"}, "voice", "marin"),
        ({"voice": "juniper", "pipeline": "cascade"}, "voice", "nova"),
        ({"model": "anthropic/claude-9"}, "model", "openai/gpt-realtime-2.1"),
        ({"model": "nobody/gpt-6-luna", "pipeline": "cascade"}, "model", "openai/gpt-6-luna"),
        ({"voice": "nova", "model": "gpt-realtime-2.1"}, "voice", "marin"),
        ({"model": "gpt-6-luna", "pipeline": "realtime"}, "model", "gpt-realtime-2.1"),
        ({"voice": "alloy", "pipeline": "text"}, "voice", "no voice at all"),
        ({"voice": "cartesia/sonic:abc"}, "voice", "openai"),
        ({"voice": "elevenlabs/rachel"}, "voice", "openai"),
    ],
)
async def test_wrong_models_and_voices_name_what_is_allowed(
    api: Any, body: dict[str, str], field: str, said: str
) -> None:
    response = await api.http.post("/v1/sessions", json=body)
    assert response.status_code == 422
    (error,) = response.json()["errors"]
    assert error["field"] == field
    assert said in error["allowed"]
    assert body[field] in error["problem"]


async def test_providers_that_are_not_configured_are_said_to_be_so(api: Any) -> None:
    response = await api.http.post("/v1/sessions/start", json={"voice": "cartesia/sonic:abc"})
    assert "the provider 'cartesia'" in response.json()["detail"]
    assert "not configured" in response.json()["detail"]


async def test_a_configured_provider_is_a_cascade(start: Any) -> None:
    async with start(speech_providers=("openai", "cartesia")) as api:
        assert (await started(api, voice="cartesia/sonic:abc")).pipeline == "cascade"
        response = await api.http.post("/v1/sessions", json={"voice": "cartesia/x", "pipeline": "realtime"})
        assert response.json()["errors"][0]["field"] == "voice"


async def test_a_persona_that_is_not_offered_is_refused_with_those_that_are(
    start: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = PersonaEntry(title="Serves tea", languages=("en", "fr"), pipelines=("cascade", "text"))
    monkeypatch.setitem(PERSONAS, "concierge", entry)  # type: ignore[arg-type]
    async with start() as api:
        for name in ("dentist", "concierge"):
            response = await api.http.post("/v1/sessions", json={"persona": name})
            assert response.status_code == 422
            error = response.json()["errors"][0]
            assert error["field"] == "persona"
            assert "flights" in response.json()["detail"]
    async with start(personas=("flights", "concierge")) as api:
        assert (await started(api)).pipeline == "realtime"
        # One that does not run as speech to speech gets the first of what it runs as; a wish for it is refused.
        body = await started(api, persona="concierge")
        assert body.pipeline == "cascade"
        metadata = (await api.services.sessions.record(body.session_id)).metadata
        assert (metadata.persona, metadata.handoffs) == ("concierge", ("flights",))
        for wanted, field in (({"pipeline": "realtime"}, "pipeline"), ({"language": "ja"}, "language")):
            response = await api.http.post("/v1/sessions", json={"persona": "concierge", **wanted})
            assert response.json()["errors"][0]["field"] == field, wanted


def test_a_setting_of_personas_names_those_that_exist(settings: Any) -> None:
    with pytest.raises(ValidationError, match="flights"):
        settings(personas="flights,dentist")
    with pytest.raises(ValidationError, match="at least one"):
        settings(personas=",")


async def test_the_default_pipeline_is_a_setting(start: Any) -> None:
    async with start(default_pipeline="cascade") as api:
        assert (await started(api)).pipeline == "cascade"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"language": "klingon"}, "language"),
        ({"pipeline": "telepathy"}, "pipeline"),
        ({"consent": {"store_turns": "maybe"}}, "consent.store_turns"),
        ({"tenant": "x"}, "tenant"),
        ({"voice": "../../etc"}, "voice"),
    ],
)
async def test_bad_bodies_name_the_field(api: Any, body: dict[str, Any], field: str) -> None:
    response = await api.http.post("/v1/sessions", json=body)
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == field


async def test_an_unknown_time_zone_does_not_cost_the_call(api: Any) -> None:
    session = await started(api, time_zone="Mars/Olympus_Mons")
    record = await api.services.sessions.record(session.session_id)
    assert record.metadata.time_zone == "UTC"
