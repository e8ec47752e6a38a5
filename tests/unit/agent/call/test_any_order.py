"""Whatever a traveller and a provider do in whatever order: each question is answered once, nothing is silent for long, and a
stop is a stop. The orders are drawn at random, each by its own seed, and played through the library's own session.
"""

import asyncio
import random
from dataclasses import dataclass, field
from typing import Final

import pytest
from live_call import LiveCall, clocks_of
from realtime_provider import Asked, Plan
from virtual_time import VirtualLoop

from agent import budgets

ORDERS: Final = (*range(150), 194, 195, 199, 202, 253, 265, 271, 311, 313, 346, 349, 354)
"""Beside the first ones, those that found something."""
SILENT_MOST: Final = 4.0
SILENT_AT_ONCE: Final = 0.35
SETTLED: Final = 60.0
"""Seconds after which all that is due has been said."""
APOLOGIES: Final = ("model_unavailable", "pipeline_switched", "not_understood")


@dataclass
class Act:
    """What the traveller does, and for how long nothing more."""

    kind: str
    then: float
    seconds: float = 1.2
    search: float | None = None
    words: list[float | None] = field(default_factory=lambda: [0.3])
    """When words come after its end; None at the end where they fail to."""


@dataclass
class Played:
    """What came of it."""

    call: LiveCall
    asked: dict[str, float] = field(default_factory=dict)
    """When each question was over, by its name."""
    stops: list[float] = field(default_factory=list)
    acts: list[float] = field(default_factory=list)
    """When the traveller began anything."""


def draw(seed: int) -> tuple[list[Act], Plan]:
    chance = random.Random(seed)  # noqa: S311 - an order of events
    acts = []
    for _ in range(chance.randint(1, 5)):
        kind = chance.choices(
            ("ask", "type", "noise", "listen", "stop", "press", "write stop"), (45, 15, 10, 10, 10, 5, 5)
        )[0]
        search = chance.choice((0.02, 1.0, 3.0, 7.0)) if chance.random() < 0.5 else None
        words = chance.choice([[0.1], [0.3], [0.8], [1.6], [3.0], [0.2, 0.9], [], [None]])
        if kind in ("stop", "listen"):
            words = chance.choice([[0.1], [0.3], [0.8]])
        seconds = chance.choice((0.3, 0.8, 1.5, 3.0)) if kind != "noise" else chance.choice((0.2, 0.5))
        then = chance.choice((0.05, 0.3, 0.7, 1.2, 2.0, 4.0, 9.0))
        if kind in ("type", "write stop"):
            # What is said sooner was begun before: it is overtaken, as it should be.
            then = max(then, budgets.SOUND_LAG + 0.1)
        acts.append(Act(kind, then, seconds, search, words))
    outcomes = chance.choices(
        ("ok", "failed", "limited", "incomplete", "cut", "mute"), (75, 6, 4, 5, 5, 5), k=chance.randint(0, 6)
    )
    return acts, Plan(outcomes, first_sound=chance.choice((0.2, 0.5, 1.5)))


async def play(acts: list[Act], plan: Plan, monkeypatch: pytest.MonkeyPatch) -> Played:
    call = LiveCall(plan, monkeypatch)
    await call.begin()
    await asyncio.sleep(1.0)
    played = Played(call)
    for number, act in enumerate(acts, 1):
        played.acts.append(call.now())
        name = f"q{number}"
        question = Asked(name, act.search)
        if act.kind == "type":
            text = f"question {name}"
            call.provider.known[text] = question
            played.asked[name] = call.now()
            call.call.run_aside(call.running.controls.typed(text))
        elif act.kind == "ask":
            text = f"question {name}"
            played.asked[name] = call.now() + act.seconds
            said = [(0.3, None) if at is None else (at, text) for at in act.words]
            await call.say(seconds=act.seconds, words=said, asked=question)
        elif act.kind == "listen":
            await call.say(seconds=0.3, words=[(at, "mm-hm") for at in act.words if at], asked=None)
        elif act.kind == "noise":
            await call.noise(act.seconds)
        elif act.kind == "stop":
            at = act.words[0] or 0.0
            await call.say(seconds=0.5, words=[(at, "no, no, stop")], asked=None)
            await asyncio.sleep(at)
            stopped(played)
        elif act.kind == "press":
            call.call.run_aside(call.running.controls.stop_pressed())
            stopped(played)
        else:
            call.call.run_aside(call.running.controls.typed("stop"))
            stopped(played)
        await asyncio.sleep(act.then)
    await asyncio.sleep(SETTLED)
    await call.end()
    return played


def stopped(played: Played) -> None:
    played.stops.append(played.call.now())
    played.call.link.silenced()


def faults(played: Played) -> list[str]:
    """What a traveller would complain of."""
    call = played.call
    heard = [one for one in call.ear.heard if one.ends > one.begins + 0.01]
    sounds = [*((one.begins, one.ends) for one in heard), *call.spoken, *((act, act) for act in played.acts)]
    found = []
    for at in played.stops:
        until = min((act for act in played.acts if act > at), default=call.now())
        loud = [one for one in heard if one.begins < until - 0.01 and min(one.ends, until) > at + SILENT_AT_ONCE]
        found += [f"{one.text!r} at {one.begins:.2f} after the stop at {at:.2f}" for one in loud]
    lost = min((at for kind, at in call.noticed if kind == "pipeline_switched"), default=call.now())
    for name, over in played.asked.items():
        if over > lost:
            continue  # the cascade of this test has no ears
        answers = [one for one in heard if name in one.text.split()]
        stop = min((at for at in played.stops if at >= over), default=None)
        told = [at for kind, at in call.noticed if kind in APOLOGIES and at >= over]
        ends = [*(one.begins for one in answers), *told, *([stop] if stop is not None else [])]
        if len(answers) > 1:
            found.append(f"{name} was answered {len(answers)} times")
        given_up = any(name in link.given_up for link in call.provider.links)
        if not ends and not given_up:
            found.append(f"{name} was not answered")
            continue
        quiet = silence(over, min(ends, default=over), sounds)
        if quiet > SILENT_MOST:
            found.append(f"{quiet:.1f} s of silence for {name}")
    return found


def silence(begins: float, ends: float, sounds: list[tuple[float, float]]) -> float:
    """The longest time without a sound."""
    longest, at = 0.0, begins
    for start, end in sorted((*sounds, (ends, ends))):
        if end <= at:
            continue
        longest = max(longest, min(start, ends) - at)
        at = max(at, end)
        if at >= ends:
            break
    return longest


def played(acts: list[Act], plan: Plan, monkeypatch: pytest.MonkeyPatch) -> Played:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, VirtualLoop)
        with clocks_of(loop, monkeypatch):
            return runner.run(play(acts, plan, monkeypatch))


@pytest.mark.parametrize("seed", ORDERS)
def test_no_order_of_events_loses_a_question_or_breaks_a_stop(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    acts, plan = draw(seed)
    wrong = faults(played(acts, plan, monkeypatch))
    assert not wrong, (wrong, acts, plan)
