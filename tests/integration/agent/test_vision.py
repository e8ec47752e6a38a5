"""A model without eyes refuses a picture at its own interface, and the traveller is told that it cannot be seen."""

from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from livekit.agents.utils import http_context

from agent.files.vision import UnseenError, Vision
from agent.providers.choice import choose_models
from agent.providers.client import Clients
from agent.providers.context import CallContext
from agent.settings import AgentSettings
from contracts.dispatch import DispatchMetadata, Pipeline
from emulator.app import build_app
from emulator.settings import EmulatorSettings

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64


async def test_the_emulator_has_no_eyes_and_that_is_said() -> None:
    async with TestServer(build_app(EmulatorSettings(ears="clips"))) as running:
        settings = AgentSettings.model_validate(
            {
                "LIVEKIT_URL": "ws://127.0.0.1",
                "LIVEKIT_API_KEY": "key",
                "LIVEKIT_API_SECRET": "s" * 32,
                "OPENAI_API_KEY": "emulator",
                "OPENAI_BASE_URL": str(running.make_url("/v1")),
            }
        )
        metadata = DispatchMetadata(session_id="s" * 12, pipeline=Pipeline.TEXT)
        clients: Any = Clients(settings)
        eyes = Vision(choose_models(metadata, settings), lambda: CallContext(settings, clients, "en"))
        async with http_context.open():
            with pytest.raises(UnseenError):
                await eyes.look(PNG, "image/png")
        await clients.aclose()
