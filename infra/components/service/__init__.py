"""One ECS service, as the table of services describes it."""

from infra.components.service.container import Container
from infra.components.service.roles import TaskArgs
from infra.components.service.service import Service, ServiceArgs

__all__ = ["Container", "Service", "ServiceArgs", "TaskArgs"]
