"""What an operator sees, and when they are told."""

from infra.components.telemetry.alarms import Alarms, AlarmsArgs
from infra.components.telemetry.canary import Canary, CanaryArgs
from infra.components.telemetry.catalog import LIVE_CALLS, MEASURES, namespace
from infra.components.telemetry.dashboard import Dashboard, DashboardArgs
from infra.components.telemetry.logs import Logs, LogsArgs
from infra.components.telemetry.metrics import Metrics, MetricsArgs

__all__ = [
    "LIVE_CALLS",
    "MEASURES",
    "Alarms",
    "AlarmsArgs",
    "Canary",
    "CanaryArgs",
    "Dashboard",
    "DashboardArgs",
    "Logs",
    "LogsArgs",
    "Metrics",
    "MetricsArgs",
    "namespace",
]
