"""What an operator sees, and when they are told."""

from infra.components.observability.alarms import Alarms
from infra.components.observability.catalog import LIVE_CALLS, MEASURES
from infra.components.observability.dashboard import Dashboard
from infra.components.observability.logs import Logs
from infra.components.observability.metrics import Metrics
from infra.components.observability.places import Watched

__all__ = ["LIVE_CALLS", "MEASURES", "Alarms", "Dashboard", "Logs", "Metrics", "Watched"]
