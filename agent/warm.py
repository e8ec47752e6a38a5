"""Loads, when imported, what every call needs and no call changes.

The worker imports this once in the process that its job processes are forked from: they start in a fraction of the
time and share its memory. Nothing here may start a thread, open a connection or read a setting.
"""

import gc
import importlib

from agent.backend import tls_context
from agent.language import detect
from contracts.languages import LANGUAGES

for _language in LANGUAGES:
    detect("warm up", _language)
tls_context()
for _module in (
    # Imported by the HTTP client on its first request, which would be in the middle of a call.
    "anyio._backends._asyncio",
    "agent.main",
    "livekit.agents.inference",
    "livekit.agents.voice.room_io",
    "livekit.plugins.openai.realtime",
):
    importlib.import_module(_module)

# Collecting marks every object it looks at, and a marked page is no longer shared.
gc.collect()
gc.freeze()
