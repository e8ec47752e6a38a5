"""What comes after a search, in eight languages: the tool that is asked for, and its answer in words."""

import json
from string import Formatter
from typing import Any

import pytest

from contracts.languages import LANGUAGES
from contracts.tools import AlertsReply, CalendarReply, CheckReply, CompareReply, PlaceBrief, StatusReply
from emulator.lexicon.trips import TripAnswers, trip_words
from emulator.mind.conversation import Called, Reply, Request, Returned, Said, Tool
from emulator.mind.dialogue import think
from emulator.mind.trips import told

TOOLS = tuple(
    Tool(name, {})
    for name in (
        "search_flights", "refine_flights", "select_flight", "check_flight", "compare_flights", "price_calendar",
        "flight_status", "price_alert",
    )
)  # fmt: skip
OFFER = {
    "carrier": "Iberia", "flight": "IB3270", "price": "120.50", "currency": "EUR", "departs": "2026-12-04T09:05",
    "arrives": "2026-12-04T12:10", "origin": "MAD", "destination": "BER", "duration_minutes": 185, "stops": 0,
}  # fmt: skip
FOUND = {
    "search_id": "search-4711", "sample": True, "origin": {"code": "MAD", "name": "Madrid"},
    "destination": {"code": "BER", "name": "Berlin"}, "departure_date": "2026-12-04", "return_date": None, "adults": 1,
    "total_offers": 3, "offers": [OFFER | {"number": number} for number in (1, 2, 3)],
}  # fmt: skip
INSTRUCTIONS = "Today is 2026-11-28 (Saturday)."

