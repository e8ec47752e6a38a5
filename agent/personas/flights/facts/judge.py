"""Claims held against the flights of a search.

A claim that cannot be judged for certain is no mistake: a right sentence that is "corrected" is worse than a wrong one
that is not noticed.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal

from agent.personas.flights.facts import claims
from contracts.flights import Offer, SearchResult, Slice
from contracts.languages import LANGUAGES

Kind = Literal["price", "currency", "time", "weekday", "date", "airline", "airport", "stops", "count"]

_CODE: Final = re.compile(r"\(([A-Z]{3})\)")
"""An airport's code as people write it beside a name; bare capitals may be anything."""
_NON_STOP: Final = re.compile(
    r"non[- ]?stop|\bdirect\b|\bdirecto\b|sin escalas|sans escale|\bdirekt\b|ohne (?:zwischen)?stopp?|\bdiretto\b|"
    r"senza scali|\bdireto\b|sem (?:escalas|paradas)|直行|直飞|直飛",
    re.IGNORECASE,
)
_WITH_STOPS: Final = re.compile(
    r"(?:\bone|\b[1-3]|\btwo) stops?\b|(?:\bune|\bcon una|\b1) escal[ae]\b|(?:mit einem|mit 1) (?:zwischen)?stopp?\b|"
    r"\b(?:uno|1) scalo\b|\buma (?:escala|parada)\b|経由|中转|轉機",
    re.IGNORECASE,
)
_NOT: Final = re.compile(
    r"\b(?:no|not|n't|none|without any|ningún|ninguno|pas|aucun|kein\w*|nicht|non (?:c|ci|è)|nessun\w*|não|nenhum\w*)\b|"
    r"ない|なし|ありません|没有|沒有|无",
    re.IGNORECASE,
)
_FOUND: Final = re.compile(
    r"(?<![\d.,:/])(\d{1,3})(?:\s+|(?=[件本个個班]))"
    r"(?:flights?|offers?|options?|vuelos?|ofertas?|opciones|vols?|offres?|flüge?n?|angebote?|voli|volo|offerte|"
    r"voos?|opções|件|本|便|个|個|班)",
    re.IGNORECASE,
)
_TIMES: Final = ("depart_from", "depart_until", "arrive_from", "arrive_until")
SMALL: Final = 5
"""Counts up to this are of what is being told, not of what was found."""
NEAR: Final = 60
"""Characters within which an airline and a price belong together."""


@dataclass(frozen=True)
class Mistake:
    """One wrong claim: what was said, where, and what is right when only one thing can be."""

    kind: Kind
    said: str
    span: tuple[int, int]
    right: str | None = None


@dataclass(frozen=True)
class _Facts:
    """What may be said of a search."""

    offers: tuple[Offer, ...]
    currency: str
    prices: frozenset[Decimal]
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
    facts = _facts(result, shown)
    prices = [claim for claim in claims.prices(text, facts.currency) if not claims.repeated(claim, allowed)]
    times = list(claims.times(text))
    days = list(claims.days(text, language, facts.asked))
    found = [
        *_wrong_prices(prices, facts, _identified(text, times, None, facts), language),
        *_wrong_times(times, facts, allowed, _identified(text, None, prices, facts), language),
        *wrong_weekdays(days, language),
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
    if len(prices) == 1 and not found:
        found += _wrong_company(text, prices[0], facts)
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


def repaired(text: str, wrong: Iterable[Mistake]) -> str | None:
    """The sentence with what is right in the place of what is wrong; None where that is not known for certain."""
    for mistake in sorted(wrong, key=lambda one: one.span, reverse=True):
        if mistake.right is None:
            return None
        start, end = mistake.span
        text = text[:start] + mistake.right + text[end:]
    return text


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
            totals
            | apart
            | limit
            | {total / seats for total in totals}
            | {total / max(1, query.seats) for total in totals}
        ),
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


def _is_price(readings: frozenset[Decimal], prices: frozenset[Decimal]) -> bool:
    """Whether it is one of the prices, or one of them in whole units."""
    return any(abs(value - price) < 1 for value in readings for price in prices)


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
            if prices and len(prices) == 1 and _is_price(prices[0].readings, frozenset({offer.total.decimal}))
        ]
    return fits[0] if len(fits) == 1 else None


def _wrong_prices(said: list[claims.Price], facts: _Facts, of: Offer | None, language: str) -> Iterator[Mistake]:
    locale = LANGUAGES[language].tag.replace("-", "_")
    for claim in said:
        known = _is_price(claim.readings, facts.prices)
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
        if number > SMALL and number not in facts.counts and facts.offers:
            only = {len(facts.offers)} == facts.told
            yield Mistake("count", match[1], match.span(1), str(len(facts.offers)) if only else None)


def _wrong_company(text: str, price: claims.Price, facts: _Facts) -> Iterator[Mistake]:
    """A right price with another flight's airline or stops; only where the sentence is of that one price."""
    priced = [offer for offer in facts.offers if _is_price(price.readings, frozenset({offer.total.decimal}))]
    if not priced or not price.ours:
        return
    named = [(name, text.find(name)) for name in facts.carriers if name in text]
    if len(named) == 1 and abs(named[0][1] - price.span[0]) <= NEAR:
        name, at = named[0]
        sold_by = {offer.carrier.name for offer in priced}
        flown_by = {part.carrier.name for offer in priced for leg in offer.slices for part in leg.segments}
        if name not in sold_by | flown_by:
            yield Mistake("airline", name, (at, at + len(name)), next(iter(sold_by)) if len(sold_by) == 1 else None)
    stops = {max(leg.stops for leg in offer.slices) for offer in priced}
    direct, changing = list(_NON_STOP.finditer(text)), list(_WITH_STOPS.finditer(text))
    if _NOT.search(text) or bool(direct) == bool(changing):
        return
    claim = (direct or changing)[0]
    if (bool(direct) and 0 not in stops) or (bool(changing) and stops == {0}):
        yield Mistake("stops", claim[0], claim.span())
