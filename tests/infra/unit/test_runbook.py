"""Every alarm's link leads to a heading of the runbook, and what is alarmed on is really logged."""

import re
from pathlib import Path

import pytest
from infra_mocks import PROD, Recorded, declared, settings

from contracts.events import Event
from infra.components.migration import handler

RUNBOOK = (Path(__file__).parents[3] / "docs" / "runbook.md").read_text(encoding="utf-8")
HEADINGS = {
    re.sub(r"[^a-z0-9 -]", "", line.removeprefix("## ").lower()).replace(" ", "-")
    for line in RUNBOOK.splitlines()
    if line.startswith("## ")
}


@pytest.fixture(scope="module")
def prod() -> Recorded:
    return declared(settings(PROD))


def test_every_link_of_an_alarm_leads_somewhere(prod: Recorded) -> None:
    linked = 0
    for alarm in prod.all("aws.cloudwatch.MetricAlarm"):
        for anchor in re.findall(r"#([a-z-]+)", alarm.inputs["alarmDescription"]):
            assert anchor in HEADINGS, alarm.name
            linked += 1
    assert linked >= 15


def test_a_failed_migration_names_a_heading() -> None:
    (heading,) = re.findall(r"\(runbook: ([^)]+)\)", handler._failed("x"))
    assert heading.lower().replace(" ", "-") in HEADINGS


def test_links_inside_the_runbook_lead_somewhere() -> None:
    assert set(re.findall(r"\(#([a-z-]+)\)", RUNBOOK)) <= HEADINGS


def test_every_metric_reads_an_event_that_a_service_logs(prod: Recorded) -> None:
    known = {event.value for event in Event}
    read = set()
    for metric in prod.all("aws.cloudwatch.LogMetricFilter"):
        (event,) = re.findall(r'\$\.event = "([a-z._]+)"', metric.inputs["pattern"])
        read.add(event)
    assert read <= known
    assert known - read == set(), "an event that nobody reads"


def test_a_worker_that_retires_is_not_an_alarm(prod: Recorded) -> None:
    refused = prod.one("aws.cloudwatch.LogMetricFilter", "CallsRefused")
    assert '$.reason != "retired"' in refused.inputs["pattern"]
