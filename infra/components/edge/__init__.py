"""How travellers reach the API: load balancer, certificate, firewall, CloudFront, DNS."""

from infra.components.edge.edge import Edge, EdgeArgs

__all__ = ["Edge", "EdgeArgs"]
