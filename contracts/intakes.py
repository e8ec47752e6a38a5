"""A medical history as a patient told it before an appointment: words in order, and nothing concluded from them."""

import datetime as dt
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints, field_validator

from contracts.languages import is_language
from contracts.wire import VersionedWire, Wire

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
LIST_MAX = 30


class IntakeStatus(StrEnum):
    """How far it has come."""

    OPEN = "open"
    """Questions are left; also of a call that broke off."""
    COMPLETE = "complete"
    RED_FLAG = "red_flag"
    """The patient said something that cannot wait: the questions ended there."""


class Section(StrEnum):
    """What is asked about, in this order."""

    SYMPTOMS = "symptoms"
    HISTORY = "history"
    ALLERGIES = "allergies"
    MEDICINES = "medicines"


class RedFlag(StrEnum):
    """A sign of danger, by what it is said to be; no diagnosis."""

    CHEST_PAIN = "chest_pain"
    BREATHING = "breathing"
    STROKE = "stroke"
    BLEEDING = "bleeding"
    UNCONSCIOUS = "unconscious"
    ALLERGIC_REACTION = "allergic_reaction"
    SELF_HARM = "self_harm"
    OVERDOSE = "overdose"
    PREGNANCY = "pregnancy"
    OTHER = "other"
    """Of another kind: an injury, an infection, a child's; also the model's own finding, where no list has it."""


class Symptom(Wire):
    """One complaint."""

    what: Text
    since: Short | None = None
    """In the patient's words."""
    severity: Annotated[int, Field(ge=0, le=10)] | None = None
    """From 0 (none) to 10 (the worst), as the patient says."""


class Medicine(Wire):
    """Something that is taken."""

    name: Short
    dose: Short | None = None
    how_often: Short | None = None


class Intake(Wire):
    """Body of `PUT /v1/sessions/{session_id}/intake` (the session's agent alone) and what is kept of it."""

    consented_at: AwareDatetime
    """When the patient agreed, in the call, that this is kept for their clinician; without that nothing is."""
    language: str
    status: IntakeStatus = IntakeStatus.OPEN
    given_name: Short | None = None
    family_name: Short | None = None
    date_of_birth: dt.date | None = None
    phone: Annotated[str, StringConstraints(pattern=r"^\+?\d{4,20}$")] | None = None
    symptoms: Annotated[tuple[Symptom, ...], Field(max_length=LIST_MAX)] = ()
    history: Annotated[tuple[Text, ...], Field(max_length=LIST_MAX)] = ()
    allergies: Annotated[tuple[Text, ...], Field(max_length=LIST_MAX)] = ()
    medicines: Annotated[tuple[Medicine, ...], Field(max_length=LIST_MAX)] = ()
    asked: tuple[Section, ...] = ()
    """Sections that were answered; an empty one among them was answered with none."""
    declined: Annotated[tuple[Short, ...], Field(max_length=10)] = ()
    """What the patient would not say."""
    red_flags: tuple[RedFlag, ...] = ()

    @field_validator("language")
    @classmethod
    def _known_language(cls, value: str) -> str:
        if not is_language(value):
            raise ValueError("is no supported language")
        return value

    @property
    def next_section(self) -> Section | None:
        """What is to be asked about next; None when everything was."""
        return next((section for section in Section if section not in self.asked), None)


class IntakeMessage(VersionedWire):
    """Topic `polyglot.intake`: the record as it grows, for the patient's page."""

    intake: Intake


class KeptIntake(Wire):
    """An intake as the API has it."""

    session_id: str
    intake: Intake
    updated_at: AwareDatetime
    kept_until: AwareDatetime
    """It is erased then, if nobody does so before."""
