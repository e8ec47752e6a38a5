"""Facts that are right, each by itself, and not of one flight: a price with another flight's airline, stops or airport.

A sentence is of those flights that have its only price, all its times and its only airline; of several at once nothing is judged.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from agent.personas.flights.facts import claims
from agent.personas.flights.facts.figures import ASKS
from agent.personas.flights.facts.mistakes import Mistake
from contracts.airports import airport_names
from contracts.flights import Offer

_NON_STOP: Final = re.compile(
    r"non[- ]?stop|\bdirect\b|\bdirecto\b|sin escalas|sans escale|\bdirekt\b|ohne (?:zwischen)?stopp?|\bdiretto\b|"
    r"senza scali|\bdireto\b|sem (?:escalas|paradas)|直行|直飞|直飛",
    re.IGNORECASE,
)
WITH_STOPS: Final = re.compile(
    r"\b(?P<before>[1-4]) (?:stops?|changes?|connections?|layovers?|stopovers?|escalas?|paradas?|escales?|correspondances?|"
    r"(?:zwischen)?stopps?|zwischenstopps?|umstiege?|scal[oi]|conexõe?s|conexão)\b|\bmit einem (?:zwischen)?stopp?\b|"
    r"(?:乗り?継ぎ|乗り?換え|経由|中转|轉機|转机|经停)(?:は|が|が?必要なのは)?(?P<behind>[1-4])[回次か个]|"
    r"(?P<first>[1-4])[回次](?:の)?(?:乗り?継ぎ|乗り?換え|経由|中转|轉機|转机|经停)|経由|中转|轉機|转机",
    re.IGNORECASE,
)
_NOT: Final = re.compile(
    r"\b(?:no|not|n't|none|without any|ningún|ninguno|pas|aucun|kein\w*|nicht|non (?:c|ci|è)|nessun\w*|não|nenhum\w*)\b|"
    r"ない|なし|ありません|没有|沒有|无",
    re.IGNORECASE,
)
NEAR: Final = 60
"""Characters within which an airline and a price belong together."""
_OTHERS: Final = re.compile(
    r"\b(?:other|also|too|instead|rather than|otr[oa]s?|también|autres?|aussi|ander\w+|auch|altr[iao]|anche|outr[oa]s?|também)\b|"
    r"ほか|他の|其他|也",
    re.IGNORECASE,
)
"""What is spoken of beside the flight."""
_COMPARED: Final = re.compile(
    r"(?:\b(?:than|compared (?:to|with)|unlike|besides|except|after|instead of|rather than|außer|statt|nach|sauf|après|"
    r"salvo|excepto|exceto|después de|depois d[ao]|tranne|dopo|rispetto a|do que)\b[^.,;:!?]{0,14}|"
    r"\b(?:más|menos|plus|moins|mais)\b[^.,;:!?]{0,25}\bqu(?:e\b|['\u2019])[^.,;:!?]{0,14}|"
    r"\b(?:più|meno)\b[^.,;:!?]{0,25}\bdi(?: quello di| quella di)? |"
    r"\bals (?:bei |mit |von |der |die |den |der von )?|比|除了)$",
    re.IGNORECASE,
)
_COMPARED_BEHIND: Final = re.compile(r"^(?:便|の便|のもの)?(?:より|以外|のほか|の他|以外的)")
"""Beside an airline that a flight is only compared with."""
SHORTEST_NAME: Final = 4


def of_another(
    text: str,
    prices: Sequence[claims.Price],
    times: Sequence[claims.Time],
    offers: tuple[Offer, ...],
    airports: frozenset[str],
) -> Iterator[Mistake]:
    """What belongs to another flight than the one that the sentence is of; `airports`: codes that may be spoken of."""
    if any(not price.ours for price in prices) or len(prices) > 1:
        return
    names = {offer.carrier.name for offer in offers}
    found = sorted((name, text.find(name)) for name in names if name in text)
    named = [(name, at) for name, at in found if not _is_compared(text, name, at)]
    priced = (
        [one for one in offers if claims.is_price(prices[0].readings, frozenset({one.total.decimal}))] if prices else []
    )
    timed = _at(times, offers)
    if len(named) == 1:
        wrong = list(_airline(named[0], prices, times, priced, timed))
        if wrong:
            yield from wrong
            return
    of = _spoken_of(offers, priced if prices else None, timed, named[0][0] if len(named) == 1 else None)
    if not of or len(named) > 1:
        return
    yield from _stops(text, of, certain=bool(priced or timed))
    if (prices or timed or named) and not ASKS.search(text) and not _OTHERS.search(text) and not _NOT.search(text):
        yield from _airports(text, of, airports)


def _is_compared(text: str, name: str, at: int) -> bool:
    return bool(_COMPARED.search(text[:at]) or _COMPARED_BEHIND.search(text[at + len(name) :]))


def _at(times: Sequence[claims.Time], offers: tuple[Offer, ...]) -> list[Offer] | None:
    """Flights that leave or land at every time that is said; None where no time is one of any flight's."""
    every = {moment for offer in offers for moment in _moments(offer)}
    said = [hours for hours, _, _ in times if hours & every]
    return [offer for offer in offers if all(hours & _moments(offer) for hours in said)] if said else None


