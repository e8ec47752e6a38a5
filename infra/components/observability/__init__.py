"""What an operator sees, and when they are told."""

from infra.components.observability.alarms import Alarms, AlarmsArgs
from infra.components.observability.catalog import LIVE_CALLS, MEASURES, namespace
from infra.components.observability.dashboard import Dashboard, DashboardArgs
from infra.components.observability.logs import Logs, LogsArgs
from infra.components.observability.metrics import Metrics, MetricsArgs

__all__ = [
    "LIVE_CALLS",
    "MEASURES",
    "Alarms",
    "AlarmsArgs",
    "Dashboard",
    "DashboardArgs",
    "Logs",
    "LogsArgs",
    "Metrics",
    "MetricsArgs",
    "namespace",
]
