"""Orders of events: what a traveller does and what breaks meanwhile, drawn at random and played through a live call; and what the
traveller would complain of.
"""

import asyncio
import random
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
from live_call import EARS_END, LiveCall, Models, clocks_of
from realtime_provider import Asked
from virtual_time import VirtualLoop

from agent import budgets
from contracts.dispatch import Pipeline
from contracts.room import LanguageRequest

SILENT_MOST: Final = 4.0
SILENT_AT_ONCE: Final = 0.35
SETTLED: Final = 60.0
"""Seconds after which all that is due has been said."""
APOLOGIES: Final = (
    "model_unavailable",
    "pipeline_switched",
    "not_understood",
    "hearing_unavailable",
    "voice_unavailable",
)


@dataclass
class Act:
    """What the traveller does, and for how long nothing more."""

    kind: str
    then: float
    seconds: float = 1.2
    search: float | None = None
    words: list[float | None] = field(default_factory=lambda: [0.3])
    """When words come after its end; None at the end where they fail to."""
    breaks: tuple[str, float] | None = None
    """What happens meanwhile, and how long after its beginning: `reconnects`, `lost`, `language`."""


@dataclass
class Played:
    """What came of it."""

    call: LiveCall
    asked: dict[str, float] = field(default_factory=dict)
    """When each question was over, by its name."""
    stops: list[float] = field(default_factory=list)
    acts: list[float] = field(default_factory=list)
    """When the traveller began anything."""
    losses: list[float] = field(default_factory=list)
    """When a connection was lost for good: what was being answered is answered again."""
    overtaken: set[str] = field(default_factory=set)
    """Questions that something was typed or pressed after before their words were known: they do not count any more, where the
    model has not heard them itself."""


def draw_acts(chance: random.Random) -> list[Act]:
    """One to five things that a traveller does."""
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
    return acts


def break_them(acts: Sequence[Act], kinds: Sequence[str], chance: random.Random) -> None:
    """Have something happen during some of them, or a little later."""
    for act in acts:
        if chance.random() < 0.6:
            act.breaks = chance.choice(kinds), chance.choice((0.05, 0.4, 0.9, 1.4, 2.0, 3.0, 5.0))


async def act_out(played: Played, acts: Sequence[Act], *, settled: float = SETTLED) -> None:
    """Do it all, and wait until all that is due has been said."""
    call = played.call
    await asyncio.sleep(1.0)
    for number, act in enumerate(acts, 1):
        played.acts.append(call.now())
        if act.breaks is not None:
            asyncio.get_running_loop().call_later(act.breaks[1], _happens, played, act.breaks[0])
        await _do(played, act, f"q{number}")
        await asyncio.sleep(act.then)
    for number, act in enumerate(acts, 1):
        over = played.asked.get(f"q{number}")
        if act.kind == "ask" and over is not None:
            known = over + EARS_END + budgets.NO_WORDS_AFTER + (act.words[0] if act.words and act.words[0] else 0.0)
            hands = [
                at
                for at, later in zip(played.acts[number:], acts[number:], strict=False)
                if later.kind in ("type", "write stop", "press")
            ]
            played.overtaken |= {f"q{number}"} if any(at < known for at in hands) else set()
    await asyncio.sleep(settled)


async def _do(played: Played, act: Act, name: str) -> None:
    call, question = played.call, Asked(name, act.search)
    if act.kind == "type":
        text = f"question {name}"
        call.provider.known[text] = question
        played.asked[name] = call.now()
        call.call.run_aside(call.running.controls.typed(text))
    elif act.kind == "ask":
        text = f"question {name}"
        began, pipeline = call.now(), call.call.pipeline
        said = [(0.3, None) if at is None else (at, text) for at in act.words]
        await call.say(seconds=act.seconds, words=said, asked=question)
        session = call.running.session
        noise = (
            pipeline is Pipeline.CASCADE and not act.words and (session is None or session.agent_state != "listening")
        )
        # What was said to a connection that was lost meanwhile was said to nobody, and that is told; of what is said while the
        # assistant speaks and nothing is made of, it was none.
        if call.call.pipeline is pipeline and not noise:
            played.asked[name] = began + act.seconds
    elif act.kind == "listen":
        await call.say(seconds=0.3, words=[(at, "mm-hm") for at in act.words if at], asked=None)
    elif act.kind == "noise":
        await call.noise(act.seconds)
    elif act.kind == "stop":
        await _say_stop(played, act.words[0] or 0.0)
    elif act.kind == "press":
        call.call.run_aside(call.running.controls.stop_pressed())
        _stopped(played)
    else:
        call.call.run_aside(call.running.controls.typed("stop"))
        _stopped(played)