def _moments(offer: Offer) -> frozenset[str]:
    parts = [part for leg in offer.slices for part in leg.segments]
    return frozenset(f"{moment:%H:%M}" for part in parts for moment in (part.departs_at, part.arrives_at))


def _carriers(offer: Offer) -> set[str]:
    return {offer.carrier.name} | {part.carrier.name for leg in offer.slices for part in leg.segments}


def _spoken_of(
    offers: tuple[Offer, ...], priced: list[Offer] | None, timed: list[Offer] | None, airline: str | None
) -> list[Offer]:
    """The flights that have all that is said; none where nothing tells."""
    if priced is None and timed is None and airline is None:
        return []
    return [
        offer
        for offer in offers
        if (priced is None or offer in priced)
        and (timed is None or offer in timed)
        and (airline is None or airline in _carriers(offer))
    ]


def _airline(
    named: tuple[str, int],
    prices: Sequence[claims.Price],
    times: Sequence[claims.Time],
    priced: list[Offer],
    timed: list[Offer] | None,
) -> Iterator[Mistake]:
    """A right price or time that no flight of the airline has."""
    name, at = named
    span = (at, at + len(name))
    if priced and abs(at - prices[0].span[0]) <= NEAR and not any(name in _carriers(offer) for offer in priced):
        sold_by = {offer.carrier.name for offer in priced}
        yield Mistake("airline", name, span, next(iter(sold_by)) if len(sold_by) == 1 else None)
    elif timed and abs(at - times[0][2].start()) <= NEAR and not any(name in _carriers(offer) for offer in timed):
        yield Mistake("airline", name, span)


def _stops(text: str, of: list[Offer], *, certain: bool) -> Iterator[Mistake]:
    stops = {max(leg.stops for leg in offer.slices) for offer in of}
    direct, changing = list(_NON_STOP.finditer(text)), list(WITH_STOPS.finditer(text))
    if _NOT.search(text) or bool(direct) == bool(changing):
        return
    claim = (direct or changing)[0]
    number = next((value for value in claim.groupdict().values() if value), None)
    if number is not None:
        if int(number) not in stops:
            yield Mistake("stops", claim[0], claim.span())
    elif certain and ((direct and 0 not in stops) or (changing and stops == {0})):
        yield Mistake("stops", claim[0], claim.span())


def _airports(text: str, of: list[Offer], codes: frozenset[str]) -> Iterator[Mistake]:
    used = {
        code
        for offer in of
        for leg in offer.slices
        for part in leg.segments
        for code in (part.origin.code, part.destination.code)
    }
    for code in sorted(codes - used):
        found = _named(code).search(text) if airport_names(code) else None
        if found:
            yield Mistake("airport", found[0], found.span())


@cache
def _named(code: str) -> re.Pattern[str]:
    """An airport by the names that people use."""
    names = sorted(airport_names(code), key=len, reverse=True)
    latin = [re.escape(name) for name in names if name.isascii() and len(name) >= SHORTEST_NAME]
    other = [re.escape(name) for name in names if not name.isascii()]
    return re.compile("|".join([*(rf"(?<!\w){name}(?!\w)" for name in latin), *other]) or r"(?!)", re.IGNORECASE)