ASKED: list[tuple[str, str, str, dict[str, Any]]] = [
    ("en", "is the second one still available?", "check_flight", {"number": 2}),
    ("es", "¿sigue disponible el segundo?", "check_flight", {"number": 2}),
    ("fr", "le deuxième est toujours disponible ?", "check_flight", {"number": 2}),
    ("de", "ist der zweite noch verfügbar?", "check_flight", {"number": 2}),
    ("it", "il secondo è ancora disponibile?", "check_flight", {"number": 2}),
    ("pt", "o segundo ainda disponível?", "check_flight", {"number": 2}),
    ("ja", "二番目の便を予約したい", "check_flight", {"number": 2}),
    ("zh", "第二个还有吗", "check_flight", {"number": 2}),
    ("en", "compare the first and the third", "compare_flights", {"numbers": [1, 3]}),
    ("es", "compara el primero y el tercero", "compare_flights", {"numbers": [1, 3]}),
    ("fr", "compare le premier et le troisième", "compare_flights", {"numbers": [1, 3]}),
    ("de", "vergleiche den ersten und den dritten", "compare_flights", {"numbers": [1, 3]}),
    ("it", "confronta il primo e il terzo", "compare_flights", {"numbers": [1, 3]}),
    ("pt", "compare o primeiro e o terceiro", "compare_flights", {"numbers": [1, 3]}),
    ("ja", "一番目と三番目を比べて", "compare_flights", {"numbers": [1, 3]}),
    ("zh", "比较第一个和第三个", "compare_flights", {"numbers": [1, 3]}),
    ("en", "which day is cheapest from Madrid to Berlin?", "price_calendar", {"origin": "MAD", "destination": "BER"}),
    ("es", "el día más barato de Madrid a Berlín", "price_calendar", {"origin": "MAD", "destination": "BER"}),
    ("fr", "le jour le moins cher de Madrid à Berlin", "price_calendar", {"origin": "MAD", "destination": "BER"}),
    ("de", "der günstigste Tag von Madrid nach Berlin", "price_calendar", {"origin": "MAD", "destination": "BER"}),
    ("it", "il giorno più economico da Madrid a Berlino", "price_calendar", {"origin": "MAD", "destination": "BER"}),
    ("pt", "o dia mais barato de Madrid para Berlim", "price_calendar", {"origin": "MAD", "destination": "BER"}),
    ("ja", "マドリードからベルリンまで一番安い日は", "price_calendar", {"origin": "MAD", "destination": "BER"}),
    ("zh", "从马德里到柏林哪天最便宜", "price_calendar", {"origin": "MAD", "destination": "BER"}),
    ("en", "is IB3270 on time?", "flight_status", {"flight": "IB3270", "date": "2026-12-04"}),
    ("es", "¿va a tiempo el IB3270?", "flight_status", {"flight": "IB3270", "date": "2026-12-04"}),
    ("fr", "le IB3270 est à l'heure ?", "flight_status", {"flight": "IB3270", "date": "2026-12-04"}),
    ("de", "ist IB3270 pünktlich?", "flight_status", {"flight": "IB3270", "date": "2026-12-04"}),
    ("it", "IB3270 è in orario?", "flight_status", {"flight": "IB3270", "date": "2026-12-04"}),
    ("pt", "o IB3270 está no horário?", "flight_status", {"flight": "IB3270", "date": "2026-12-04"}),
    ("ja", "IB3270は定刻ですか", "flight_status", {"flight": "IB3270", "date": "2026-12-04"}),
    ("zh", "IB3270准点吗", "flight_status", {"flight": "IB3270", "date": "2026-12-04"}),
    ("en", "tell me when it gets cheaper", "price_alert", {"action": "create"}),
    ("en", "set a price alert under 200 for me@example.com", "price_alert", {"action": "create", "email": "me@example.com", "max_price": 200.0}),
    ("es", "ponme una alerta de precio", "price_alert", {"action": "create"}),
    ("fr", "mets une alerte de prix", "price_alert", {"action": "create"}),
    ("de", "stell einen Preisalarm ein", "price_alert", {"action": "create"}),
    ("it", "metti un avviso di prezzo", "price_alert", {"action": "create"}),
    ("pt", "crie um alerta de preço", "price_alert", {"action": "create"}),
    ("ja", "価格アラートを設定して", "price_alert", {"action": "create"}),
    ("zh", "设置降价提醒", "price_alert", {"action": "create"}),
    ("en", "Let me know if it drops below 150", "price_alert", {"action": "create", "max_price": 150.0}),
    ("es", "Avísame si baja de 300 euros", "price_alert", {"action": "create", "max_price": 300.0}),
    ("fr", "Préviens-moi si ça descend à 80 euros", "price_alert", {"action": "create", "max_price": 80.0}),
    ("de", "Sag Bescheid, wenn es unter 400 Euro kostet", "price_alert", {"action": "create", "max_price": 400.0}),
    ("it", "Avvisami se scende sotto i 90 euro", "price_alert", {"action": "create", "max_price": 90.0}),
    ("pt", "Me avise se ficar abaixo de 500 reais", "price_alert", {"action": "create", "max_price": 500.0}),
    ("ja", "10万円以下になったら知らせて", "price_alert", {"action": "create", "max_price": 100_000.0}),
    ("zh", "低于两千五百元时通知我", "price_alert", {"action": "create", "max_price": 2500.0}),
    ("en", "the cheapest day in March from Madrid to Berlin", "price_calendar", {"first_date": "2027-03-01"}),
    ("es", "el día más barato de marzo de Madrid a Berlín", "price_calendar", {"first_date": "2027-03-01"}),
    ("fr", "le jour le moins cher en mai de Madrid à Berlin", "price_calendar", {"first_date": "2027-05-01"}),
    ("de", "der günstigste Tag im März von Madrid nach Berlin", "price_calendar", {"first_date": "2027-03-01"}),
    ("it", "quando costa meno a marzo da Madrid a Berlino?", "price_calendar", {"first_date": "2027-03-01"}),
    ("pt", "o dia mais barato em maio de Madrid para Berlim", "price_calendar", {"first_date": "2027-05-01"}),
    ("ja", "3月でマドリードからベルリンまで一番安い日は", "price_calendar", {"first_date": "2027-03-01"}),
    ("zh", "三月份从马德里到柏林哪天最便宜", "price_calendar", {"first_date": "2027-03-01"}),
    ("en", "the cheapest day in November from Madrid to Berlin", "price_calendar", {"first_date": "2026-11-28"}),
    ("en", "delete the alert", "price_alert", {"action": "delete"}),
    ("es", "borra la alerta", "price_alert", {"action": "delete"}),
    ("fr", "supprime l'alerte", "price_alert", {"action": "delete"}),
    ("de", "lösche den Alarm", "price_alert", {"action": "delete"}),
    ("it", "cancella l'avviso", "price_alert", {"action": "delete"}),
    ("pt", "apague o alerta", "price_alert", {"action": "delete"}),
    ("ja", "アラートを削除して", "price_alert", {"action": "delete"}),
    ("zh", "删除提醒", "price_alert", {"action": "delete"}),
]  # fmt: skip


