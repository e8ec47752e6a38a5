"""Summaries by a language model: asked as its SDK asks, tried again, counted, and never in the way of the plain facts."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from credentials import agent, operator, participant
from openai.types.chat import ChatCompletion
from pydantic import ValidationError

from api.jobs.runner import Work
from api.settings import SettingsError, load
from api.summaries.narrator import Narrator
from api.summaries.settings import SPOKEN_TO, SummarySettings
from contracts.turns import Turn

SECRETS = {
    "OPENAI_API_KEY": "sk-planted-1",
    "ANTHROPIC_API_KEY": "sk-planted-2",
    "AZURE_OPENAI_API_KEY": "sk-planted-3",
}
TOLD = "Du hast nach Flügen von Madrid nach Berlin gefragt; es gibt zwölf ab 89 EUR."


def completion(text: str) -> dict[str, Any]:
    """An answer as OpenAI's own SDK reads it."""
    return ChatCompletion.model_validate(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1_795_000_000,
            "model": "gpt-5.4-mini",
            "choices": [
                {
                    "index": 0,
                    "finish_reason": "stop",
                    "logprobs": None,
                    "message": {"role": "assistant", "content": text, "refusal": None},
                }
            ],
            "usage": {"prompt_tokens": 900, "completion_tokens": 60, "total_tokens": 960},
        }
    ).model_dump(mode="json")


class Service:
    """Every provider's chat endpoint."""

    def __init__(self) -> None:
        self.asked: list[httpx2.Request] = []
        self.answers: list[Any] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        answer = self.answers.pop(0) if self.answers else completion(TOLD)
        if isinstance(answer, Exception):
            raise answer
        return (
            httpx2.Response(answer, json={"error": {"message": "no"}})
            if isinstance(answer, int)
            else httpx2.Response(200, json=answer)
        )


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Service:
    made = Service()
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    real = Narrator.__init__
    monkeypatch.setattr(
        Narrator,
        "__init__",
        lambda self, settings: real(self, settings, transport=httpx2.MockTransport(made)),
    )
    return made


@pytest.fixture
async def api(start: Any, service: Service) -> AsyncIterator[Any]:  # noqa: ARG001 - before the start
    async with start(
        summaries=SummarySettings(model="openai/gpt-5.4-mini, anthropic/claude-sonnet-4-6"),
        operator_keys=("operator-key-of-more-than-thirty-two-bytes",),
    ) as running:
        yield running


async def ended_call(api: Any, *, text: str = "Madrid nach Berlin", keep: bool = True) -> dict[str, Any]:
    session: dict[str, Any] = (await api.http.post("/v1/sessions", json={"consent": {"store_turns": keep}})).json()
    api.media.join(session["room_name"], "user-1")
    path = f"/v1/sessions/{session['session_id']}"
    await api.http.get(path, headers=participant(session))
    turn = {
        "id": "t1",
        "role": "user",
        "text": text,
        "language": "de",
        "modality": "text",
        "started_at": "2026-11-28T10:00:00Z",
    }
    answer = await api.http.post(f"{path}/turns", json=turn, headers=agent(session["room_name"]))
    assert answer.is_success
    assert (await api.http.post(f"{path}/end", headers=participant(session))).status_code == 200
    return session


async def summary(api: Any, session: dict[str, Any], seconds: float = 5) -> dict[str, Any]:
    path = f"/v1/sessions/{session['session_id']}/summary"
    async with asyncio.timeout(seconds):
        while (found := (await api.http.get(path, headers=participant(session))).json())["status"] == "pending":  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return dict(found)


async def test_a_model_writes_it_from_what_was_said_and_its_use_is_counted(api: Any, service: Service) -> None:
    session = await ended_call(api)
    assert await summary(api, session) == {"status": "ready", "text": TOLD}
    (request,) = service.asked
    assert (request.url.host, request.headers["authorization"]) == ("api.openai.com", "Bearer sk-planted-1")
    body = json.loads(request.content)
    assert (body["model"], body["reasoning_effort"]) == ("gpt-5.4-mini", "none")
    said = json.loads(body["messages"][1]["content"])
    assert said["turns"] == [{"by": "user", "text": "Madrid nach Berlin", "language": "de"}]
    call = (await api.http.get(f"/v1/calls/{session['session_id']}", headers=operator())).json()
    (used,) = call["usage"]
    assert (used["model"], used["input_tokens"], used["output_tokens"]) == ("gpt-5.4-mini", 900, 60)
    assert float(call["usd"]) > 0


