"""Loads, when imported, what every call needs and no call changes.

The worker imports this once in the process that its job processes are forked from: they start in a fraction of the
time and share its memory. Nothing here may start a thread, open a connection or read a setting.
"""

import asyncio
import gc
import importlib
from collections.abc import Iterator

import httpx2
import openai
from livekit import local_inference
from livekit.agents.tokenize import basic
from livekit.agents.utils import http_context
from pydantic import BaseModel

from agent.hearing.language import detect
from agent.personas import persona
from agent.tls import tls_context
from contracts.languages import LANGUAGES
from contracts.personas import PERSONAS

for _language in LANGUAGES:
    detect("warm up", _language)
tls_context()
# Weights of the ears' two small models, which every call shares.
local_inference.init_vad()
local_inference.init_eot()
for _module in (
    # Imported on first use, which would be in the middle of a call: its sound would wait.
    "anyio._backends._asyncio",
    "livekit.agents.llm.async_toolset",
    "livekit.agents.voice.report",
    "numpy.fft",
    "agent.call.entrypoint",
    "agent.worker.jobs",
    "livekit.agents.inference",
    "livekit.agents.voice.room_io",
    "livekit.plugins.openai.realtime",
    "agent.providers.openai",
    "agent.providers.server",
    "wave",
):
    importlib.import_module(_module)
for _name in PERSONAS:
    persona(_name).warm()
# These load their parts when they are first asked for them. No connection is opened.
_http = httpx2.AsyncClient(transport=httpx2.AsyncHTTPTransport(verify=tls_context(), http2=True))
_client = openai.AsyncClient(api_key="none", base_url="http://127.0.0.1", http_client=_http)
for _part in (
    _client.models.with_raw_response,
    _client.chat.completions,
    _client.audio.transcriptions,
    _client.audio.speech,
):
    type(_part)


async def _http_session() -> None:
    """The library reads the certificate bundle once a process, at the first session; a job process inherits it."""
    async with http_context.open():
        pass


def _kinds(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for kind in model.__subclasses__():
        yield kind
        yield from _kinds(kind)


asyncio.run(_http_session())
# Reads its patterns at the first word of an answer.
basic.hyphenate_word("warming")
# Models of events and messages whose validators are otherwise built at the first of their kind.
for _kind in set(_kinds(BaseModel)):
    if not _kind.__pydantic_complete__ and _kind.__module__.startswith(
        ("openai.types.realtime", "openai.types.chat.chat_completion_chunk", "openai.types.model", "livekit.agents.")
    ):
        _kind.model_rebuild(raise_errors=False)

# Collecting marks every object it looks at, and a marked page is no longer shared.
gc.collect()
gc.freeze()
