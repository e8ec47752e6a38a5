"""LiveKit's own client SDK, run by Node, against the token endpoint: every option that its token source has."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import jwt
import pytest
from in_room import SECRET, joined

from contracts import agent_name
from contracts.dispatch import DispatchMetadata

ROOT = Path(__file__).parents[3]
SCRIPT = """
import { TokenSource } from 'livekit-client';
const source = TokenSource.endpoint(process.argv[2]);
for (const options of JSON.parse(process.argv[3])) {
  try {
    const first = await source.fetch(options);
    const again = await source.fetch(options);
    console.log(JSON.stringify({ ...first, cached: first.participantToken === again.participantToken }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error) }));
  }
}
process.exit(0);
"""


async def asked(api: Any, *options: dict[str, Any], path: str = "/v1/token") -> list[dict[str, Any]]:
    """What the SDK made of each."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        str(ROOT / "tools" / "node.py"),
        "node",
        "--input-type=module",
        "-",
        f"{str(api.http.base_url).rstrip('/')}{path}",
        json.dumps(options),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    async with asyncio.timeout(60):
        out, err = await child.communicate(SCRIPT.encode())
    assert child.returncode == 0, err.decode()
    return [json.loads(line) for line in out.decode().splitlines() if line.startswith("{")]


def claims(answer: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(answer["participantToken"], SECRET, algorithms=["HS256"])
    return found


def metadata(answer: dict[str, Any]) -> DispatchMetadata:
    (agent,) = claims(answer)["roomConfig"]["agents"]
    assert agent["agentName"] == agent_name()
    return DispatchMetadata.model_validate_json(agent["metadata"])


TAKEN = {
    "nothing": {},
    "agent": {"agentName": agent_name()},
    "name": {"agentName": agent_name(), "participantName": "Ada"},
    "language": {"participantAttributes": {"language": "es"}},
    "session": {"agentName": agent_name(), "agentMetadata": json.dumps({"language": "fr", "pipeline": "cascade"})},
    "room": {"roomName": "polyglot-Zk3vQ9xT2mB7nL5wR8yC4a"},
}
REFUSED = {
    "another agent": ({"agentName": "somebody-elses-agent"}, "agent_name"),
    "an identity": ({"participantIdentity": "ada"}, "participant_identity"),
    "metadata": ({"participantMetadata": "{}"}, "participant_metadata"),
    "attributes": ({"participantAttributes": {"polyglot-agent": "1"}}, "participant_attributes"),
    "a room that can be guessed": ({"roomName": "my-room"}, "room_name"),
    "a deployment": ({"agentName": agent_name(), "deployment": "staging"}, "deployment"),
    "a session that is none": ({"agentName": agent_name(), "agentMetadata": "not JSON"}, "metadata"),
}


async def test_every_option_is_taken_or_refused_by_its_name(api: Any) -> None:
    answers = dict(zip(TAKEN, await asked(api, *TAKEN.values()), strict=True))
    for what, answer in answers.items():
        assert "error" not in answer, (what, answer)
        assert answer["serverUrl"] == api.media_url, what
        assert answer["cached"], what
        assert metadata(answer).session_id, what
    assert claims(answers["name"])["name"] == "Ada"
    assert metadata(answers["language"]).language == "es"
    assert (metadata(answers["session"]).language, metadata(answers["session"]).pipeline) == ("fr", "cascade")
    assert claims(answers["room"])["video"]["room"] == TAKEN["room"]["roomName"]
    for (what, (_, field)), answer in zip(
        REFUSED.items(), await asked(api, *(options for options, _ in REFUSED.values())), strict=True
    ):
        assert "422" in answer.get("error", ""), (what, answer)
        assert field in answer["error"], (what, answer["error"])


async def test_its_token_opens_a_room_to_which_the_agent_is_sent(api: Any) -> None:
    (answer,) = await asked(api, {"agentName": agent_name()})
    async with joined(answer["serverUrl"], answer["participantToken"]) as room:
        server = api.server_api()
        listed = await server.agent_dispatch.list_dispatch(room.name)
        await server.aclose()
        assert [dispatch.agent_name for dispatch in listed] == [agent_name()]


@pytest.mark.parametrize("path", ["/v1/token", "/api/v2/sandbox/connection-details"])
async def test_both_addresses_of_its_servers_answer_alike(api: Any, path: str) -> None:
    (answer,) = await asked(api, {"participantName": "Ada"}, path=path)
    assert claims(answer)["name"] == "Ada"
