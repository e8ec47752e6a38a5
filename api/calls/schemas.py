"""The record of a call as the API shows it."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, Field

from api.recordings.schemas import Recording
from contracts.dispatch import Pipeline
from contracts.intakes import KeptIntake
from contracts.records import EndReason
from contracts.turns import Summary, Turn

Usd = Annotated[str, Field(pattern=r"^\d+\.\d{6}$", description="Dollars, as a decimal string")]


class CallBrief(BaseModel):
    """One call in a list."""

    id: str
    tenant: str
    created_at: AwareDatetime
    started_at: AwareDatetime | None
    """First sight of the room; None: the token was not used."""
    ended_at: AwareDatetime | None
    end_reason: EndReason | None
    seconds: float | None
    """From its room's opening to its end; None while it runs."""
    pipeline: Pipeline
    persona: str
    language: str | None
    """Last spoken; None: nobody has spoken."""
    caller: str
    """Kind and id of who asked for it; an address is not shown."""
    turns: int
    searches: int
    failures: int
    slowest_ms: int | None
    """Longest wait for the first sound of an answer."""
    revision: str | None
    """Of the agent that served it, as its deployment calls it."""
    usd: Usd
    unpriced: bool
    """Some model in it has no known price: `usd` is a lower bound."""
    stored: bool
    """Whether the traveller agreed to keeping what was said."""


class CallPage(BaseModel):
    """Calls, newest first."""

    calls: tuple[CallBrief, ...]
    next_cursor: str | None
    """For the next page; None: this was the last."""


class TimelineEntry(BaseModel):
    """One thing that happened."""

    at: AwareDatetime
    kind: str
    """A kind of `contracts.records.CallEvent`, or `created`, `opened`, `agent_ready`, `ended`, `said`, `recording`,
    `listened`."""
    body: dict[str, Any]


class UsageTotal(BaseModel):
    """One model's use in a call."""

    stage: str
    provider: str
    model: str
    input_tokens: int
    output_tokens: int
    characters: int
    audio_ms: int
    usd: Usd | None
    """None: its price is not known."""


class CallDetail(CallBrief):
    """One call."""

    join_seconds: float | None
    """From the room's opening to an agent that can hear."""
    attempts: int
    """Dispatches."""
    consent: "ConsentRecord | None"
    summary: Summary | None
    usage: tuple[UsageTotal, ...]
    recordings: tuple[Recording, ...]


class ConsentRecord(BaseModel):
    """What the traveller agreed to."""

    at: AwareDatetime
    version: str
    language: str
    store_turns: bool
    record: bool
    withdrawn_at: AwareDatetime | None


class Timeline(BaseModel):
    """A call in order."""

    id: str
    entries: tuple[TimelineEntry, ...]


class Tally(BaseModel):
    """Sums over some calls."""

    calls: int
    failed: int
    early: int
    """Over within eight seconds of their beginning, whoever ended them."""
    turns: int
    searches: int
    usd: Usd
    unpriced: bool
    """Some model in some call has no known price: the money is a lower bound."""
    by_reason: dict[str, int]


class Outcome(Tally):
    """Calls of one day and language."""

    day: str
    language: str | None


class Outcomes(BaseModel):
    """Outcomes by day and language, newest day first."""

    outcomes: tuple[Outcome, ...]


class TravellerExport(BaseModel):
    """Everything that is kept of one call, for whoever made it."""

    call: CallBrief
    consent: ConsentRecord | None
    turns: tuple[Turn, ...]
    summary: Summary | None
    intake: KeptIntake | None = None
    recordings: tuple[Recording, ...] = ()
    events: tuple[TimelineEntry, ...]
    kept_until: AwareDatetime | None


class Erased(BaseModel):
    """What was erased, in numbers, and the search for it that found nothing."""

    status: Literal["erased"] = "erased"
    rows: dict[str, int]
    recordings_left: Annotated[int, Field(ge=0)] = 0
    """Recordings whose call is forgotten and whose file is deleted as soon as it is whole or its storage answers."""
    erased_at: AwareDatetime
