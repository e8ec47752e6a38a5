"""Anthropic: chat."""

from typing import Any

from livekit.agents.llm import LLM
from livekit.plugins import anthropic

from agent.providers.context import CallContext
from contracts.models import ModelRef


def chat(ref: ModelRef, call: CallContext) -> LLM[Any]:
    """A Claude model by the Messages API; the prompt and the tools are cached there."""
    return anthropic.LLM(
        model=ref.model, api_key=call.value("ANTHROPIC_API_KEY"), parallel_tool_calls=False, caching="ephemeral"
    )
