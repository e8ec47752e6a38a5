"""The intake: what it asks, what it must not say, and when it stops asking."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from livekit.agents import llm

from agent.call.state import Call
from agent.personas.base import Persona, Righted
from agent.personas.intake.alarm import answer
from agent.personas.intake.danger import red_flags
from agent.personas.intake.desk import desk_of, take_up
from agent.personas.intake.restraint import overstepping
from agent.personas.intake.tools import (
    finish_intake,
    note_allergies,
    note_history,
    note_medicines,
    note_symptoms,
    raise_red_flag,
    record_consent,
)
from agent.personas.intake.unspoken import unspoken
from contracts.dispatch import DispatchMetadata
from contracts.intakes import IntakeMessage
from contracts.places import country_of

EMERGENCY: Final = {
    **dict.fromkeys(("US", "CA", "MX", "AR", "CR", "DO", "EC", "GT", "HN", "NI", "PA", "PY", "SV", "UY", "PR"), "911"),
    **dict.fromkeys(("PE", "BO"), "116"),
    "GB": "999",
    "IE": "112",
    "AU": "000",
    "NZ": "111",
    "CL": "131",
    "CO": "123",
    "CU": "104",
    "VE": "911",
    "BR": "192",
    "JP": "119",
    "CN": "120",
}
"""Ambulance, by the patient's country; 112 elsewhere, which mobile telephones know all over the world."""


class IntakePersona(Persona):
    """Takes a medical history."""

    tools = (
        record_consent,
        note_symptoms,
        note_history,
        note_allergies,
        note_medicines,
        raise_red_flag,
        finish_intake,
    )

    def warm(self) -> None:
        """With the lists of signs of danger."""
        super().warm()
        for code in self.entry.languages:
            red_flags("", code)

    def facts(self, call: Call, now: datetime | None = None) -> dict[str, str]:
        """With what is known so far, for an agent that takes another one's place."""
        intake = desk_of(call).intake
        known = intake.model_dump_json(exclude_defaults=True, exclude={"consented_at", "language"}) if intake else "-"
        return {**super().facts(call, now), "known": known}

    def lines(self, code: str, metadata: DispatchMetadata | None = None) -> Mapping[str, str]:
        """With the number to call where the patient is."""
        number = _emergency(metadata)
        return {name: text.format(emergency=number) for name, text in super().lines(code, metadata).items()}

    def right(self, call: Call, sentence: str) -> Righted:
        """No advice, and nothing concluded, in any of its languages."""
        kind = next((found for code in self.entry.languages if (found := overstepping(sentence, code))), None)
        if kind is None or self._ours(call, sentence):
            return Righted(sentence)
        tail = sentence[len(sentence.rstrip()) :]
        return Righted(call.speaker.text("no_advice") + tail, (kind,))

    def fixed_answer(self, call: Call, chat: llm.ChatContext) -> str | None:
        """Nothing is left to a model once something cannot wait, or is said in a language that it must not guess at."""
        return answer(call, chat) or unspoken(chat, self.entry.languages, _emergency(call.metadata))

    def said(self, call: Call, text: str) -> None:
        """What to do was said, so that a person can be spoken of."""
        desk = desk_of(call)
        if desk.flags and call.speaker.text("red_flag")[:20] in text:
            desk.said.set()

    async def take_up(self, call: Call) -> None:
        """What was kept so far."""
        await take_up(call)

    async def show(self, call: Call) -> None:
        """The record as it grows."""
        intake = desk_of(call).intake
        if intake is not None:
            await call.room.intake(IntakeMessage(intake=intake))

    def _ours(self, call: Call, sentence: str) -> bool:
        return any(sentence.strip() in line for line in self.lines(call.language.code, call.metadata).values())


def _emergency(metadata: DispatchMetadata | None) -> str:
    country = country_of(metadata.time_zone, metadata.locale) if metadata else None
    return EMERGENCY.get(country or "", "112")


PERSONA: Final = IntakePersona(__package__)
