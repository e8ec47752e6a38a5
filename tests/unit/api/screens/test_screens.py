"""One screen for voice, touch and form: through the API, with everybody in the room told."""

import json
from typing import Any, cast

import pytest
from credentials import agent
from fare_search import GOOD
from samples import offer, result
from valkey_double import ValkeyDouble

from api.screens.repository import ScreenRepository
from api.screens.service import changed
from api.shared import Shared
from contracts.problems import Conflict, InvalidInput, NotFound
from contracts.room import View
from contracts.screen import HISTORY_MAX, Hand, Screen, ScreenAction

CARDS = result(offer("89.90"), offer("120.00", hour=9))
FIRST, SECOND = (card.id for card in CARDS.offers)


def act(screen: Screen, action: str, **changes: Any) -> Screen:
    wanted = ScreenAction.model_validate({"action": action, "by": "touch"} | changes)
    return changed(screen, wanted, wanted.result)


@pytest.fixture
def shown() -> Screen:
    return act(Screen(), "show", result=CARDS)


def test_every_change_counts_and_says_whose_hand_it_was(shown: Screen) -> None:
    assert (shown.version, shown.by, shown.search) == (1, Hand.TOUCH, CARDS)
    chosen = act(shown, "select", offer_id=SECOND, by="voice")
    assert (chosen.version, chosen.selected, chosen.by) == (2, SECOND, Hand.VOICE)
    narrowed = act(chosen, "refine", view=View(max_stops=0))
    assert (narrowed.view.max_stops, narrowed.selected) == (0, None)
    assert act(narrowed, "compare", offer_ids=[FIRST, SECOND]).compared == (FIRST, SECOND)
    assert act(narrowed, "clear").search is None
    assert act(act(narrowed, "clear"), "show", result=CARDS).history == shown.history


def test_prices_of_now_keep_what_was_chosen(shown: Screen) -> None:
    chosen = act(act(shown, "refine", view=View(sort_by="duration")), "select", offer_id=FIRST)
    again = act(chosen, "show", result=CARDS)
    assert (again.selected, again.view.sort_by) == (FIRST, "duration")
    other = act(chosen, "show", result=CARDS.model_copy(update={"search_id": "another-search"}))
    assert (other.selected, other.view, len(other.history)) == (None, View(), 2)


def test_where_the_traveller_buys_is_kept_until_they_choose_otherwise(shown: Screen) -> None:
    assert shown.country is None
    chosen = act(shown, "show", result=CARDS, by="form", country="CH")
    assert act(act(chosen, "select", offer_id=FIRST), "show", result=CARDS, by="voice").country == "CH"
    assert act(chosen, "show", result=CARDS, by="form", country="auto").country == "auto"


def test_only_the_last_searches_are_remembered(shown: Screen) -> None:
    screen = shown
    for number in range(HISTORY_MAX + 3):
        screen = act(screen, "show", result=CARDS.model_copy(update={"search_id": f"search-{number:04}"}))
    assert len(screen.history) == HISTORY_MAX
    assert screen.history[-1].search_id == f"search-{HISTORY_MAX + 2:04}"


def test_a_change_of_what_is_no_longer_there_is_refused(shown: Screen) -> None:
    with pytest.raises(Conflict, match="version 1"):
        act(shown, "select", offer_id=FIRST, seen=0)
    assert act(shown, "select", offer_id=FIRST, seen=1).selected == FIRST
    with pytest.raises(NotFound):
        act(shown, "select", offer_id="gone")
    with pytest.raises(NotFound):
        act(shown, "compare", offer_ids=[FIRST, "gone"])
    with pytest.raises(InvalidInput):
        act(Screen(), "refine", view=View())


@pytest.mark.parametrize("body", [{"action": "show"}, {"action": "refine"}, {"action": "compare", "offer_ids": ["a"]}])
def test_a_change_without_what_it_needs_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="needs"):
        ScreenAction.model_validate(body | {"by": "form"})


async def test_page_and_agent_change_the_same_screen_and_the_room_is_told(api: Any) -> None:
    session = (await api.http.post("/v1/sessions")).json()
    page = {"Authorization": f"Bearer {session['participant_token']}"}
    voice = agent(session["room_name"])
    path = f"/v1/sessions/{session['session_id']}/screen"
    assert (await api.http.get(path, headers=page)).json()["version"] == 0

    found = (await api.http.get("/v1/flights/search", params=GOOD)).json()
    by_form = {"action": "show", "search_id": found["search_id"], "by": "form", "seen": 0}
    assert (await api.http.post(path, json=by_form, headers=page)).json()["search"]["search_id"] == found["search_id"]
    by_voice = {"action": "select", "offer_id": found["offers"][1]["id"], "by": "voice"}
    await api.http.post(path, json=by_voice, headers=voice)

    seen = (await api.http.get(path, headers=page)).json()
    assert (seen["version"], seen["selected"], seen["by"]) == (2, found["offers"][1]["id"], "voice")
    stale = await api.http.post(path, json=by_form, headers=page)
    assert (stale.status_code, stale.json()["type"]) == (409, "/problems/conflict")
    told = [(room, topic, json.loads(body)["version"]) for room, topic, body in api.media.told]
    assert told == [(session["room_name"], "polyglot.screen", version) for version in (1, 2)]


async def test_a_screen_is_its_calls_own_and_gone_with_it(api: Any) -> None:
    session, other = [(await api.http.post("/v1/sessions")).json() for _ in range(2)]
    mine, theirs = ({"Authorization": f"Bearer {one['participant_token']}"} for one in (session, other))
    path = f"/v1/sessions/{session['session_id']}/screen"
    shown = {"action": "show", "by": "voice", "result": CARDS.model_dump(mode="json")}
    await api.http.post(path, json=shown, headers=mine)
    for headers, status in ((theirs, 403), ({}, 401)):
        assert (await api.http.get(path, headers=headers)).status_code == status
        assert (await api.http.post(path, json=shown, headers=headers)).status_code == status
    await api.http.post(f"/v1/sessions/{session['session_id']}/end", headers=mine)
    assert (await api.http.post(path, json=shown, headers=mine)).status_code == 403
    assert (await api.http.get(path, headers=mine)).json()["search"] is None


async def test_a_media_server_that_is_away_costs_no_change(api: Any) -> None:
    session = (await api.http.post("/v1/sessions")).json()
    page = {"Authorization": f"Bearer {session['participant_token']}"}
    api.media.down = True
    shown = {"action": "show", "by": "touch", "result": CARDS.model_dump(mode="json")}
    answer = await api.http.post(f"/v1/sessions/{session['session_id']}/screen", json=shown, headers=page)
    assert (answer.status_code, answer.json()["version"]) == (200, 1)


async def test_while_valkey_is_away_this_process_remembers() -> None:
    valkey = ValkeyDouble()
    valkey.away = True
    screens = ScreenRepository(cast("Shared", valkey), 3600)
    await screens.change("session-1", lambda screen: act(screen, "show", result=CARDS))
    assert (await screens.get("session-1")).version == 1
    await screens.forget("session-1")
    assert (await screens.get("session-1")).version == 0


async def test_a_screen_that_has_expired_is_neither_shown_nor_gone_on_with() -> None:
    now = [0.0]
    screens = ScreenRepository(None, 60, lambda: now[0])
    await screens.change("call-1", lambda screen: screen.model_copy(update={"version": 7}))
    now[0] = 61
    assert (await screens.get("call-1")).version == 0
    seen: list[int] = []

    def change(screen: Screen) -> Screen:
        seen.append(screen.version)
        return screen

    await screens.change("call-1", change)
    assert seen == [0]
