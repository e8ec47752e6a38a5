"""What comes after a search: which tool is asked for, with which arguments, and how its answer is told."""

import re
from datetime import date
from typing import Final

from pydantic import JsonValue

from contracts.tools import (
    TOOL_ALERT,
    TOOL_CALENDAR,
    TOOL_CHECK,
    TOOL_COMPARE,
    TOOL_STATUS,
    AlertsReply,
    CalendarReply,
    CheckReply,
    CompareReply,
    ExpertReply,
    StatusReply,
)
from emulator.lexicon import lexicon
from emulator.lexicon.trips import TripWords, trip_words
from emulator.mind.conversation import Reply, Request
from emulator.mind.dates import fold, month_named
from emulator.mind.han import counted_in_han
from emulator.mind.phrases import find, number_words
from emulator.mind.speaking import join, listed, money, spoken_date, spoken_time
from emulator.mind.state import State
from emulator.mind.understand import Understood

_FLIGHT: Final = re.compile(r"(?<![A-Za-z0-9])([A-Z][A-Z0-9]|[0-9][A-Z])\s?(\d{1,4})(?!\d)")
_EMAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_CURRENCY: Final = r"(?:€|£|\$|¥|euros?|eur|pounds?|quid|dollars?|d[oó]lares|d[oó]lar|libras?|livres?|pfund|dollari|sterline|reais|pesos|yen|円|元|块|塊|欧元|美元|ユーロ|ドル)"
_MONEY: Final = re.compile(
    rf"([\d.,]+\s?[万千]?|[一二两三四五六七八九十百千万]+)\s?{_CURRENCY}|[€£$¥]\s?([\d.,]+)", re.IGNORECASE
)
_MYRIAD: Final = 10_000
_THOUSAND: Final = 1_000
_LATE: Final = 10
"""Minutes from which a flight is late."""
_ALERTS: Final = {
    "alert_delete": "delete",
    "alert_pause": "pause",
    "alert_resume": "resume",
    "alert_list": "list",
    "alert_create": "create",
}
"""What is undone before what is done: "delete the price alert" makes none."""
_COMPARED: Final = ("price", "duration", "stops", "checked_bags")
TripReply = CheckReply | CompareReply | CalendarReply | StatusReply | AlertsReply | ExpertReply


def decide(request: Request, state: State, heard: Understood) -> Reply | None:
    """The tool that was asked for; None where the utterance asks for none of these."""
    words = trip_words(heard.language)
    folded = fold(heard.text)
    spaced = lexicon(heard.language).spaced

    def says(phrases: tuple[str, ...]) -> bool:
        return find(phrases, folded, spaced=spaced) is not None

    alert = next((action for name, action in _ALERTS.items() if says(getattr(words, name))), None)
    if alert is None and says(words.notify) and (says(words.falls) or heard.max_price) and not says(words.status):
        alert = "create"
    if alert and request.tool(TOOL_ALERT):
        return _alert(state, heard, alert)
    if says(words.calendar) and request.tool(TOOL_CALENDAR):
        return _calendar(state, heard)
    if says(words.status) and request.tool(TOOL_STATUS):
        return _status(state, heard)
    if says(words.compare) and request.tool(TOOL_COMPARE) and state.offers:
        numbers: list[JsonValue] = [*_numbers(folded, heard.language)] or [1, 2]
        return Reply(state.language, tool=TOOL_COMPARE, arguments={"numbers": numbers})
    if says(words.check) and request.tool(TOOL_CHECK) and state.offers:
        return Reply(state.language, tool=TOOL_CHECK, arguments={"number": heard.number or state.chosen or 1})
    return None


def told(reply: TripReply, code: str) -> str:
    """The answer in words."""
    words = trip_words(code)
    match reply:
        case CheckReply():
            said = _checked(reply, words, code)
        case CompareReply():
            best = {fact.fact: fact.best for fact in reply.facts if fact.best and len(fact.best) < len(reply.numbers)}
            lines = [
                str(getattr(words.told, f"best_{fact}")).format(numbers=listed(map(str, best[fact]), code))
                for fact in _COMPARED
                if fact in best
            ]
            said = join(code, *lines) or words.told.alike
        case CalendarReply():
            said = _cheapest(reply, words, code)
        case StatusReply():
            said = _state(reply, words, code)
        case AlertsReply():
            return _alerts(reply, words, code)
        case ExpertReply():
            return reply.answer
    answers = lexicon(code).answers
    indicative = answers.indicative if isinstance(reply, CalendarReply) and reply.indicative else ""
    return join(code, said, answers.sample if reply.sample else indicative)


def _checked(reply: CheckReply, words: TripWords, code: str) -> str:
    before, now = (money(amount, reply.currency, code) for amount in (reply.before, reply.now or reply.before))
    text = {"same": words.told.same, "changed": words.told.changed, "gone": words.told.gone}[reply.outcome]
    said = text.format(number=reply.number, price=now, before=before, now=now)
    return join(code, said, words.told.link if reply.bookable else "")


