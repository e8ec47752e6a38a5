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
CODE = """
import json, sys
import agent.warm
from agent.models.client import provider_client
from agent.settings import AgentSettings
loaded = set(sys.modules)

client = provider_client(AgentSettings())
for used in (client.models, client.chat.completions, client.audio.transcriptions, client.audio.speech):
    assert used
print(json.dumps(sorted(set(sys.modules) - loaded)))
"""


def test_a_call_loads_nothing_of_the_model_provider_s_library() -> None:
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", CODE],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=ROOT,
        env=os.environ | SETTINGS,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []
