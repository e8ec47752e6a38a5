"""The seam between the call and the room that it takes place in."""

from typing import Protocol

from api.gateway.audio import Samples
from contracts.room import NoticeMessage


class LinkError(Exception):
    """The room could not do it. The message is fit for the client."""


class Listener(Protocol):
    """What a room tells."""

    def on_agent(self, state: str, language: str | None) -> None:
        """The agent's `lk.agent.state` (empty: there is no agent) and the language that it answers in, if known."""

    def on_sound(self, frame: Samples) -> None:
        """The next 20 ms of the agent's voice."""

    def on_agent_words(self, segment: str, text: str, *, final: bool) -> None:
        """The agent's words so far in one segment."""

    def on_user_words(self, text: str) -> None:
        """The user's final words."""

    def on_notice(self, notice: NoticeMessage) -> None:
        """Something that the user must be told."""

    def on_results(self) -> None:
        """A search has ended."""

    def on_gone(self) -> None:
        """The room is closed, or the connection is lost for good."""


class Link(Protocol):
    """One participant of one room."""

    async def join(self, url: str, token: str, listener: Listener) -> None:
        """Join and publish a microphone. LinkError when that cannot be done in time."""

    async def listened_to(self) -> None:
        """Wait until somebody receives the microphone: what is sent before is lost. Bounded; never raises."""

    async def send(self, frame: Samples) -> None:
        """Send one frame of the microphone; returns when there is room for the next."""

    def unsend(self) -> None:
        """Take back what was sent and has not left yet."""

    async def rpc(self, method: str, payload: str) -> str:
        """Ask the agent. LinkError when there is none or it does not answer."""
        ...

    async def leave(self) -> None:
        """Leave; never raises, also when never joined."""
