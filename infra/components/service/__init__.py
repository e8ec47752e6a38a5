"""One ECS service: used for the API and for the agent."""

from infra.components.service.boundary import Boundary, BoundaryArgs, Peer
from infra.components.service.container import Container
from infra.components.service.service import LoadBalancing, Service, ServiceArgs

__all__ = ["Boundary", "BoundaryArgs", "Container", "LoadBalancing", "Peer", "Service", "ServiceArgs"]
