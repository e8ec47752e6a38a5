"""What Prometheus reads: by route, not by path; and the dashboard shows only what there is."""

import asyncio
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fare_search import DAY
from prometheus_client import generate_latest

ROOT = Path(__file__).parents[4]
DASHBOARD = ROOT / "docs" / "grafana" / "polyglot.json"


def text(api: Any) -> str:
    return generate_latest(api.services.metrics.registry).decode()


def value(api: Any, line: str) -> float:
    found = re.search(rf"^{re.escape(line)} (\S+)$", text(api), re.MULTILINE)
    assert found, text(api)
    return float(found.group(1))


async def test_requests_are_counted_by_their_routes_template(api: Any) -> None:
    session = (await api.http.post("/v1/sessions")).json()
    await api.http.get(f"/v1/sessions/{session['session_id']}")
    await api.http.get("/nowhere/at-all")
    assert value(api, 'polyglot_api_requests_total{method="GET",route="/v1/sessions/{session_id}",status="401"}') == 1
    assert value(api, 'polyglot_api_requests_total{method="GET",route="unmatched",status="404"}') == 1
    assert session["session_id"] not in text(api)


async def test_fare_sources_jobs_and_the_pool_are_seen(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    await api.http.get(
        "/v1/flights/search", params={"origin": "MAD", "destination": "BER", "departure_date": DAY.isoformat()}
    )
    assert value(api, 'polyglot_fare_source_seconds_count{outcome="offers",source="sample"}') == 1
    done = 'polyglot_job_seconds_count{kind="clean_up",outcome="done"}'
    async with asyncio.timeout(30):
        while done not in text(api):  # noqa: ASYNC110 - the runner does its chores by itself
            await asyncio.sleep(0.01)
    assert value(api, done) >= 1
    monkeypatch.setattr("api.metrics.registry.LOOK_EVERY", 0.01)
    looking = asyncio.create_task(api.services.metrics.look(api.services.jobs._jobs, api.services.lifecycle._tasks))
    await asyncio.sleep(0.1)
    looking.cancel()
    assert value(api, "polyglot_jobs_due") == 0
    assert value(api, "polyglot_calls_live") == 0


async def test_a_queue_that_stands_still_is_seen(api: Any) -> None:
    jobs = api.services.jobs._jobs
    await api.services.jobs.aclose()
    now = datetime.now(UTC)
    await jobs.ensure("summary", "summary:x", {"session_id": "x"}, now - timedelta(seconds=90))
    counts = await jobs.counts(now)
    assert (counts.due, counts.failed, round(counts.waited)) == (1, 0, 90)


async def test_the_dashboard_asks_for_metrics_that_exist(api: Any) -> None:
    dashboard = json.loads(DASHBOARD.read_text())
    asked = {
        name
        for panel in dashboard["panels"]
        for target in panel.get("targets", ())
        for name in re.findall(r"\b(polyglot_[a-z_]+)", target["expr"])
    }
    there = {sample.name for family in api.services.metrics.registry.collect() for sample in family.samples} | {
        f"{family.name}{suffix}"
        for family in api.services.metrics.registry.collect()
        for suffix in ({"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}.get(family.type, ("",)))
    }
    assert asked
    assert asked <= there, asked - there
    shown = {name for family in api.services.metrics.registry.collect() for name in (family.name,)}
    missing = {name for name in shown if not any(one.startswith(name) for one in asked)}
    assert missing == set(), "every metric has its place on the dashboard"


def test_the_dashboard_is_whole() -> None:
    dashboard = json.loads(DASHBOARD.read_text())
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(ids) == len(set(ids))
    for panel in dashboard["panels"]:
        assert panel["title"], panel
        assert all(target["datasource"]["uid"] == "${prometheus}" for target in panel.get("targets", ()))
