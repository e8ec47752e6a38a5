"""`polyglot config check`: every configured model and voice, tried against the service that must know it, and its last day."""

import asyncio
import datetime as dt

import httpx2
import typer
from pydantic import BaseModel, ValidationError

from agent.providers.choice import ModelChoice, missing, voice_for
from agent.settings import AgentSettings
from cli.find import running_stack, user_environment
from cli.retirement import SETTINGS, verdict
from contracts.languages import DEFAULT_LANGUAGE
from contracts.models import OPENAI, ModelRef, Stage
from contracts.problems import field_problems

TIMEOUT = 15.0
OPENAI_URL = "https://api.openai.com/v1"
PROBE_WORD = "Hi."
ASKED = (OPENAI, "server")
"""Providers that say by name which models they have."""


class Check(BaseModel):
    """One name: whether the service knows it, and whether it stays."""

    setting: str
    name: str
    ok: bool
    detail: str


def check(*, offline: bool) -> None:
    """Check each configured model and voice; exits with 1 when one is not known or is switched off within 30 days."""
    settings = configured()
    checks = [_lasting(ref) for ref in settings.every_model] if offline else asyncio.run(check_names(settings))
    checks += [Check(setting=problem.split(":")[0], name="", ok=False, detail=problem) for problem in missing(settings)]
    for item in checks:
        typer.echo(f"{'ok    ' if item.ok else 'FAILED'} {item.setting} {item.name}: {item.detail}")
    raise typer.Exit(0 if all(item.ok for item in checks) else 1)


def configured() -> AgentSettings:
    """The agent's settings as this shell has them, or those of the stack that runs here; exits with 2 when wrong."""
    environ = user_environment()
    stack = running_stack()
    if stack is not None and stack.emulator_url and not environ.get("OPENAI_API_KEY"):
        environ = {**emulated(stack.emulator_url), **environ}
    filled = {
        "LIVEKIT_URL": "ws://127.0.0.1",
        "LIVEKIT_API_KEY": "unused",
        "LIVEKIT_API_SECRET": "unused-by-this-command-and-long-enough",
    }
    try:
        return AgentSettings.model_validate({**filled, **environ})
    except ValidationError as error:
        for problem in field_problems(error.errors(include_input=False)):
            typer.echo(f"{problem.field}: {problem.problem}", err=True)
        raise typer.Exit(2) from None


def emulated(emulator_url: str) -> dict[str, str]:
    """The agent's settings where the emulator stands in for every model."""
    return {
        "OPENAI_API_KEY": "emulator",
        "OPENAI_BASE_URL": f"{emulator_url}/v1",
        "POLYGLOT_SPEECH_MODEL": "server/espeak-ng",
        "POLYGLOT_SPEECH_BASE_URL": f"{emulator_url}/v1",
    }


async def check_names(settings: AgentSettings, transport: httpx2.AsyncBaseTransport | None = None) -> list[Check]:
    """Each model by `GET /models/{id}`, the voice by one spoken word, where the provider can be asked for a name."""
    checks = []
    for ref in settings.every_model:
        if ref.provider not in ASKED:
            checks.append(_lasting(ref))
            continue
        async with _client(settings, ref, transport) as http:
            checks.append(await _model(http, ref))
            if ref.stage is Stage.SPEECH:
                checks.append(await _voice(http, ref, settings))
    return checks


def _client(settings: AgentSettings, ref: ModelRef, transport: httpx2.AsyncBaseTransport | None) -> httpx2.AsyncClient:
    if ref.provider == OPENAI:
        base, key = settings.model_base_url or OPENAI_URL, settings.value_of("OPENAI_API_KEY")
    else:
        secret = getattr(settings, f"{ref.stage}_api_key")
        base = settings.value_of(f"POLYGLOT_{ref.stage.upper()}_BASE_URL") or ""
        key = secret.get_secret_value() if secret else "none"
    return httpx2.AsyncClient(
        base_url=base, headers={"Authorization": f"Bearer {key}"}, timeout=TIMEOUT, transport=transport
    )


def _lasting(ref: ModelRef, announced: dt.date | None = None, known: str = "listed here") -> Check:
    found = verdict(ref, dt.datetime.now(dt.UTC).date(), announced)
    return Check(setting=found.setting, name=found.name, ok=found.ok, detail=f"{known}; {found.detail}")


async def _model(http: httpx2.AsyncClient, ref: ModelRef) -> Check:
    setting, name = SETTINGS[ref.stage], str(ref)
    try:
        response = await http.get(f"/models/{ref.model}")
    except httpx2.HTTPError as error:
        detail = f"the service does not answer: {type(error).__name__}"
        return Check(setting=setting, name=name, ok=False, detail=detail)
    if response.is_success:
        return _lasting(ref, _announced(response), "known to the service")
    refused = response.status_code == httpx2.codes.UNAUTHORIZED
    detail = "the key is not accepted" if refused else "not known to the service"
    listed = ", ".join(ref.offer.models) or "names of the server's own"
    return Check(setting=setting, name=name, ok=False, detail=f"{detail}; known here: {listed}")


def _announced(response: httpx2.Response) -> dt.date | None:
    """The service's own shutdown date; None where it names none."""
    try:
        return dt.date.fromisoformat(str(response.json().get("shutdown_date"))[:10])
    except (ValueError, AttributeError):
        return None


async def _voice(http: httpx2.AsyncClient, ref: ModelRef, settings: AgentSettings) -> Check:
    setting, name = "POLYGLOT_SPEECH_VOICE", voice_for(ref, ModelChoice(settings), DEFAULT_LANGUAGE)
    try:
        response = await http.post("/audio/speech", json={"model": ref.model, "voice": name, "input": PROBE_WORD})
    except httpx2.HTTPError as error:
        detail = f"the service does not answer: {type(error).__name__}"
        return Check(setting=setting, name=name, ok=False, detail=detail)
    if response.is_success:
        return Check(setting=setting, name=name, ok=True, detail="it speaks")
    listed = ", ".join(ref.offer.all_voices)
    return Check(setting=setting, name=name, ok=False, detail=f"refused ({response.status_code}); known here: {listed}")
