"""A clock whose time is a number, and speech that is heard to its end."""

from agent.turns.tracker import Turns


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def spoken(turns: Turns, clock: Clock, item: str | None = "item_1", seconds: float = 1.0) -> None:
    """Said, and heard to the end by our ears and the provider's."""
    turns.speech_began()
    if item:
        turns.provider_began(item)
    clock.now += seconds
    if item:
        turns.provider_ended(item)
    turns.speech_ended()
