"""Claims held against the flights of a search.

A claim that cannot be judged for certain is no mistake: a right sentence that is "corrected" is worse than a wrong one
that is not noticed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal

from agent.personas.flights.facts import claims, one_flight
from agent.personas.flights.facts.figures import InFigures, denied, in_figures
from agent.personas.flights.facts.mistakes import Mistake
from contracts.flights import Offer, SearchResult, Slice
from contracts.languages import LANGUAGES

_CODE: Final = re.compile(r"\(([A-Z]{3})\)")
"""An airport's code as people write it beside a name; bare capitals may be anything."""
_FOUND: Final = re.compile(
    r"(?<![\d.,:/])(\d{1,3})(?:\s+|(?=[件本便个個班]))"
    r"(?:flights?|offers?|options?|vuelos?|ofertas?|opciones|vols?|offres?|flüge?n?|angebote?|voli|volo|offerte|"
    r"voos?|opções|件|本|便|个|個|班)",
    re.IGNORECASE,
)
_MORE_BEHIND: Final = re.compile(
    r"^\s?(?:\S{1,3}\s)?(?:more|less|cheaper|dearer|extra|apart|difference|m[áa]s\b|menos|de plus|de moins|mehr|weniger|teurer|"
    r"günstiger|billiger|in più|in meno|più|meno|a mais|a menos|mais|高い|高く|安い|安く|の差|差|违い|違い)",
    re.IGNORECASE,
)
_MORE_BEFORE: Final = re.compile(
    r"(?:difference|diferencia|différence|unterschied|differenza|diferença|sav\w+|ahorr\w+|économis\w+|spar\w+|risparmi\w+|"
    r"poup\w+|economiz\w+|差は|差额|相差|便宜|贵|貴|多|少|省)[^.,;:!?]{0,16}$",
    re.IGNORECASE,
)
"""Beside an amount that is the difference of two prices, not a price."""
_TIMES: Final = ("depart_from", "depart_until", "arrive_from", "arrive_until")
SMALL: Final = 5
"""Counts up to this are of what is being told, not of what was found."""


@dataclass(frozen=True)
class _Facts:
    """What may be said of a search."""

    offers: tuple[Offer, ...]
    currency: str
    prices: frozenset[Decimal]
    apart: frozenset[Decimal]
    """Differences of the prices that are told."""
    times: frozenset[str]
    durations: frozenset[int]
    days: frozenset[date]
    carriers: frozenset[str]
    airports: frozenset[str]
    counts: frozenset[int]
    told: frozenset[int]
    """How many were found, and how many are shown."""
    asked: date


def mistakes(
    text: str, result: SearchResult, shown: tuple[Offer, ...], language: str, allowed: str = ""
) -> list[Mistake]:
    """The wrong claims of one sentence about a search; `allowed`: what the user said, whose numbers may be repeated."""
    said = in_figures(text, language)
    found = _mistakes(said.text, _facts(result, shown), language, in_figures(allowed, language).text)
    return [as_said(mistake, said, text) for mistake in found]


def as_said(mistake: Mistake, figures: InFigures, text: str) -> Mistake:
    """A mistake that was found in figures, where it stands in the words."""
    start, end = figures.origin(mistake.span)
    return replace(mistake, said=text[start:end], span=(start, end))


def _mistakes(text: str, facts: _Facts, language: str, allowed: str) -> list[Mistake]:
    prices = [claim for claim in claims.prices(text, facts.currency) if not claims.repeated(claim, allowed)]
    times = [claim for claim in claims.times(text) if not denied(text, claim[2].span())]
    days = list(claims.days(text, language, facts.asked))
    found = [
        *_wrong_prices(text, prices, facts, _identified(text, times, None, facts), language),
        *_wrong_times(times, facts, allowed, _identified(text, None, prices, facts), language),
        *wrong_weekdays(days, language),
        *_wrong_day_numbers(text, facts, language),
    ]
    told = bool(prices or times or _FOUND.search(text))
    if told:
        found += [
            Mistake("date", text[start:end], (start, end)) for day, _, (start, end), _ in days if day not in facts.days
        ]
        found += [
            Mistake("airport", match[1], match.span(1))
            for match in _CODE.finditer(text)
            if match[1] not in facts.airports and match[1] not in claims.currencies()
        ]
    found += _wrong_counts(text, facts)
    if not found:
        found += one_flight.of_another(text, prices, times, facts.offers, facts.airports)
    return sorted(found, key=lambda mistake: mistake.span)


