"""The routes speak the shared contracts; they are named here, where a reader looks for them."""

from contracts.desk import DeskRequest, DeskToken, HandoffReply, HandoffRequest

__all__ = ["DeskRequest", "DeskToken", "HandoffReply", "HandoffRequest"]
