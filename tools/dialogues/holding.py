"""Holds a scripted conversation in a real call and grades it: words, tools, screen, and every fact that is spoken."""

import asyncio
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import httpx2
from livekit import rtc

from cli.stack.local import LocalStack
from cli.traveller.caller import CallError, Heard, Traveller
from cli.traveller.clips import known_clip
from contracts.flights import Offer
from contracts.room import ResultsMessage
from contracts.sessions import SessionRequest
from tests.support.spoken import hhmm, prices, times
from tools.dialogues.script import Dialogue, Turn

ENDS: Final = tuple(".!?。！？")
UNSPACED: Final = ("ja", "zh")
RECORDED_WITHIN: Final = 15.0
"""Seconds after a call in which its record must be whole: the agent tells of it in batches."""


@dataclass
class Grade:
    """How a conversation went; what is empty went right."""

    dialogue: Dialogue
    turns: int = 0
    """Those that were answered."""
    wrong: list[str] = field(default_factory=list)
    """What was not as the script has it."""
    wrong_facts: list[str] = field(default_factory=list)
    """Prices and times that were spoken and are of no flight on the screen."""
    facts: int = 0
    """Prices and times that were spoken."""


async def hold(stack: LocalStack, dialogue: Dialogue) -> Grade:
    """One conversation, from the greeting to its record."""
    grade = Grade(dialogue)
    said = [await known_clip(stack.emulator_url, turn.spoken(dialogue.language)) for turn in dialogue.script.turns]
    request = SessionRequest(language=dialogue.language, pipeline=dialogue.pipeline, time_zone="UTC")
    caller: Traveller | None = None
    try:
        async with Traveller.call(stack.api_url, request) as caller:
            await caller.ready()
            await caller.hush()
            cards: ResultsMessage | None = None
            for turn, samples in zip(dialogue.script.turns, said, strict=True):
                begun = time.monotonic()
                ended = await caller.say(samples)
                cards = await caller.cards(begun)
                _check(grade, turn, cards)
                answer = await _answer(caller, ended - 0.5)
                _facts(grade, answer.text, cards)
                grade.turns += 1
                await caller.quiet()
            # A pause within a turn parts its words, which come as they are made out.
            gap = "" if dialogue.language in UNSPACED else " "
            heard = gap.join(one.text for one in caller.transcripts if one.speaker == "user")
            expected = gap.join(turn.spoken(dialogue.language).text for turn in dialogue.script.turns)
            if heard != expected:
                grade.wrong.append(f"heard {heard!r}, not {expected!r}")
        await _check_tools(grade, stack, caller.session.session_id)
    except (CallError, TimeoutError, httpx2.HTTPError, rtc.RpcError) as error:
        so_far = [f"{one.speaker}: {one.text}" for one in caller.transcripts] if caller else []
        grade.wrong.append(f"{type(error).__name__}: {error}; {so_far}")
    return grade


async def _answer(caller: Traveller, after: float) -> Heard:
    answer = await caller.answer(after)
    if not answer.text.endswith(ENDS):
        raise CallError(f"the answer was cut off: {answer.text!r}")
    return answer


def _check(grade: Grade, turn: Turn, cards: ResultsMessage) -> None:
    query, shown = cards.result.query, cards.result.offers
    today = datetime.now(UTC).date()
    found = {
        "route": f"{query.origin.code}-{query.destination.code}",
        "day": "tomorrow" if query.departure_date == today + timedelta(days=1) else query.departure_date,
        "weekday": query.departure_date.weekday(),
        "sorted_by": cards.view.sort_by,
        "selected": cards.selected,
        "max_stops": max((leg.stops for offer in shown for leg in offer.slices), default=0),
    }
    for name, is_now in found.items():
        wanted = getattr(turn, name)
        right = is_now <= wanted if name == "max_stops" and wanted is not None else is_now == wanted  # type: ignore[operator]
        if wanted is not None and not right:
            grade.wrong.append(f"{turn.clip}: {name} is {is_now}, not {wanted}")


def _facts(grade: Grade, text: str, cards: ResultsMessage) -> None:
    offers: tuple[Offer, ...] = cards.result.offers
    totals = {offer.total.decimal for offer in offers}
    moments = {hhmm(at) for offer in offers for leg in offer.slices for at in (leg.departs_at, leg.arrives_at)}
    asked = cards.result.query.filters
    moments |= {limit for limit in (asked.depart_from, asked.depart_until, asked.arrive_until) if limit}
    said = [*prices(text), *times(text)]
    grade.facts += len(said)
    grade.wrong_facts += [f"{fact} in {text!r}" for fact in said if fact not in totals and fact not in moments]


async def _check_tools(grade: Grade, stack: LocalStack, session_id: str) -> None:
    expected = [tool for turn in grade.dialogue.script.turns for tool in turn.tools]
    deadline, called = time.monotonic() + RECORDED_WITHIN, list[str]()
    headers = {"Authorization": f"Bearer {stack.operator_key}"}
    async with httpx2.AsyncClient(base_url=stack.api_url, headers=headers, timeout=5) as http:
        while time.monotonic() < deadline and called != expected:
            await asyncio.sleep(0.5)
            entries = (await http.get(f"/v1/calls/{session_id}/timeline")).raise_for_status().json()["entries"]
            called = [entry["body"]["name"] for entry in entries if entry["kind"] == "tool"]
    if called != expected:
        grade.wrong.append(f"called {called}, not {expected}")