@pytest.mark.parametrize("trouble", [500, 429, 401, httpx2.ConnectError("away"), completion(" ")])
async def test_the_next_model_steps_in(api: Any, service: Service, trouble: Any) -> None:
    service.answers = [trouble]
    session = await ended_call(api)
    assert (await summary(api, session))["text"] == TOLD
    assert [request.url.host for request in service.asked] == ["api.openai.com", "api.anthropic.com"]
    assert service.asked[1].headers["authorization"] == "Bearer sk-planted-2"


async def test_the_plain_facts_stand_in_when_no_model_ever_answers(api: Any, service: Service) -> None:
    work = api.services.jobs._work
    work["summary"] = Work(work["summary"].do, attempts=1, failed=work["summary"].failed)
    service.answers = [503, 503]
    session = await ended_call(api)
    assert await summary(api, session) == {"status": "ready", "text": "“Madrid nach Berlin”"}


async def test_it_is_tried_again_before_that(api: Any, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.jobs.runner._FIRST_RETRY", 0.05)
    monkeypatch.setattr("api.jobs.runner.IDLE", 0.05)
    service.answers = [503, 503]
    session = await ended_call(api)
    assert (await summary(api, session))["text"] == TOLD
    assert len(service.asked) == 3


async def test_without_consent_no_model_hears_of_a_call(api: Any, service: Service) -> None:
    session = await ended_call(api, keep=False)
    await api.services.jobs.drain()
    assert (await summary(api, session))["text"] is None
    assert service.asked == []


async def test_a_long_conversation_is_told_from_its_end(service: Service) -> None:
    now = datetime.now(UTC)
    turns = [
        Turn(
            id=f"t{number}", role="user", text=f"{number} " + "x" * 1000, language="en", modality="text", started_at=now
        )
        for number in range(40)
    ]
    await Narrator(SummarySettings(model="gpt-5.4-mini")).tell(turns, [], now)
    said = json.loads(json.loads(service.asked[0].content)["messages"][1]["content"])["turns"]
    assert 20 < len(said) < 25
    assert said[-1]["text"].startswith("39 ")


@pytest.mark.parametrize(
    ("model", "variables", "address", "key"),
    [
        ("server/llama", {"POLYGLOT_CHAT_BASE_URL": "http://127.0.0.1:9000/v1", "POLYGLOT_CHAT_API_KEY": "k"}, "http://127.0.0.1:9000/v1/chat/completions", "Bearer k"),
        ("server/llama", {"POLYGLOT_CHAT_BASE_URL": "http://127.0.0.1:9000/v1"}, "http://127.0.0.1:9000/v1/chat/completions", "Bearer none"),
        ("gpt-5.4-mini", {"OPENAI_BASE_URL": "http://127.0.0.1:8090/v1"}, "http://127.0.0.1:8090/v1/chat/completions", "Bearer sk-planted-1"),
        ("azure/mine", {"AZURE_OPENAI_ENDPOINT": "https://mine.example.com", "OPENAI_API_VERSION": "2026-01-01"}, "https://mine.example.com/openai/deployments/mine/chat/completions?api-version=2026-01-01", None),
        ("google/gemini-3.8-flash", {"GOOGLE_API_KEY": "g"}, "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions", "Bearer g"),
    ],
)  # fmt: skip
async def test_each_provider_is_asked_where_it_is(  # noqa: PLR0917 - one row of the table
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
    model: str,
    variables: dict[str, str],
    address: str,
    key: str | None,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    await Narrator(SummarySettings(model=model)).tell([], [], datetime.now(UTC))
    (request,) = service.asked
    assert str(request.url) == address
    assert request.headers.get("authorization") == key
    if key is None:
        assert request.headers["api-key"] == "sk-planted-3"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("aws/amazon.nova-2-lite-v1:0", ", ".join(SPOKEN_TO)),
        ("openai/gpt-9", "openai/gpt-6-luna"),
        ("google/gemini-3.8-flash", "GOOGLE_API_KEY is not set"),
        ("server/x", "POLYGLOT_CHAT_BASE_URL is not set"),
    ],
)
def test_a_model_that_cannot_write_stops_the_start(monkeypatch: pytest.MonkeyPatch, value: str, said: str) -> None:
    for name in ("GOOGLE_API_KEY", "POLYGLOT_CHAT_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ValidationError, match="POLYGLOT_SUMMARY_MODEL"):
        SummarySettings(model=value)
    monkeypatch.setenv("POLYGLOT_SUMMARY_MODEL", value)
    with pytest.raises(SettingsError) as caught:
        load()
    assert any(said in line for line in caught.value.lines), caught.value.lines
    assert "sk-planted" not in str(caught.value)
