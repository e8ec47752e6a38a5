"""A media server of one's own: LiveKit on EC2."""

from infra.components.media.server import MediaServer

__all__ = ["MediaServer"]
