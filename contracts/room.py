"""Messages inside a LiveKit room, beside LiveKit's own chat and transcription streams."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from contracts.flights import ClockTime, IataCode, SearchResult, SortKey
from contracts.wire import VersionedWire, Wire


class View(Wire):
    """How the offers on the screen were chosen from the search; the page shows each as a removable chip."""

    sort_by: SortKey = "price"
    max_stops: Annotated[int, Field(ge=0, le=9)] | None = None
    carrier: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{2}$")] | None = None
    """Airline code that the offers are limited to."""
    max_price: Annotated[str, StringConstraints(pattern=r"^\d{1,9}(\.\d{1,3})?$")] | None = None
    """Decimal string in the search's currency."""
    depart_from: ClockTime | None = None
    """Earliest departure of the first leg, local."""
    depart_until: ClockTime | None = None
    airport: IataCode | None = None
    """One that a direction begins or ends at."""
    checked_bag: bool = False
    """Only offers with a checked bag in the price, as far as they say."""


class ResultsMessage(VersionedWire):
    """Topic `polyglot.results`: what the page must show now. `result.offers[0]` is card number 1."""

    language: str
    summary: str
    """One sentence in that language for the page's status region; the spoken answer is separate."""
    total_offers: Annotated[int, Field(ge=0)]
    """Offers that the search found before `view` was applied."""
    view: View = Field(default_factory=View)
    result: SearchResult
    partial: bool = False
    """More of this search is on its way; it comes with the same `search_id`."""
    selected: Annotated[int, Field(ge=1)] | None = None
    """Number of the card that is being talked about."""


class NoticeKind(StrEnum):
    """What happened; the page may have its own text for each, `NoticeMessage.text` is the fallback."""

    SEARCH_UNAVAILABLE = "search_unavailable"
    MODEL_UNAVAILABLE = "model_unavailable"
    HEARING_UNAVAILABLE = "hearing_unavailable"
    VOICE_UNAVAILABLE = "voice_unavailable"
    PIPELINE_SWITCHED = "pipeline_switched"
    REQUEST_REJECTED = "request_rejected"
    AGENT_MISSING = "agent_missing"
    RESUMED = "resumed"
    SEARCHING = "searching"
    """A search is running: keep the screen alive. Cleared by a results message or the next notice."""
    SEARCH_ENDED = "search_ended"
    """The search that was announced has ended without results to show; what came of it is said in words."""
    STOPPED = "stopped"
    """The assistant was told to stop and has: nothing more comes until asked."""
    GOODBYE = "goodbye"
    FILE_READ = "file_read"
    """A file that the traveller sent was read."""
    FILE_REFUSED = "file_refused"
    """It was not taken; the text says why."""
    CONNECTING = "connecting"
    """A person was asked for, and somebody waits."""
    NOBODY_THERE = "nobody_there"
    """A person was asked for, and nobody is there."""
    OPERATOR_JOINED = "operator_joined"
    """A person is in the call and listens; the assistant is silent."""
    OPERATOR_LEFT = "operator_left"
    RECORDING = "recording"
    """The media server records the room."""
    RECORDING_ENDED = "recording_ended"
    SCREEN_SEEN = "screen_seen"
    """The screen that the traveller shares is seen by the model, a picture a turn."""
    SCREEN_UNSEEN = "screen_unseen"
    """It is shared and not seen; the text says why."""


class NoticeMessage(VersionedWire):
    """Topic `polyglot.notice`: something true that the user must see, in their language."""

    kind: NoticeKind
    language: str
    text: str
    severity: Literal["info", "warning", "error"] = "info"
    action: Literal["type", "retry"] | None = None
    """What the user can do about it: type instead of speaking, or start again."""


class StopReply(Wire):
    """Answer of RPC `polyglot.stop`; its request has an empty payload."""

    stopped: bool
    """False when there was nothing to stop."""


class LanguageRequest(Wire):
    """Payload and answer of RPC `polyglot.language`: `auto` or a language code."""

    language: str


class SelectRequest(Wire):
    """Payload of RPC `polyglot.select`: the user touched a card."""

    search_id: str
    number: Annotated[int, Field(ge=1)]


class RefineRequest(Wire):
    """Payload of RPC `polyglot.refine`: the user sorted or filtered the cards by touch."""

    search_id: str
    view: View


class ShowRequest(Wire):
    """Payload of RPC `ui.show`: asks the page which cards of a search it is showing."""

    search_id: str
    selected: int | None = None


class ShowReply(Wire):
    """Answer of RPC `ui.show`: card numbers now on the screen."""

    search_id: str
    shown: tuple[int, ...]