def after_a_search(text: str, code: str, *more: Any) -> Reply:
    instructions = f"{INSTRUCTIONS} Answer in {LANGUAGES[code].english_name} ({code}) only: the user chose it."
    items = (Called("c1", "search_flights", {}), Returned("c1", json.dumps(FOUND)), Said("assistant", "ok"))
    return think(Request(instructions, (*items, Said("user", text), *more), TOOLS))


@pytest.mark.parametrize(("code", "text", "tool", "arguments"), ASKED)
def test_what_is_asked_for_is_the_tool_that_is_called(
    code: str, text: str, tool: str, arguments: dict[str, Any]
) -> None:
    reply = after_a_search(text, code)
    assert reply.tool == tool
    assert {name: reply.arguments[name] for name in arguments} == arguments


PLACES = {"origin": PlaceBrief(code="MAD", name="Madrid"), "destination": PlaceBrief(code="BER", name="Berlin")}
CHECKED = {"number": 2, "sample": False, "before": "120.50", "currency": "EUR", "bookable": False}
TOLD: list[tuple[str, Any, str]] = [
    ("check_flight", CheckReply(outcome="changed", now="131.00", **CHECKED), "from €120.50 to €131.00"),
    ("check_flight", CheckReply(outcome="same", now="120.50", **CHECKED | {"bookable": True}), "a button to book it"),
    ("check_flight", CheckReply(outcome="gone", now=None, **CHECKED), "not sold any more"),
    (
        "compare_flights",
        CompareReply.model_validate({"sample": True, "currency": "EUR", "numbers": [1, 3], "facts": [{"fact": "price", "values": ["90", "120"], "best": [1]}, {"fact": "duration", "values": ["185", "90"], "best": [3]}]}),
        "Number 1 is the cheapest. Number 3 is the fastest. This is sample data",
    ),
    (
        "price_calendar",
        CalendarReply.model_validate(PLACES | {"sample": False, "indicative": True, "currency": "EUR", "first_date": "2026-12-01", "last_date": "2027-01-04", "cheapest": [{"date": "2026-12-08", "price": "86"}]}),
        "is Tuesday, December 8, for €86.00. These are indicative prices",
    ),
    ("flight_status", StatusReply(sample=False, flight="IB3270", state="scheduled", origin="Madrid", destination="Berlin", scheduled="2026-12-04T09:05", expected="2026-12-04T09:40", delay_minutes=35), "35 minutes late and leaves at 9:40"),
    ("price_alert", AlertsReply.model_validate({"done": "created", "confirm": True, "alerts": []}), "confirm it first"),
    ("price_alert", AlertsReply.model_validate({"done": "listed", "alerts": []}), "no price alerts"),
]  # fmt: skip


