"""The VPC of a stack and every way in and out of it."""

from infra.components.network.network import Network

__all__ = ["Network"]
