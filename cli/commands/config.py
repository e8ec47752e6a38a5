"""`polyglot config check`: every configured model and voice, tried against the service that must know it."""

import asyncio

import httpx2
import typer
from pydantic import BaseModel, ValidationError

from agent.settings import AgentSettings
from cli.find import running_stack, user_environment
from contracts.models import REGISTRY
from contracts.problems import field_problems

TIMEOUT = 15.0
OPENAI = "https://api.openai.com/v1"
PROBE_WORD = "Hi."

config = typer.Typer(no_args_is_help=True, help="Settings of the agent.")


class Check(BaseModel):
    """One name, and whether the service knows it."""

    setting: str
    name: str
    ok: bool
    detail: str


@config.callback()
def _group() -> None:
    """Keep `check` a sub-command while it is the only one."""


@config.command()
def check() -> None:
    """Ask the model service for each configured model and voice; exits with 1 when it does not know one."""
    environ = user_environment()
    stack = running_stack()
    if stack is not None and stack.emulator_url and not environ.get("OPENAI_API_KEY"):
        environ |= {"OPENAI_API_KEY": "emulator", "OPENAI_BASE_URL": f"{stack.emulator_url}/v1"}
    filled = {
        "LIVEKIT_URL": "ws://127.0.0.1",
        "LIVEKIT_API_KEY": "unused",
        "LIVEKIT_API_SECRET": "unused-by-this-command-and-long-enough",
    }
    try:
        settings = AgentSettings.model_validate({**filled, **environ})
    except ValidationError as error:
        for problem in field_problems(error.errors(include_input=False)):
            typer.echo(f"{problem.field}: {problem.problem}", err=True)
        raise typer.Exit(2) from None
    checks = asyncio.run(check_names(settings))
    for item in checks:
        typer.echo(f"{'ok    ' if item.ok else 'FAILED'} {item.setting} {item.name}: {item.detail}")
    raise typer.Exit(0 if all(item.ok for item in checks) else 1)


async def check_names(settings: AgentSettings, transport: httpx2.AsyncBaseTransport | None = None) -> list[Check]:
    """Each model by `GET /models/{id}`, the voice by one spoken word."""
    async with httpx2.AsyncClient(
        base_url=settings.model_base_url or OPENAI,
        headers={"Authorization": f"Bearer {settings.openai_api_key.get_secret_value()}"},
        timeout=TIMEOUT,
        transport=transport,
    ) as http:
        models = {
            "POLYGLOT_REALTIME_MODEL": settings.realtime_model,
            "POLYGLOT_CHAT_MODEL": settings.chat_model,
            "POLYGLOT_TRANSCRIPTION_MODEL": settings.transcription_model,
            "POLYGLOT_SPEECH_MODEL": settings.speech_model,
        }
        checks = [await _model(http, setting, name) for setting, name in models.items()]
        return [*checks, await _voice(http, settings)]


async def _model(http: httpx2.AsyncClient, setting: str, name: str) -> Check:
    try:
        response = await http.get(f"/models/{name}")
    except httpx2.HTTPError as error:
        return Check(
            setting=setting, name=name, ok=False, detail=f"the service does not answer: {type(error).__name__}"
        )
    if response.is_success:
        return Check(setting=setting, name=name, ok=True, detail="known to the service")
    detail = (
        "the key is not accepted" if response.status_code == httpx2.codes.UNAUTHORIZED else "not known to the service"
    )
    known = ", ".join(REGISTRY.all_models())
    return Check(setting=setting, name=name, ok=False, detail=f"{detail}; known here: {known}")


async def _voice(http: httpx2.AsyncClient, settings: AgentSettings) -> Check:
    setting, name = "POLYGLOT_VOICE", settings.voice
    try:
        response = await http.post(
            "/audio/speech", json={"model": settings.speech_model, "voice": name, "input": PROBE_WORD}
        )
    except httpx2.HTTPError as error:
        return Check(
            setting=setting, name=name, ok=False, detail=f"the service does not answer: {type(error).__name__}"
        )
    if response.is_success:
        return Check(setting=setting, name=name, ok=True, detail="it speaks")
    known = ", ".join(REGISTRY.speech.voices)
    return Check(setting=setting, name=name, ok=False, detail=f"refused ({response.status_code}); known here: {known}")