def plain(offer: Offer, language: str) -> str:
    """A flight without a verb, which is right in any language: airline, departure, price."""
    locale = LANGUAGES[language].tag.replace("-", "_")
    departs = format_time(offer.slices[0].departs_at.time(), "short", locale=locale)
    price = format_currency(offer.total.decimal, offer.total.currency, locale=locale)
    return f"{offer.carrier.name}, {departs}, {price}."


def plain_day(result: SearchResult, language: str) -> str:
    """A search without a verb: from where to where, and when."""
    query, locale = result.query, LANGUAGES[language].tag.replace("-", "_")
    day = format_date(query.departure_date, "full", locale=locale)
    return f"{query.origin.name} – {query.destination.name}, {day}."


def _facts(result: SearchResult, shown: tuple[Offer, ...]) -> _Facts:
    offers = result.offers
    legs = [leg for offer in offers for leg in offer.slices]
    moments = [moment for leg in legs for part in leg.segments for moment in (part.departs_at, part.arrives_at)]
    query = result.query
    totals = {offer.total.decimal for offer in offers}
    told = sorted({offer.total.decimal for offer in shown[:SMALL]})
    limit = {Decimal(query.filters.max_price)} if query.filters.max_price else set()
    apart = {abs(one - other) for one in told for other in told if one != other}
    seats = max(1, query.seats + query.infants)
    carriers = {offer.carrier.name for offer in offers} | {part.carrier.name for leg in legs for part in leg.segments}
    stops = [max(leg.stops for leg in offer.slices) for offer in offers]
    by_carrier = [sum(other.carrier == offer.carrier for other in offers) for offer in offers]
    return _Facts(
        offers=offers,
        currency=query.currency,
        prices=frozenset(
            totals | limit | {total / seats for total in totals} | {total / max(1, query.seats) for total in totals}
        ),
        apart=frozenset(apart),
        times=frozenset(moment.strftime("%H:%M") for moment in moments)
        | frozenset(filter(None, (getattr(query.filters, name) for name in _TIMES))),
        durations=frozenset(_durations(legs)),
        days=frozenset({moment.date() for moment in moments} | {leg.date for leg in query.legs}),
        carriers=frozenset(carriers),
        airports=frozenset(_airports(result, legs)),
        counts=frozenset({len(offers), len(shown), *(stops.count(number) for number in range(4)), *by_carrier}),
        told=frozenset({len(offers), len(shown)}),
        asked=query.departure_date,
    )