async def _say_stop(played: Played, at: float) -> None:
    call = played.call
    before = call.call.pipeline, call.provider.replaced
    await call.say(seconds=0.5, words=[(at, "no, no, stop")], asked=None)
    await asyncio.sleep(at)
    for _ in range(60):
        # Ears that are busy with an utterance before it hear it later; a connection that was replaced, the rest of it.
        if call.turns.muted or before == (Pipeline.REALTIME, call.provider.replaced):
            break
        await asyncio.sleep(0.05)
    if call.turns.muted or before == (call.call.pipeline, call.provider.replaced):
        _stopped(played)


def _happens(played: Played, what: str) -> None:
    call = played.call
    realtime = call.call.pipeline is Pipeline.REALTIME and call.running.session is not None
    if what == "language":
        code = "es" if call.call.language.code == "en" else "en"
        call.call.run_aside(call.running.controls.choose_language(LanguageRequest(language=code)))
    elif what == "reconnects" and realtime:
        call.link.reconnects()
    elif what == "lost" and realtime:
        played.losses.append(call.now())
        call.lose_connection()


def _stopped(played: Played) -> None:
    played.stops.append(played.call.now())
    if played.call.provider.links:
        played.call.link.silenced()


def faults(played: Played) -> list[str]:
    """What a traveller would complain of."""
    call, heard = played.call, played.call.heard
    sounds = [*((one.begins, one.ends) for one in heard), *call.spoken, *((act, act) for act in played.acts)]
    mute = min((at for kind, at in call.noticed if kind == "voice_unavailable"), default=call.now())
    sounds += [(at, at) for _, at in (*call.noticed, *call.written) if at >= mute]  # all is in writing
    found = [f"{message} is no message of the provider" for message in call.provider.refused]
    for at in played.stops:
        until = min((act for act in played.acts if act > at), default=call.now())
        loud = [one for one in heard if one.begins < until - 0.01 and min(one.ends, until) > at + SILENT_AT_ONCE]
        found += [f"{one.text!r} at {one.begins:.2f} after the stop at {at:.2f}" for one in loud]
    deaf = call.call.pipeline is Pipeline.CASCADE or call.provider.replaced
    given_up = played.overtaken if deaf else set()
    given_up = given_up.union(call.mind.given_up, *(link.given_up for link in call.provider.links))
    for name, over in played.asked.items():
        answers = [
            one
            for one in heard
            if name in one.text.split() and not any(abs(one.ends - at) < SILENT_AT_ONCE for at in played.losses)
        ]
        written = [at for text, at in call.written if name in text.split()]
        stop = min((at for at in played.stops if at >= over), default=None)
        told = [at for kind, at in call.noticed if kind in APOLOGIES and at >= over]
        # The same apology is not made twice in a row.
        told += [
            over
            for kind, at in call.noticed
            if kind == "hearing_unavailable" and over - budgets.APOLOGY_GAP < at < over
        ]
        ends = [*(one.begins for one in answers), *written, *told, *([stop] if stop is not None else [])]
        times = len({one.speech for one in answers})
        if times > 1:
            found.append(f"{name} was answered {times} times")
        if not ends and name not in given_up:
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


def in_its_time(work: Coroutine[Any, Any, Played], monkeypatch: pytest.MonkeyPatch) -> Played:
    """Run it in virtual time, the library's clocks with it."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, VirtualLoop)
        with clocks_of(loop, monkeypatch):
            return runner.run(work)


def played(
    acts: Sequence[Act], models: Models, monkeypatch: pytest.MonkeyPatch, pipeline: Pipeline = Pipeline.REALTIME
) -> Played:
    """What comes of it in one call."""

    async def play() -> Played:
        call = LiveCall(models, monkeypatch, pipeline)
        await call.begin()
        done = Played(call)
        await act_out(done, acts)
        await call.end()
        return done

    return in_its_time(play(), monkeypatch)
