"""What a call uses is there before it begins: a module that is loaded in the middle of a call holds up its sound."""

import json
import os
import subprocess
import sys
from pathlib import Path

SETTINGS = {
    "LIVEKIT_URL": "ws://127.0.0.1:1",
    "LIVEKIT_API_KEY": "devkey",
    "LIVEKIT_API_SECRET": "s" * 32,
    "OPENAI_API_KEY": "none",
    "API_SERVER_URL": "http://127.0.0.1:1",
}
ROOT = Path(__file__).parents[3]
LOADED = """
import json, sys
import agent.worker.preload
from agent.providers.client import Clients
from agent.settings import AgentSettings
from contracts.personas import PERSONAS
loaded = set(sys.modules)

from agent.personas import persona
for name in PERSONAS:
    persona(name).warm()

client = Clients(AgentSettings()).openai()
for used in (client.models, client.chat.completions, client.audio.transcriptions, client.audio.speech):
    assert used
print(json.dumps(sorted(set(sys.modules) - loaded)))
"""

BUILT = """
import asyncio, json, ssl
import agent.worker.preload
from livekit.agents.llm import ChatMessage
from livekit.agents.tokenize import basic
from livekit.agents.utils import http_context
from openai.types.chat import ChatCompletionChunk
from openai.types.realtime import RealtimeErrorEvent, ResponseAudioDeltaEvent, ResponseDoneEvent, SessionUpdateEvent

models = [ChatMessage, ChatCompletionChunk, RealtimeErrorEvent, ResponseAudioDeltaEvent, ResponseDoneEvent]
again = [model.__name__ for model in [*models, SessionUpdateEvent] if not model.__pydantic_complete__]

def noted(name, original):
    def wrapper(*given, **named):
        again.append(name)
        return original(*given, **named)
    return wrapper

ssl.SSLContext.load_default_certs = noted("certificates", ssl.SSLContext.load_default_certs)
ssl.SSLContext.load_verify_locations = noted("certificates", ssl.SSLContext.load_verify_locations)
patterns = basic._basic_hyphenator.Hyphenator
patterns.__init__ = noted("patterns", patterns.__init__)

async def call():
    async with http_context.open():
        basic.hyphenate_word("certificates")

asyncio.run(call())
print(json.dumps(again))
"""


WORKER = """
import json, sys
import agent.worker.serve
print(json.dumps([name for name in ("livekit.plugins.openai", "agent.call.session") if name in sys.modules]))
"""


def printed_by(code: str) -> object:
    """What code prints in a process of its own."""
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=ROOT,
        env=os.environ | SETTINGS,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_call_loads_no_persona_and_nothing_of_the_model_provider_s_library() -> None:
    assert printed_by(LOADED) == []


def test_a_call_builds_no_models_and_reads_no_certificates_nor_patterns() -> None:
    assert printed_by(BUILT) == []


def test_the_worker_itself_holds_nothing_that_only_calls_need() -> None:
    assert printed_by(WORKER) == []
