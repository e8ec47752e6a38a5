"""LiveKit's minimal voice agent on the same emulator and media server: what Polyglot's figures stand beside.

What the library's own guide begins with: speech to text, a chat model, text to speech, voice activity and the local turn
detector, or one realtime model; every option as the library has it, no tool, no record, no check of what is said.
"""

import asyncio
import os
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx2
from livekit import api as livekit_api

from cli.stack.local import LocalStack
from cli.traveller.caller import API_TIMEOUT, Traveller
from contracts.dispatch import Pipeline
from contracts.models import REGISTRY, Stage
from contracts.sessions import SessionStarted
from emulator.catalog import default

NAME: Final = "minimal-starter"
INSTRUCTIONS: Final = "You are a helpful voice assistant. Answer in one or two short sentences."
START_SECONDS: Final = 90.0
WORKER: Final = "import asyncio; from cli.bench.starter import serve; asyncio.run(serve())"


async def answer(ctx: Any) -> None:  # noqa: ANN401 - the library is loaded in the worker alone
    """One call."""
    from livekit.agents import Agent, AgentSession, inference  # noqa: PLC0415
    from livekit.plugins import openai  # noqa: PLC0415

    session: AgentSession[None]
    if ctx.job.metadata == Pipeline.REALTIME:
        model, voice = default(Stage.REALTIME), str(REGISTRY.openai(Stage.REALTIME).default_voice)
        session = AgentSession(llm=openai.realtime.RealtimeModel(model=model, voice=voice))
    else:
        session = AgentSession(
            stt=openai.STT(model=default(Stage.TRANSCRIPTION), language="en"),
            llm=openai.LLM(model=default(Stage.CHAT), reasoning_effort="none"),
            tts=openai.TTS(model=default(Stage.SPEECH), voice=str(REGISTRY.openai(Stage.SPEECH).default_voice)),
            vad=inference.VAD(model="silero"),
            turn_handling={"turn_detection": inference.TurnDetector(version="v1-mini")},
        )
    await session.start(agent=Agent(instructions=INSTRUCTIONS), room=ctx.room)
    session.generate_reply(instructions="Greet the user.")


async def serve() -> None:
    """The worker, until it is ended from outside; says when it is registered."""
    from livekit.agents import AgentServer  # noqa: PLC0415

    # A bench's machine is busy: by its load the worker would refuse the only call.
    server = AgentServer(host="127.0.0.1", port=0, num_idle_processes=2, http_proxy=None, load_fnc=lambda _server: 0.0)
    server.rtc_session(answer, agent_name=NAME)
    server.on("worker_registered", lambda *_: sys.stdout.write("registered\n") and sys.stdout.flush())
    await server.run(devmode=False)


@asynccontextmanager
async def starter(stack: LocalStack) -> AsyncIterator[int]:
    """The worker beside a stack; its process id."""
    environ = {name: value for name in ("PATH", "HOME", "LANG", "VIRTUAL_ENV") if (value := os.environ.get(name))} | {
        "LIVEKIT_URL": stack.livekit_url,
        "LIVEKIT_API_KEY": stack.livekit_key,
        "LIVEKIT_API_SECRET": stack.livekit_secret,
        "OPENAI_API_KEY": "emulator",
        "OPENAI_BASE_URL": f"{stack.emulator_url}/v1",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WORKER, env=environ, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(START_SECONDS):
            if process.stdout is None or await process.stdout.readline() != b"registered\n":
                raise RuntimeError("the minimal starter did not register")
        yield process.pid
    finally:
        process.terminate()
        try:
            async with asyncio.timeout(10):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


@asynccontextmanager
async def call(stack: LocalStack, pipeline: Pipeline) -> AsyncIterator[Traveller]:
    """A call to it; there is no API between."""
    room = f"starter-{secrets.token_hex(6)}"
    config = livekit_api.RoomConfiguration(
        agents=[livekit_api.RoomAgentDispatch(agent_name=NAME, metadata=pipeline.value)]
    )
    token = (
        livekit_api.AccessToken(stack.livekit_key, stack.livekit_secret)
        .with_identity("traveller")
        .with_grants(livekit_api.VideoGrants(room_join=True, room=room))
        .with_room_config(config)
        .to_jwt()
    )
    session = SessionStarted(
        session_id=secrets.token_hex(16),
        room_name=room,
        server_url=stack.livekit_url,
        participant_token=token,
        expires_at=datetime.now(UTC) + timedelta(hours=1),
        pipeline=pipeline,
        livekit_url=stack.livekit_url,
        livekit_token=token,
    )
    async with httpx2.AsyncClient(timeout=API_TIMEOUT) as http, Traveller.inside(http, session) as traveller:
        yield traveller
