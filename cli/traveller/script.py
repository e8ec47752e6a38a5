"""A scripted call: what the traveller says or types, turn by turn, and what came back, as data."""

import time
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

from cli.traveller.audio import Samples
from cli.traveller.caller import CallError, Traveller


@dataclass(frozen=True)
class Utterance:
    """One turn of the traveller."""

    text: str
    samples: Samples | None = None
    """None: typed."""


class CardReport(BaseModel):
    """One card, as printed."""

    number: int
    carrier: str
    flight: str
    departs: str
    arrives: str
    stops: int
    price: str
    currency: str
    price_kind: str


class TurnReport(BaseModel):
    """One turn: what was sent, understood, answered and shown, with timings in seconds."""

    said: str
    how: Literal["voice", "text"]
    understood: str | None = None
    """Transcript of the traveller's speech."""
    answer: str | None = None
    cards: list[CardReport] = []
    notices: list[str] = []
    first_sound_s: float | None = None
    """End of speech (or sending) to first sound."""
    first_card_s: float | None = None
    answer_s: float | None = None
    """End of speech (or sending) to the end of the answer's words."""
    problem: str | None = None


class CallReport(BaseModel):
    """A whole call."""

    session_id: str
    pipeline: str
    agent_ready_s: float | None = None
    greeting: str | None = None
    turns: list[TurnReport] = []
    problem: str | None = None

    @property
    def ok(self) -> bool:
        """Whether every turn was answered."""
        return self.problem is None and all(turn.problem is None for turn in self.turns)


async def play(traveller: Traveller, utterances: list[Utterance]) -> CallReport:
    """Play the turns one after another; a turn without an answer is reported and the call goes on."""
    report = CallReport(session_id=traveller.session.session_id, pipeline=traveller.session.pipeline.value)
    try:
        report.agent_ready_s = round(await traveller.ready(), 3)
        report.greeting = (await traveller.greeted()).text
        await traveller.quiet()
    except CallError as error:
        report.problem = str(error)
        return report
    for utterance in utterances:
        report.turns.append(await play_turn(traveller, utterance))
    return report


async def play_turn(traveller: Traveller, utterance: Utterance) -> TurnReport:
    """One turn, to the end of its answer."""
    begun = time.monotonic()
    spoken = utterance.samples is not None
    report = TurnReport(said=utterance.text, how="voice" if spoken else "text")
    ended = begun
    try:
        if utterance.samples is not None:
            ended = await traveller.say(utterance.samples)
        else:
            await traveller.write(utterance.text)
        answer = await traveller.answer(begun)
        report.answer, report.answer_s = answer.text, round(answer.at - ended, 3)
        await traveller.quiet()
    except CallError as error:
        report.problem = str(error)
    report.understood = next((t.text for t in traveller.transcripts if t.speaker == "user" and t.at >= begun), None)
    sound = traveller.ear.first_sound(ended)
    report.first_sound_s = round(sound - ended, 3) if sound else None
    report.notices = [message.kind.value for at, message in traveller.notices if at >= begun]
    for at, message in traveller.results:
        if at >= begun:
            report.first_card_s = round(at - ended, 3)
            report.cards = [
                CardReport(
                    number=number,
                    carrier=offer.carrier.name,
                    flight=offer.slices[0].segments[0].flight_number,
                    departs=offer.slices[0].departs_at.isoformat(),
                    arrives=offer.slices[0].arrives_at.isoformat(),
                    stops=offer.slices[0].stops,
                    price=offer.total.amount,
                    currency=offer.total.currency,
                    price_kind=offer.price_kind.value,
                )
                for number, offer in enumerate(message.result.offers, start=1)
            ]
    return report
