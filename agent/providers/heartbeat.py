"""Whether a realtime connection lives, asked over the connection itself."""

import asyncio
from typing import Any

from livekit.agents import llm
from livekit.plugins import openai

from agent import budgets


async def responds(provider: llm.RealtimeSession[Any]) -> bool | None:
    """Have the provider drop the sound that it holds; whether it says so in time. None where its protocol tells nothing."""
    if not isinstance(provider, openai.realtime.RealtimeSession):
        return None
    said = asyncio.Event()

    def on_event(event: dict[str, Any]) -> None:
        if event.get("type") == "input_audio_buffer.cleared":
            said.set()

    provider.on("openai_server_event_received", on_event)
    try:
        provider.clear_audio()
        async with asyncio.timeout(budgets.PROVIDER_RESPONDS):
            await said.wait()
    except TimeoutError:
        return False
    finally:
        provider.off("openai_server_event_received", on_event)
    return True
