"""What another process measures reaches the worker's `/metrics`, over loopback."""

import asyncio
import os
import subprocess
import sys

import httpx2
import pytest

from agent.telemetry import measures
from agent.telemetry.metrics import Metrics

CHILD = """
from agent.telemetry.measures import measure, send_to_worker
send_to_worker()
measure("tool_seconds", 1.5, tool="search_flights", outcome="ok")
"""
LINE = 'polyglot_agent_tool_seconds_sum{outcome="ok",tool="search_flights"} 1.5'


async def test_a_job_process_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(measures.ADDRESS, "")  # whatever is left there is put back
    metrics = Metrics()
    port = await metrics.start("127.0.0.1", 0)
    try:
        await asyncio.to_thread(
            subprocess.run, [sys.executable, "-c", CHILD], check=True, timeout=60, env=dict(os.environ)
        )
        async with httpx2.AsyncClient(trust_env=False) as http, asyncio.timeout(30):
            while LINE not in (await http.get(f"http://127.0.0.1:{port}/metrics")).text:  # noqa: ASYNC110 - over the network
                await asyncio.sleep(0.02)
            assert (await http.get(f"http://127.0.0.1:{port}/")).status_code == 404
    finally:
        await metrics.aclose()
    assert measures.ADDRESS not in os.environ