def _durations(legs: list[Slice]) -> Iterator[int]:
    for leg in legs:
        yield leg.duration_minutes
        for part, following in zip(leg.segments, (*leg.segments[1:], None), strict=True):
            yield part.duration_minutes
            if following is not None:
                yield int((following.departs_at - part.arrives_at).total_seconds() // 60)


def _airports(result: SearchResult, legs: list[Slice]) -> Iterator[str]:
    for leg in legs:
        for part in leg.segments:
            yield from (part.origin.code, part.destination.code)
    for asked in result.query.legs:
        for place in (asked.origin, asked.destination):
            yield from (place.code, *place.airports)
    for place in result.namesakes:
        yield from (place.code, *place.airports)


def _identified(
    text: str, times: list[claims.Time] | None, prices: list[claims.Price] | None, facts: _Facts
) -> Offer | None:
    """The one offer that a sentence is of, by its airline and its only time of departure, or its only price."""
    named = [offer for offer in facts.offers if offer.carrier.name in text]
    if times is not None:
        fits = [
            offer for offer in named if len(times) == 1 and offer.slices[0].departs_at.strftime("%H:%M") in times[0][0]
        ]
    else:
        fits = [
            offer
            for offer in named
            if prices and len(prices) == 1 and claims.is_price(prices[0].readings, frozenset({offer.total.decimal}))
        ]
    return fits[0] if len(fits) == 1 else None


def _wrong_prices(
    text: str, said: list[claims.Price], facts: _Facts, of: Offer | None, language: str
) -> Iterator[Mistake]:
    locale = LANGUAGES[language].tag.replace("-", "_")
    for claim in said:
        known = claims.is_price(claim.readings, facts.prices) or (
            claims.is_price(claim.readings, facts.apart) and _is_difference(text, claim.span)
        )
        if claim.ours and not known and claim.readings and facts.offers:
            right = format_decimal(of.total.decimal, locale=locale) if of is not None and len(said) == 1 else None
            yield Mistake("price", claim.said, claim.span, right)
        elif not claim.ours and known:
            yield Mistake("currency", claim.said, claim.span)


def _wrong_times(
    said: list[claims.Time], facts: _Facts, allowed: str, of: Offer | None, language: str
) -> Iterator[Mistake]:
    locale = LANGUAGES[language].tag.replace("-", "_")
    repeated = {hour for hours, _, _ in claims.times(allowed) for hour in hours}
    for hours, minutes, match in said:
        if facts.offers and not hours & (facts.times | repeated) and minutes not in facts.durations:
            departs = format_time(of.slices[0].departs_at.time(), "short", locale=locale) if of is not None else None
            start = match.start() + len(match[0]) - len(match[0].lstrip())
            end = match.end() - (len(match[0]) - len(match[0].rstrip()))
            yield Mistake("time", match[0].strip(), (start, end), departs if len(said) == 1 else None)


def wrong_weekdays(
    days: list[tuple[date, str | None, tuple[int, int], tuple[int, int]]], language: str
) -> Iterator[Mistake]:
    """Weekdays that are not those of the day that they stand beside."""
    _, _, weekdays = claims.calendar(language)
    for day, weekday, _, span in days:
        if weekday is not None and weekdays[weekday.casefold()] != day.weekday():
            right = next(name for name, number in weekdays.items() if number == day.weekday())
            yield Mistake("weekday", weekday, span, right.capitalize() if weekday[0].isupper() else right)


def _wrong_counts(text: str, facts: _Facts) -> Iterator[Mistake]:
    for match in _FOUND.finditer(text):
        number = int(match[1])
        more = number > max(facts.counts, default=0) and not one_flight.WITH_STOPS.search(text)
        if facts.offers and number not in facts.counts and (number > SMALL or more):
            only = {len(facts.offers)} == facts.told
            yield Mistake("count", match[1], match.span(1), str(len(facts.offers)) if only else None)


def _is_difference(text: str, span: tuple[int, int]) -> bool:
    """Whether an amount is said to be that between two prices; behind it its currency stands."""
    behind = re.sub(
        r"^\s?(?:[€$£¥]|[a-zà-ÿ]+|ユーロ|ドル|円|欧元|美元|元)", "", text[span[1] :], count=1, flags=re.IGNORECASE
    )
    return any(
        (_MORE_BEHIND.search(behind), _MORE_BEHIND.search(text[span[1] :]), _MORE_BEFORE.search(text[: span[0]]))
    )


def _wrong_day_numbers(text: str, facts: _Facts, language: str) -> Iterator[Mistake]:
    """A weekday beside the number of a day that is spoken of, without its month: "Friday the 3rd"."""
    _, _, weekdays = claims.calendar(language)
    of_number = {day.day: day for day in facts.days}
    if len(of_number) < len(facts.days):
        return
    for weekday, number, span in claims.day_numbers(text, language):
        day = of_number.get(number)
        if day is not None and weekdays[weekday.casefold()] != day.weekday():
            right = next(name for name, one in weekdays.items() if one == day.weekday())
            yield Mistake("weekday", weekday, span, right.capitalize() if weekday[0].isupper() else right)
