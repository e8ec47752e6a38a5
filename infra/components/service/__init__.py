"""One ECS service, as the table of services describes it."""

from infra.components.service.container import Container
from infra.components.service.service import LoadBalancing, Service, ServiceArgs

__all__ = ["Container", "LoadBalancing", "Service", "ServiceArgs"]