def _cheapest(reply: CalendarReply, words: TripWords, code: str) -> str:
    if not reply.cheapest:
        return words.told.no_prices
    best = reply.cheapest[0]
    return words.told.cheapest_day.format(
        origin=reply.origin.name,
        destination=reply.destination.name,
        date=spoken_date(best.date, code),
        price=money(best.price, reply.currency, code),
    )


def _state(reply: StatusReply, words: TripWords, code: str) -> str:
    late = reply.state == "scheduled" and (reply.delay_minutes or 0) >= _LATE
    text = words.told.late if late else words.told.on_time
    text = {
        "active": words.told.active,
        "landed": words.told.landed,
        "cancelled": words.told.cancelled,
        "diverted": words.told.diverted,
        "unknown": words.told.unknown,
    }.get(reply.state, text)
    return text.format(
        flight=reply.flight,
        minutes=reply.delay_minutes,
        time=spoken_time(reply.expected or reply.scheduled, code),
        arrives=spoken_time(reply.arrives, code) if reply.arrives else "",
    )


def _alerts(reply: AlertsReply, words: TripWords, code: str) -> str:
    if reply.done == "listed":
        if not reply.alerts:
            return words.told.none
        routes = listed((f"{one.route}, {spoken_date(one.date, code)}" for one in reply.alerts), code)
        return words.told.listed.format(count=len(reply.alerts), routes=routes)
    done = {
        "created": _created(reply, words, code),
        "paused": words.told.paused,
        "resumed": words.told.resumed,
        "deleted": words.told.deleted,
    }
    return join(code, done[reply.done], words.told.confirm if reply.confirm else "")


def _created(reply: AlertsReply, words: TripWords, code: str) -> str:
    new = reply.alerts[0] if reply.alerts else None
    if new is None or new.max_price is None:
        return words.told.created
    return words.told.created_at.format(price=money(new.max_price, new.currency, code))


def _alert(state: State, heard: Understood, action: str) -> Reply:
    email = _EMAIL.search(heard.text)
    arguments: dict[str, JsonValue] = {
        "action": action,
        "alert": heard.number if action in {"pause", "resume", "delete"} else None,
        "email": email[0] if email and action == "create" else None,
        "max_price": _wished(heard) if action == "create" else None,
    }
    return Reply(state.language, tool=TOOL_ALERT, arguments=arguments)


def _wished(heard: Understood) -> float | None:
    """The price of an alert: after such words as "below", or beside a currency ("if it falls to 300 euros", "10万円")."""
    if heard.max_price:
        return float(heard.max_price)
    found = _MONEY.search(fold(heard.text))
    if found is None:
        return None
    written = next(filter(None, found.groups()))
    number = re.match(r"[\d.,]+", written)
    if number is None:
        return counted_in_han(written)
    count = float(re.sub(r"[.,](?=\d{3}(?!\d))", "", number[0].rstrip(".,")).replace(",", "."))
    return count * (_MYRIAD if "万" in written else _THOUSAND if "千" in written else 1)


def _calendar(state: State, heard: Understood) -> Reply:
    wishes, answers = state.wishes, lexicon(state.language).answers
    if wishes.origin is None or wishes.destination is None:
        return Reply(state.language, answers.ask_origin if wishes.destination else answers.ask_destination)
    first = heard.dates[0] if heard.dates else month_named(heard.text, heard.language, state.today) or state.today
    arguments: dict[str, JsonValue] = {
        "origin": wishes.origin,
        "destination": wishes.destination,
        "first_date": first.isoformat(),
        "adults": wishes.adults,
    }
    return Reply(state.language, tool=TOOL_CALENDAR, arguments=arguments)


def _status(state: State, heard: Understood) -> Reply:
    named = _FLIGHT.search(heard.text)
    offers = state.offers.offers if state.offers else ()
    chosen = next((one for one in offers if one.number == (heard.number or state.chosen)), None)
    if named is None and chosen is None:
        return Reply(state.language, trip_words(state.language).told.which_flight)
    flight = f"{named[1]}{named[2]}" if named else chosen.flight if chosen else ""
    sold = next((one for one in offers if one.flight == flight), None)
    day = heard.dates[0] if heard.dates else date.fromisoformat(sold.departs[:10]) if sold else state.today
    return Reply(state.language, tool=TOOL_STATUS, arguments={"flight": flight, "date": day.isoformat()})


def _numbers(folded: str, code: str) -> list[int]:
    """Every card that is named, by number or by place."""
    words = lexicon(code)
    spoken = number_words(words.ordinals) | number_words(words.cardinals)
    pattern = "|".join(re.escape(word) for word in sorted(spoken, key=len, reverse=True))
    bounded = rf"(?<!\w)(?:{pattern})(?!\w)" if words.spaced else pattern
    found = [int(one) if one.isdigit() else spoken[one] for one in re.findall(rf"\d{{1,2}}|{bounded}", folded)]
    return list(dict.fromkeys(found))[:4] if len(set(found)) > 1 else []
