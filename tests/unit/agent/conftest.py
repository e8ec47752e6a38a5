"""What tests of turns begin with."""

import pytest
from spoken_turns import Clock

from agent.turns.tracker import Turns


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def turns(clock: Clock) -> Turns:
    return Turns(clock)
