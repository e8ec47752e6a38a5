"""What Prometheus reads of a worker: what its calls measure, and none of their words; the dashboard shows what there is."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import generate_latest

from agent.telemetry import measures
from agent.telemetry.call_measures import count
from agent.telemetry.measures import METRICS, decode, encode, measure
from agent.telemetry.metrics import LABELS_MAX, Metrics
from contracts.records import (
    CallEvent,
    EndedEvent,
    FailureEvent,
    InterruptionEvent,
    NoticeEvent,
    PipelineEvent,
    ToolEvent,
    TurnEvent,
    UsageEvent,
)

DASHBOARD = Path(__file__).parents[4] / "docs" / "grafana" / "conversations.json"
CANARY = "Xanthippe to Rome"
HEAD: dict[str, Any] = {"id": "e1", "at": datetime(2027, 1, 1, tzinfo=UTC)}


@pytest.fixture
def metrics(monkeypatch: pytest.MonkeyPatch) -> Metrics:
    made = Metrics()

    def over_the_wire(name: str, value: float, labels: dict[str, str]) -> None:
        made.datagram_received(encode(made._word, name, value, labels), None)

    monkeypatch.setattr(measures, "_sink", over_the_wire)
    return made


def value(metrics: Metrics, line: str) -> float:
    text = generate_latest(metrics.registry).decode()
    found = re.search(rf"^polyglot_agent_{re.escape(line)} (\S+)$", text, re.MULTILINE)
    assert found, text
    return float(found.group(1))


def test_the_facts_of_a_call_are_measured(metrics: Metrics) -> None:
    facts: tuple[CallEvent, ...] = (
        TurnEvent(
            **HEAD,
            turn_id="t",
            pipeline="cascade",
            language="en",
            times={"words_ms": 300, "first_token_ms": 250, "provider_ms": 400},
            corrected=2,
        ),
        UsageEvent(
            **HEAD,
            stage="realtime",
            provider="openai",
            model="gpt-realtime-2.1",
            input_tokens=100,
            output_audio_tokens=40,
            characters=7,
            audio_ms=1500,
        ),
        ToolEvent(**HEAD, name="search_flights", arguments={"origin": CANARY}, outcome="ok", ms=1200),
        InterruptionEvent(**HEAD, by="stop", silence_ms=120),
        FailureEvent(**HEAD, stage="llm", reason=CANARY, recovered=True),
        NoticeEvent(**HEAD, notice="one_moment"),
        PipelineEvent(**HEAD, pipeline="cascade", reason=CANARY),
        EndedEvent(**HEAD, reason="silence"),
    )
    for fact in facts:
        count(fact)
    of = 'model="gpt-realtime-2.1",provider="openai",stage="realtime"'
    expected = {
        'stage_seconds_sum{pipeline="cascade",stage="words"}': 0.3,
        'stage_seconds_sum{pipeline="cascade",stage="first_token"}': 0.25,
        'stage_seconds_sum{pipeline="cascade",stage="first_sound"}': 0.15,
        "corrections_total": 2,
        f'tokens_total{{kind="input",{of}}}': 100,
        f'tokens_total{{kind="output_audio",{of}}}': 40,
        'characters_total{model="gpt-realtime-2.1",provider="openai"}': 7,
        f"audio_seconds_total{{{of}}}": 1.5,
        'tool_seconds_sum{outcome="ok",tool="search_flights"}': 1.2,
        'interruptions_total{by="stop"}': 1,
        'silence_seconds_sum{by="stop"}': 0.12,
        'failures_total{recovered="true",stage="llm"}': 1,
        'notices_total{notice="one_moment"}': 1,
        'switches_total{pipeline="cascade"}': 1,
        'calls_ended_total{reason="silence"}': 1,
    }
    assert {line: value(metrics, line) for line in expected} == expected
    assert CANARY not in generate_latest(metrics.registry).decode()


def test_a_label_that_holds_words_is_counted_without_them(metrics: Metrics) -> None:
    measure("tool_seconds", 1.0, tool=CANARY, outcome="failed")
    assert value(metrics, 'tool_seconds_count{outcome="failed",tool="other"}') == 1
    assert "Xanthippe" not in generate_latest(metrics.registry).decode()


def test_a_metric_has_no_more_sets_of_labels_than_it_may(metrics: Metrics) -> None:
    for number in range(LABELS_MAX + 5):
        measure("notices", notice=f"n{number}")
    assert value(metrics, 'notices_total{notice="other"}') == 5
    measure("notices", notice="n0")
    assert value(metrics, 'notices_total{notice="n0"}') == 2


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"[1, 2]",
        b"7",
        encode("another", "corrections", 1, {}),
        encode("word", "unknown", 1, {}),
        encode("word", "corrections", -1, {}),
        encode("word", "corrections", float("nan"), {}),
        encode("word", "corrections", 1e12, {}),
        json.dumps(["word", "corrections", True, {}]).encode(),
        encode("word", "corrections", 1, {"more": "x"}),
        encode("word", "notices", 1, {}),
        json.dumps(["word", "notices", 1, {"notice": 3}]).encode(),
        json.dumps(["word", ["notices"], 1, {}]).encode(),
    ],
)
def test_what_is_no_measure_is_not_taken(data: bytes) -> None:
    assert decode("word", data) is None
    assert decode("word", encode("word", "notices", 1, {"notice": "goodbye"})) == (
        "notices",
        1.0,
        {"notice": "goodbye"},
    )


def test_where_nobody_reads_measuring_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(measures.ADDRESS, raising=False)
    monkeypatch.setattr(measures, "_sink", None)
    measures.send_to_worker()
    measure("corrections")


def test_the_dashboard_shows_every_metric_and_none_that_is_not_there() -> None:
    metrics = Metrics()
    for name in ("calls", "calls_most", "registered"):
        metrics.gauge(name, name, lambda: 0)
    dashboard = json.loads(DASHBOARD.read_text())
    asked = {
        name
        for panel in dashboard["panels"]
        for target in panel["targets"]
        for name in re.findall(r"\b(polyglot_[a-z_]+)", target["expr"])
    }
    suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}
    families = list(metrics.registry.collect())
    there = {f"{family.name}{suffix}" for family in families for suffix in suffixes.get(family.type, ("",))}
    assert asked <= there, asked - there
    for family in families:
        assert any(one.startswith(family.name) for one in asked), family.name
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(ids) == len(set(ids))
    assert len(families) == len(METRICS) + 3
