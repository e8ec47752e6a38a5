"""What is tapped on the page is known to the model, as if it had chosen the card itself."""

from types import SimpleNamespace
from typing import Any

from livekit.agents import llm
from samples import offer, result

from agent.call.chat_context import put_in
from agent.call.screen import Screen
from agent.call.state import Call
from agent.hearing.language import LanguageTracker
from agent.turns.tracker import Turns
from contracts.dispatch import DispatchMetadata, Pipeline
from contracts.screen import Hand
from contracts.screen import Screen as Shown
from contracts.tools import TOOL_SELECT, OfferReply
from emulator.mind.conversation import Called, Request, Returned, Said, Tool
from emulator.mind.dialogue import think

FOUND = result(offer("89.90"), offer("120.00", carrier="LH", hour=9))


class World:
    def __init__(self) -> None:
        self.told: list[llm.ChatItem] = []
        self.shown: Shown | None = None
        metadata = DispatchMetadata(session_id="session-1", pipeline=Pipeline.TEXT)
        room: Any = SimpleNamespace(results=self._nothing, ask_shown=lambda *_: None)
        backend: Any = SimpleNamespace(screen=self._screen)
        self.call = Call(
            metadata=metadata,
            settings=None,  # type: ignore[arg-type]
            pipeline=Pipeline.TEXT,
            backend=backend,
            room=room,
            turns=Turns(),
            language=LanguageTracker(metadata),
            speaker=None,  # type: ignore[arg-type]
            screen=Screen(),
            tell_model=self._tell,
        )
        self.call.screen.show(FOUND)

    async def _nothing(self, *_: Any) -> None:
        """Shown."""

    async def _screen(self, *_: Any) -> Shown | None:
        return self.shown

    async def _tell(self, items: list[llm.ChatItem]) -> None:
        self.told += items


async def test_a_tapped_card_is_told_and_a_spoken_one_is_not_told_again() -> None:
    world = World()
    world.call.screen.select(2)
    await world.call.publish_screen()
    assert world.told == []
    await world.call.publish_screen(Hand.TOUCH)
    called, output = world.told
    assert isinstance(called, llm.FunctionCall)
    assert isinstance(output, llm.FunctionCallOutput)
    assert (called.name, called.arguments, called.call_id) == (TOOL_SELECT, '{"number": 2}', output.call_id)
    assert OfferReply.model_validate_json(output.output).offer.carrier == "Lufthansa"


async def test_a_card_that_was_tapped_at_the_api_is_told_once() -> None:
    world = World()
    chosen = world.call.screen.offers[0].id
    world.shown = Shown(version=4, search=FOUND, selected=chosen, by=Hand.TOUCH)
    await world.call.follow_screen(4)
    await world.call.follow_screen(4)
    assert len(world.told) == 2
    # Sorted by touch: nothing is chosen any more, and nothing is told.
    world.shown = Shown(version=5, search=FOUND, selected=None, by=Hand.TOUCH)
    await world.call.follow_screen(5)
    world.shown = Shown(version=6, search=FOUND, selected=chosen, by=Hand.VOICE)
    await world.call.follow_screen(6)
    assert len(world.told) == 2


async def test_flights_that_were_found_by_form_are_told_with_their_numbers() -> None:
    world = World()
    other = FOUND.model_copy(update={"search_id": "search-form"})
    world.shown = Shown(version=4, search=other, by=Hand.FORM)
    await world.call.follow_screen(4)
    called, output = world.told
    assert isinstance(called, llm.FunctionCall)
    assert isinstance(output, llm.FunctionCallOutput)
    assert (called.name, called.call_id) == ("search_flights", output.call_id)
    assert "Lufthansa" in output.output
    world.shown = Shown(version=5, search=FOUND, by=Hand.VOICE)
    await world.call.follow_screen(5)
    assert len(world.told) == 2  # what it has found itself it knows


async def test_it_is_put_into_the_conversation_of_whoever_speaks_now() -> None:
    chat = llm.ChatContext.empty()
    chat.add_message(role="user", content="Madrid to Berlin")
    got: list[llm.ChatContext] = []

    async def update(changed: llm.ChatContext) -> None:
        got.append(changed)

    session: Any = SimpleNamespace(current_agent=SimpleNamespace(chat_ctx=chat, update_chat_ctx=update))
    item = llm.FunctionCall(call_id="tap-1", name=TOOL_SELECT, arguments="{}")
    await put_in(session, [item])
    assert [one.type for one in got[0].items] == ["message", "function_call"]
    await put_in(None, [item])


def test_this_one_is_the_card_that_was_tapped() -> None:
    world = World()
    world.call.screen.select(2)
    found = world.call.screen.offers_reply().model_dump_json()
    selected = world.call.screen.offer_reply(2).model_dump_json()
    search = {"origin": "MAD", "destination": "BER", "departure_date": "2026-12-11"}
    items = (
        Said("user", "Flights from Madrid to Berlin on 11 December"),
        Called("1", "search_flights", search),
        Returned("1", found),
        Said("assistant", "Two flights."),
        Called("tap", TOOL_SELECT, {"number": 2}),
        Returned("tap", selected),
        Said("user", "What about this one?"),
    )
    tools = (Tool(TOOL_SELECT, {"properties": {"number": {}}}), Tool("check_flight", {"properties": {"number": {}}}))
    reply = think(Request("Today is 2026-11-28. Speak English.", items, tools))
    assert (reply.tool, dict(reply.arguments)) == (TOOL_SELECT, {"number": 2})
    still = Said("user", "Is it still available?")
    reply = think(Request("Today is 2026-11-28. Speak English.", (*items[:-1], still), tools))
    assert (reply.tool, dict(reply.arguments)) == ("check_flight", {"number": 2})
