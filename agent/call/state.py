"""What one call knows; the `userdata` of its agent session, so that tools can reach it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from livekit.agents import llm
from pydantic import BaseModel

from agent.call.backend import Backend
from agent.call.expert import Expert
from agent.call.operators import Operators
from agent.call.room import RoomLink
from agent.call.screen import Screen
from agent.hearing.language import LanguageTracker
from agent.hearing.transcript_filter import TranscriptFilter
from agent.settings import AgentSettings
from agent.speaking.fixed_lines import Speaker
from agent.turns.tracker import Turns
from contracts.dispatch import DispatchMetadata, Pipeline
from contracts.flights import SearchResult
from contracts.room import ResultsMessage, ShowRequest
from contracts.screen import Hand

if TYPE_CHECKING:
    from livekit.agents import AgentSession

    from agent.call.screen_share import ScreenShare
    from agent.personas.base import Persona


@dataclass
class Call:
    """Parts of a call that outlive a change of pipeline."""

    metadata: DispatchMetadata
    settings: AgentSettings
    pipeline: Pipeline
    backend: Backend
    room: RoomLink
    turns: Turns
    language: LanguageTracker
    speaker: Speaker
    screen: Screen
    transcript_filter: TranscriptFilter = field(default_factory=TranscriptFilter)
    desk: object | None = None
    """What the persona keeps of the call."""
    become: Callable[[str], None] = lambda _name: None
    """Hands the call to another persona, once what is being said is over."""
    _persona: "Persona | None" = None
    heard: str = ""
    """What the user said lately."""
    told: BaseModel | None = None
    """What the last tool told that is not on the cards: a calendar, an alert, whether a flight is on time."""
    expert: Expert | None = None
    """The second, stronger model; None where none is configured."""
    screen_share: "ScreenShare | None" = None
    """What sees the traveller's screen."""
    tell_model: Callable[[list[llm.ChatItem]], Awaitable[None]] | None = None
    """Puts something into the model's conversation that nobody said."""
    background: set[asyncio.Future[Any]] = field(default_factory=set)
    keeping: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One change of the API's screen at a time."""
    entering: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while one persona gives way to another: until the new one is there, the library lets nobody speak."""
    searches: int = 0
    """Searches made in the call, those of an agent before included."""

    def __post_init__(self) -> None:
        """Make what needs the call itself."""
        self.operators = Operators(self)

    @property
    def others(self) -> tuple[str, ...]:
        """Personas that the call may be handed to."""
        known = (self.metadata.persona, *self.metadata.handoffs)
        return tuple(name for name in known if name != self.persona.name) if self.metadata.handoffs else ()

    def follow(self, session: "AgentSession[Call]") -> None:
        """The session of the present pipeline."""
        if self.screen_share is not None:
            self.screen_share.follow(session)

    def take(self, name: str) -> None:
        """Be another persona from now on."""
        self._persona = _persona(name)
        self.language.speak_as(name)

    async def describe(self) -> None:
        """Tell the room who speaks what, how."""
        await self.room.describe(language=self.language.code, pipeline=self.pipeline, persona=self.persona.name)

    def run_aside(self, work: Awaitable[object]) -> None:
        """Do something that nobody waits for."""
        task = asyncio.ensure_future(work)
        self.background.add(task)
        task.add_done_callback(self.background.discard)

    @property
    def persona(self) -> "Persona":
        """Who the assistant is now: what the session asked for, until the call is handed to another one."""
        if self._persona is None:
            self._persona = _persona(self.metadata.persona)
        return self._persona

    async def publish_screen(self, by: Hand = Hand.VOICE) -> None:
        """Send the cards as they are now, tell the API, and learn which of them the page shows."""
        await self.show_cards()
        if by is not Hand.VOICE:
            await self.tell_of_touch()
        if self.screen.result is not None:
            self.run_aside(self.keep_screen(by))  # the cards are on the page already

    async def keep_screen(self, by: Hand) -> None:
        """The API owns what is shown: a page that is loaded again, or another agent, finds it there."""
        session_id = self.metadata.session_id
        async with self.keeping:
            known = await self.backend.screen(session_id)
            for action in self.screen.changes_from(known, by) if known is not None else ():
                known = await self.backend.screen(session_id, action)
                if known is None:
                    return
                self.screen.version = known.version

    async def follow_screen(self, version: int) -> None:
        """Another hand changed what is shown."""
        if version <= self.screen.version:
            return
        async with self.keeping:
            known = await self.backend.screen(self.metadata.session_id)
            if known is None or known.version <= self.screen.version:
                return
            before, search = self.screen.selected, self.screen.result.search_id if self.screen.result else None
            self.screen.follow(known)
        await self.show_cards()
        if known.by is not Hand.VOICE and known.search is not None and known.search.search_id != search:
            await self._tell(self.persona.found(self))
        if self.screen.selected != before and known.by is not Hand.VOICE:
            await self.tell_of_touch()

    async def tell_of_touch(self) -> None:
        """The model learns what was tapped; it answers nothing to that."""
        await self._tell(self.persona.touched(self))

    async def _tell(self, items: list[llm.ChatItem]) -> None:
        if items and self.tell_model is not None:
            await self.tell_model(items)

    async def show_part(self, result: SearchResult) -> None:
        """Cards of a search that goes on; the API is told of the whole one alone."""
        self.screen.more(result)
        await self.show_cards(partial=True)

    async def show_cards(self, *, partial: bool = False) -> None:
        """Send the cards as they are now, and learn which of them the page shows."""
        result, offers = self.screen.result, self.screen.offers
        if result is None:
            return
        await self.room.results(
            ResultsMessage(
                language=self.language.code,
                summary=f"{result.query.origin.name} – {result.query.destination.name}: {len(offers)}",
                total_offers=len(result.offers),
                view=self.screen.view,
                result=result.model_copy(update={"offers": offers}),
                partial=partial,
                selected=self.screen.selected,
            )
        )
        self.room.ask_shown(
            ShowRequest(search_id=result.search_id, selected=self.screen.selected),
            lambda reply: setattr(self.screen, "shown", reply.shown),
        )


def _persona(name: str) -> "Persona":
    from agent.personas import persona  # noqa: PLC0415 - whose tools know of calls

    return persona(name)
