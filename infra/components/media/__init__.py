"""Our own LiveKit server, for those who do not use LiveKit Cloud."""

from infra.components.media.server import MediaServer, MediaServerArgs

__all__ = ["MediaServer", "MediaServerArgs"]
