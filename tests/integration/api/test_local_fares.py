"""A Duffel token in the user's environment is all that `polyglot run` needs to ask Duffel."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from duffel import answer, simple
from duffel_server import TEST_TOKEN, TOKEN, Reply, fare_server

from cli.stack.local import ANY_PORTS, LocalStack, StartError
from contracts.flights import SearchResult

DAY = datetime.now(UTC).date() + timedelta(days=30)
ELSEWHERE = {"OPENAI_API_KEY": "sk-not-asked-for-anything"}
"""Of the model provider, so that no emulator is started; there is no agent either."""


@pytest.mark.parametrize(("token", "kind"), [(TOKEN, "live"), (TEST_TOKEN, "sample")])
async def test_a_token_is_the_only_change(tmp_path: Path, token: str, kind: str) -> None:
    async with fare_server() as duffel:
        duffel.plays(Reply(answer(simple(DAY, live_mode=kind == "live"))))
        environ = {**ELSEWHERE, "DUFFEL_API_TOKEN": token, "POLYGLOT_DUFFEL_URL": duffel.url}
        stack = LocalStack(state_dir=tmp_path, ports=ANY_PORTS, environ=environ, with_agent=False)
        async with stack, httpx2.AsyncClient(base_url=stack.api_url, timeout=20) as http:
            assert (await http.get("/status")).json()["fare_sources"] == ["duffel"]
            params = {"origin": "Madrid", "destination": "Amsterdam", "departure_date": DAY.isoformat()}
            result = SearchResult.model_validate_json((await http.get("/v1/flights/search", params=params)).content)
            assert (await http.get("/ready")).json()["checks"]["fares"] == "ok"
        assert (result.provider, result.price_kind, len(result.offers)) == ("duffel", kind, 1)
        assert duffel.asked[0].headers["Authorization"] == f"Bearer {token}"
    written = _written(tmp_path)
    assert b"fares.answered" in written
    assert b"may-see-47" not in written


def _written(folder: Path) -> bytes:
    """Every file of the stack: logs, database and what it keeps for other commands."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def test_a_source_without_its_key_stops_the_start_and_says_what_to_set(tmp_path: Path) -> None:
    environ = {**ELSEWHERE, "POLYGLOT_FARE_SOURCES": "duffel"}
    with pytest.raises(StartError, match="DUFFEL_API_TOKEN: is not set"):
        async with LocalStack(state_dir=tmp_path, ports=ANY_PORTS, environ=environ, with_agent=False):
            pass
