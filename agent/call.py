"""What one call knows; the `userdata` of its agent session, so that tools can reach it."""

from dataclasses import dataclass, field

from agent.backend import Backend
from agent.language import LanguageTracker
from agent.room import RoomLink
from agent.screen import Screen
from agent.settings import AgentSettings
from agent.sieve import Sieve
from agent.speech import Speaker
from agent.turns import TurnPolicy
from contracts.dispatch import DispatchMetadata, Pipeline
from contracts.room import ResultsMessage, ShowRequest


@dataclass
class Call:
    """Parts of a call that outlive a change of pipeline."""

    metadata: DispatchMetadata
    settings: AgentSettings
    pipeline: Pipeline
    backend: Backend
    room: RoomLink
    turns: TurnPolicy
    language: LanguageTracker
    speaker: Speaker
    screen: Screen
    sieve: Sieve = field(default_factory=Sieve)
    heard: str = ""
    """What the user said lately."""
    off_screen: bool = False
    """The last tool told of something else than the cards: a calendar, an alert, whether a flight is on time."""
    searches: int = 0
    """Searches made in the call, those of an agent before included."""

    async def publish_screen(self) -> None:
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
                selected=self.screen.selected,
            )
        )
        self.room.ask_shown(
            ShowRequest(search_id=result.search_id, selected=self.screen.selected),
            lambda reply: setattr(self.screen, "shown", reply.shown),
        )
