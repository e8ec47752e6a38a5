"""Claims held against what a tool told that is not on the cards: a calendar, a flight's status, price alerts.

As with the cards, a claim that cannot be judged for certain is no mistake.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal

from agent.personas.flights.facts import claims
from agent.personas.flights.facts.figures import in_figures
from agent.personas.flights.facts.judge import as_said, wrong_weekdays
from agent.personas.flights.facts.mistakes import Mistake
from contracts.languages import LANGUAGES
from contracts.tools import AlertsReply, CalendarReply, StatusReply

TellsMore = CalendarReply | StatusReply | AlertsReply
WHOLE: Final = 1
"""A price may be said in whole units."""


@dataclass(frozen=True)
class _Facts:
    asked: date
    currency: str | None = None
    prices: frozenset[Decimal] = frozenset()
    of_day: dict[date, Decimal] = field(default_factory=dict)
    days: frozenset[date] = frozenset()
    within: tuple[date, date] | None = None
    """Days that were looked at: any of them may be spoken of, without a price."""
    times: frozenset[str] = frozenset()
    minutes: frozenset[int] = frozenset()


def mistakes_told(text: str, reply: TellsMore, language: str, allowed: str = "") -> list[Mistake]:
    """The wrong claims of one sentence; `allowed`: what the user said, whose numbers and days may be repeated."""
    facts = _facts(reply)
    if facts is None:
        return []
    said = in_figures(text, language)
    found = _mistakes(said.text, facts, language, in_figures(allowed, language).text)
    return [as_said(mistake, said, text) for mistake in found]


def _mistakes(text: str, facts: _Facts, language: str, allowed: str) -> list[Mistake]:
    days = list(claims.days(text, language, facts.asked))
    prices = [
        claim
        for claim in (claims.prices(text, facts.currency) if facts.currency else ())
        if claim.ours and claim.readings and not claims.repeated(claim, allowed)
    ]
    found = [
        *_prices(prices, days, facts, language),
        *_days(
            text,
            days,
            facts,
            priced=bool(prices),
            said={day for day, *_ in claims.days(allowed, language, facts.asked)},
        ),
        *_times(text, facts, allowed),
        *wrong_weekdays(days, language),
    ]
    return sorted(found, key=lambda mistake: mistake.span)


def plain_told(reply: TellsMore, language: str) -> str:
    """What was told, without a verb, which is right in any language."""
    locale = LANGUAGES[language].tag.replace("-", "_")
    match reply:
        case CalendarReply(cheapest=(best, *_)):
            day = format_date(date.fromisoformat(best.date), "full", locale=locale)
            return f"{day}: {format_currency(Decimal(best.price), reply.currency, locale=locale)}."
        case CalendarReply():
            return f"{reply.origin.name} – {reply.destination.name}: –"
        case StatusReply():
            leaves = datetime.fromisoformat(reply.expected or reply.scheduled)
            return f"{reply.flight}: {format_time(leaves.time(), 'short', locale=locale)}."
        case AlertsReply():
            return "; ".join(f"{one.route}, {_day(one.date, locale)}" for one in reply.alerts) + "."


def _day(value: str, locale: str) -> str:
    return format_date(date.fromisoformat(value), "full", locale=locale)


def _facts(reply: TellsMore) -> _Facts | None:
    match reply:
        case CalendarReply():
            of_day = {date.fromisoformat(day.date): Decimal(day.price) for day in reply.cheapest}
            first, last = date.fromisoformat(reply.first_date), date.fromisoformat(reply.last_date)
            return _Facts(
                asked=first,
                currency=reply.currency,
                prices=frozenset(of_day.values()),
                of_day=of_day,
                days=frozenset(of_day),
                within=(first, last),
            )
        case StatusReply():
            moments = [datetime.fromisoformat(at) for at in (reply.scheduled, reply.expected, reply.arrives) if at]
            return _Facts(
                asked=moments[0].date(),
                days=frozenset(moment.date() for moment in moments),
                times=frozenset(f"{moment:%H:%M}" for moment in moments),
                minutes=frozenset({reply.delay_minutes or 0}),
            )
        case AlertsReply(alerts=()):
            return None
        case AlertsReply():
            amounts = [price for one in reply.alerts for price in (one.max_price, one.last_price) if price]
            days = [date.fromisoformat(one.date) for one in reply.alerts]
            return _Facts(
                asked=days[0],
                currency=reply.alerts[0].currency,
                prices=frozenset(Decimal(price) for price in amounts),
                days=frozenset(days),
            )


Day = tuple[date, str | None, tuple[int, int], tuple[int, int]]


def _prices(said: list[claims.Price], days: list[Day], facts: _Facts, language: str) -> list[Mistake]:
    locale = LANGUAGES[language].tag.replace("-", "_")
    named = {day for day, *_ in days}
    only = facts.of_day.get(next(iter(named))) if len(named) == 1 and len(said) == 1 and facts.of_day else None
    right = format_decimal(only, locale=locale) if only is not None else None
    may = frozenset({only}) if only is not None else facts.prices
    return [
        Mistake("price", claim.said, claim.span, right)
        for claim in said
        if not any(abs(value - price) < WHOLE for value in claim.readings for price in may)
    ]


def _days(text: str, said_days: list[Day], facts: _Facts, *, priced: bool, said: set[date]) -> list[Mistake]:
    wrong = []
    for day, _, (start, end), _ in said_days:
        apart = not priced or len(said_days) > 1
        looked_at = facts.within is not None and facts.within[0] <= day <= facts.within[1] and apart
        if day not in facts.days and day not in said and not looked_at:
            wrong.append(Mistake("date", text[start:end], (start, end)))
    return wrong


def _times(text: str, facts: _Facts, allowed: str) -> list[Mistake]:
    repeated = {hour for hours, _, _ in claims.times(allowed) for hour in hours}
    return [
        Mistake("time", match[0].strip(), match.span())
        for hours, minutes, match in claims.times(text)
        if facts.times and not hours & (facts.times | repeated) and minutes not in facts.minutes
    ]