@pytest.mark.parametrize(("tool", "reply", "said"), TOLD)
def test_what_a_tool_gave_is_told(tool: str, reply: Any, said: str) -> None:
    told = after_a_search("so?", "en", Called("c2", tool, {}), Returned("c2", reply.model_dump_json()))
    assert told.tool is None
    assert said in told.text


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_every_sentence_with_its_fields(code: str) -> None:
    def fields(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    for name in TripAnswers.model_fields:
        own, english = (getattr(trip_words(one).told, name) for one in (code, "en"))
        assert fields(own) == fields(english), name


@pytest.mark.parametrize(
    ("code", "said"),
    [("en", "tell me the price of the second one"), ("es", "dime el precio del segundo"), ("zh", "告诉我价格")],
)
def test_who_asks_for_a_price_wants_no_alert(code: str, said: str) -> None:
    assert after_a_search(said, code).tool != "price_alert"


@pytest.mark.parametrize(
    ("code", "said", "key"),
    [("de", "Geht es günstiger?", "price"), ("de", "Früher am Tag, bitte", "departure"), ("it", "Che parta prima", "departure"),
     ("ja", "もっと早い便は?", "departure"), ("zh", "早一点的呢?", "departure"), ("zh", "有更便宜的吗?", "price")],
)  # fmt: skip
def test_cheaper_and_earlier_sort_what_is_there(code: str, said: str, key: str) -> None:
    reply = after_a_search(said, code)
    assert (reply.tool, reply.arguments["sort_by"]) == ("refine_flights", key)


def test_an_alert_says_from_which_price_on() -> None:
    brief = {
        "number": 1,
        "route": "Madrid – Berlin",
        "date": "2026-12-04",
        "max_price": "300",
        "currency": "EUR",
        "state": "active",
    }
    reply = AlertsReply.model_validate({"done": "created", "alerts": [brief]})
    assert "300" in told(reply, "es")


@pytest.mark.parametrize(
    ("code", "said"), [("en", "business class"), ("fr", "classe affaires"), ("ja", "ビジネス"), ("zh", "商务舱")]
)
def test_what_was_searched_for_is_said_back_with_its_cabin(code: str, said: str) -> None:
    instructions = f"{INSTRUCTIONS} Answer in {LANGUAGES[code].english_name} ({code}) only: the user chose it."
    items = (
        Said("user", "Madrid Berlin 4 December"),
        Called("c1", "search_flights", {}),
        Returned("c1", json.dumps(FOUND | {"cabin": "business", "max_stops": 0})),
    )
    answer = think(Request(instructions, items, TOOLS)).text
    assert said in answer
    economy = think(Request(instructions, (*items[:2], Returned("c1", json.dumps(FOUND))), TOOLS)).text
    assert said not in economy


CALENDAR = {
    "status": "ok", "sample": True, "indicative": False,
    "origin": {"code": "MAD", "name": "Madrid"}, "destination": {"code": "BER", "name": "Berlin"},
    "currency": "EUR", "first_date": "2027-03-01", "last_date": "2027-04-04", "stay_nights": None,
    "cheapest": [{"date": "2027-03-10", "price": "38.94"}, {"date": "2027-03-11", "price": "40.00"}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("code", "asked", "said"),
    [
        ("en", "the cheapest day in March from Madrid to Berlin", "OK, fly on the cheapest of those days"),
        ("es", "el día más barato de marzo de Madrid a Berlín", "busca ese día"),
        ("fr", "le jour le moins cher en mars de Madrid à Berlin", "Cherche ce jour-là"),
        ("de", "der günstigste Tag im März von Madrid nach Berlin", "Dann nimm diesen Tag"),
        ("it", "quando costa meno a marzo da Madrid a Berlino?", "Va bene, cerca quel giorno"),
        ("pt", "o dia mais barato em março de Madrid para Berlim", "Procure nesse dia"),
        ("ja", "3月でマドリードからベルリンまで一番安い日は", "その日で検索して"),
        ("zh", "三月份从马德里到柏林哪天最便宜", "就搜那一天"),
    ],
)
def test_the_day_that_a_calendar_told_can_be_searched(code: str, asked: str, said: str) -> None:
    instructions = f"{INSTRUCTIONS} Answer in {LANGUAGES[code].english_name} ({code}) only: the user chose it."
    told_before = (Called("c1", "price_calendar", {}), Returned("c1", json.dumps(CALENDAR)), Said("assistant", "ok"))
    reply = think(Request(instructions, (Said("user", asked), *told_before, Said("user", said)), TOOLS))
    assert (reply.tool, reply.arguments.get("departure_date")) == ("search_flights", "2027-03-10")
    alone = think(Request(instructions, (Said("user", asked), Said("user", said)), TOOLS))
    assert alone.arguments.get("departure_date") is None
