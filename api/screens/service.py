"""One owner of what a call shows: whoever changes it does so here, and everybody in the room is told to look again."""

from typing import Final

import structlog

from api.flights.repository import FlightRepository
from api.livekit.client import MediaServer
from api.screens.repository import ScreenRepository
from api.sessions.repository import SessionRecord
from contracts.flights import SearchResult
from contracts.names import TOPIC_SCREEN
from contracts.problems import Conflict, InvalidInput, NotFound, PolyglotError
from contracts.room import View
from contracts.screen import HISTORY_MAX, Screen, ScreenAction, ScreenChanged, Seen

log = structlog.get_logger("polyglot.screens")

STALE: Final = "The screen has changed meanwhile; look again."


class ScreenService:
    """What calls show."""

    def __init__(self, screens: ScreenRepository, kept: FlightRepository, media: MediaServer) -> None:
        self._screens = screens
        self._kept = kept
        self._media = media

    async def get(self, record: SessionRecord) -> Screen:
        """What the call shows."""
        return await self._screens.get(record.id)

    async def act(self, record: SessionRecord, wanted: ScreenAction) -> Screen:
        """One change. NotFound for a search or an offer that is not there, Conflict for one made on an older version."""
        result = wanted.result or (await self._result(wanted.search_id) if wanted.search_id else None)
        made = await self._screens.change(record.id, lambda screen: changed(screen, wanted, result))
        await self._tell(record, made.version)
        return made

    async def forget(self, session_id: str) -> None:
        """The call is over."""
        await self._screens.forget(session_id)

    async def _result(self, search_id: str) -> SearchResult:
        result = await self._kept.search(search_id)
        if result is None:
            raise NotFound("That search is too old or was never made here; search again.")
        return result

    async def _tell(self, record: SessionRecord, version: int) -> None:
        body = ScreenChanged(version=version).model_dump_json().encode()
        try:
            await self._media.tell(record.room, TOPIC_SCREEN, body)
        except PolyglotError as error:  # they look again with the next change
            log.info("room not told of its screen", error=type(error).__name__)


def changed(screen: Screen, wanted: ScreenAction, result: SearchResult | None) -> Screen:
    """The next screen."""
    if wanted.seen is not None and wanted.seen != screen.version:
        raise Conflict(f"{STALE} It is version {screen.version}.")
    update: dict[str, object] = {"version": screen.version + 1, "by": wanted.by}
    if wanted.action == "clear":
        update |= {"search": None, "view": View(), "selected": None, "compared": ()}
    elif wanted.action == "show" and result is not None:
        same = screen.search is not None and screen.search.search_id == result.search_id
        update |= {"search": result, "history": _with(screen.history, result)}
        update |= {"country": wanted.country or screen.country}
        # The same search with prices of now: what was chosen on it stays.
        update |= {} if same else {"view": View(), "selected": None, "compared": ()}
    elif screen.search is None:
        raise InvalidInput.of("action", "nothing is shown yet", "show first")
    elif wanted.action == "refine":
        update |= {"view": wanted.view, "selected": None}
    elif wanted.action == "select":
        update |= {"selected": _known(screen, wanted.offer_id) if wanted.offer_id else None}
    else:
        update |= {"compared": tuple(_known(screen, offer_id) for offer_id in wanted.offer_ids)}
    return screen.model_copy(update=update)


def _known(screen: Screen, offer_id: str) -> str:
    if screen.search is None or offer_id not in {offer.id for offer in screen.search.offers}:
        raise NotFound("There is no such offer on the screen.")
    return offer_id


def _with(history: tuple[Seen, ...], result: SearchResult) -> tuple[Seen, ...]:
    query = result.query
    seen = Seen(
        search_id=result.search_id,
        origin=query.origin.name,
        destination=query.destination.name,
        departure_date=query.departure_date.isoformat(),
    )
    return (*(one for one in history if one.search_id != result.search_id), seen)[-HISTORY_MAX:]
