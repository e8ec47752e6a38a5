"""Ports of a media node. Source: LiveKit's documentation, "Ports and firewall"."""

from enum import IntEnum


class Port(IntEnum):
    """What listens where."""

    TURN = 443
    """TURN, its TLS ended by the load balancer before it."""
    SIGNAL = 7880
    """WebSocket and API, its TLS ended by the load balancer before it."""
    MEDIA_TCP = 7881
    """Media over TCP (encrypted by DTLS-SRTP), for networks without UDP."""
    MEDIA_FIRST = 50_000
    MEDIA_LAST = 60_000
    """Media over UDP (encrypted by DTLS-SRTP)."""
