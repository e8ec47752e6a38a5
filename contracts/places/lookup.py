"""Resolving what a person or a model calls a place, without ever taking it for another one in silence.

Only an exact name is an answer. What is like a name, or was a city's name once, is a suggestion.
"""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from contracts.places.doubt import OVERWHELMING, WELL_KNOWN, is_word, misheard, nearly
from contracts.places.index import City, Index, Region, index
from contracts.places.likeness import like
from contracts.places.text import fold

_MOST: Final = 8
_DOMINANT: Final = 9.5
"""How many times weightier a place must be than its namesakes to be meant without asking."""
_CAPITAL: Final = 300.0
"""The same where the namesake is a large city: a Spaniard's Córdoba may be either, a Canadian's London is one."""
_OVER_STATE: Final = 0.25
"""Share of a state's busiest airport that a well-known city of its name elsewhere must have to be meant."""
_CITY: Final = 100_000
"""People; a smaller town without an airport of its own is hardly known outside its country."""
_LARGE: Final = 200_000
"""People; a city that everybody in its country knows."""
_STATES_NAMED: Final = frozenset({"US", "CA", "AU", "BR", "MX", "AR", "IN"})
"""Countries whose people tell cities apart by the state."""
_ARTICLE: Final = re.compile(
    r"^(?:the|la|le|les|el|los|las|il|lo|i|gli|o|a|os|as|die|der|das|isla de|isle of|island of) +"
)
_AIRPORT: Final = re.compile(
    r"^(?:aeropuerto|aeroporto|aeroport|flughafen|airport|city|ciudad|ville|stadt)"
    r"(?: internacional| internazionale| international)?(?: de| di| do| da| d| of)?(?: la| le)? +"
    r"|(?: international| intl)? +(?:airport|airfield|flughafen|aeroport|aeroporto|aeropuerto)$"
    r"|(?:国际|國際|国際)?(?:机场|機場|空港)$|(?:市|都|県)$"
)
_TERMINAL: Final = re.compile(
    r"^terminal \d\w?(?: de| del| di| do| da| of| at| am| in)?(?: la| el)? +| +(?:terminal|t) ?\d\w?$"
    r"|(?:第? ?[\d一二三四五] ?(?:号|號)?|t\d ?)(?:航站楼|航站樓|航厦|航廈|ターミナル)$"
)
_OF: Final = re.compile(r"^(?:de|del|di|do|da|dos|das|du|en|in|im|au|aux) +", re.IGNORECASE)
_INITIALS: Final = re.compile(r"\b\w(?: \w\b)+")
_SAINTS: Final = (("st ", "saint "), ("saint ", "st "), ("ft ", "fort "), ("mt ", "mount "), ("sta ", "santa "))
_SEPARATOR: Final = re.compile(r"\s*[,，、(（]\s*")
_TOLD_CODE: Final = re.compile(r"[(（]([A-Z]{3})[)）]\s*$")
_LONGEST_AREA: Final = 3
"""Words of a state or country behind a city without a comma."""


class Meaning(StrEnum):
    """What a name turned out to be."""

    FOUND = "found"
    AMBIGUOUS = "ambiguous"
    """Several places are called so."""
    REGION = "region"
    """A country, state, region or island with several airports."""
    UNKNOWN = "unknown"
    """No place is called so; what is like it may be meant."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a name can mean. A place may be searched only when it was `FOUND`."""

    meaning: Meaning
    choices: tuple[City, ...]
    """The place and its namesakes; else what to ask about, the likeliest first; empty when nothing is like it."""
    region: Region | None = None
    """What the choices are in, when the name is one region's."""

    @property
    def place(self) -> City | None:
        """The place that is meant, None when it must be asked about."""
        return self.choices[0] if self.meaning is Meaning.FOUND else None


def resolve(name: str, language: str | None = None, country: str | None = None) -> Answer:
    """What the name means.

    `country` is the traveller's own (ISO alpha-2): it decides between namesakes that are about as large, and makes a
    smaller one at home worth asking about. Understood are city names in any language, everyday names of airports, IATA
    codes, countries, states, regions and islands, and a name with its state or country ("Portland, Maine").
    """
    places = index()
    wanted = name.strip()
    if not fold(wanted):
        return Answer(Meaning.UNKNOWN, ())
    called, named = _named(places, wanted, language)
    if not named and wanted.isupper() and wanted in places.codes:
        # Nobody mishears what was chosen from a list or typed as a code, small as the place may be.
        return Answer(Meaning.FOUND, (places.codes[wanted],))
    found = _with_code(places, wanted, named)
    if found:
        answer = _decide(places, found, wanted, country)
        doubtful = answer.place and is_word(wanted, called, answer.place, language, country)
        return Answer(Meaning.UNKNOWN, answer.choices) if doubtful else answer
    return _with_area(places, wanted, language, country) or _unknown(places, wanted)


def suggest(name: str, count: int = 5) -> list[City]:
    """Cities whose name is somewhat like a name that nobody has, the likest first."""
    return list(_unknown(index(), name).choices[:count]) if fold(name) else []


def top_cities(count: int) -> list[City]:
    """The `count` most notable cities."""
    return list(index().cities[:count])


def areas(cities: Iterable[City], language: str | None) -> list[str]:
    """The state or country of each place, whichever tells it from the others; "" where neither is known."""
    listed = list(cities)
    countries = [city.country for city in listed]
    found = []
    for city in listed:
        by_state = city.country in _STATES_NAMED or countries.count(city.country) > 1
        state = index().regions.get(city.state) if by_state else None
        area = state if state and state.well_known else index().regions.get(city.country)
        found.append(area.display_name(language) if area else "")
    return found


def labels(cities: Iterable[City], language: str | None) -> list[str]:
    """Names that tell places apart: "Portland, Oregon", "San José, Costa Rica"; with the code where all is the same."""
    listed = list(cities)
    texts = []
    for city, where in zip(listed, areas(listed, language), strict=True):
        shown = city.display_name(language)
        texts.append(f"{shown}, {where}" if where and where != shown else shown)
    return [
        f"{text} ({city.code})" if texts.count(text) > 1 or _is_part(city) else text
        for text, city in zip(texts, listed, strict=True)
    ]


def _is_part(city: City) -> bool:
    """Whether it is one airport of a city that has more."""
    return any(set(town.airports) > set(city.airports) for town in index().towns(fold(city.english)))


_Thing = City | Region


def _named(places: Index, wanted: str, language: str | None) -> tuple[str, list[_Thing]]:
    """Everything that is called exactly so, in the first spelling that anything is called, and that spelling."""
    for key in _spellings(fold(wanted)):
        # "St" and "Saint" are one name: who writes it out may mean either city.
        towns = [town for one in (key, *_saints(key)) for town in places.towns(one, language)]
        airports, areas = places.airports(key), places.areas(key)
        if towns or airports or areas:
            # A listed name of an airport is meant as such; one made from its official name gives way to a city's.
            kept = airports if key in places.listed or not any(town.own for town in towns) else []
            return key, [*kept, *towns, *areas]
    return fold(wanted), []


def _with_code(places: Index, wanted: str, found: list[_Thing]) -> list[_Thing]:
    """With the place of an IATA code: in capitals beside what is called so, in small letters where nothing is."""
    code = wanted.upper()
    if not re.fullmatch(r"[A-Z]{3}", code) or code not in places.codes or (found and not wanted.isupper()):
        return found
    if any(isinstance(thing, City) and thing.code == code for thing in found):
        return [places.codes[code]]
    if any(isinstance(thing, Region) and thing.is_country for thing in found):
        return found  # USA is an airport too
    return [places.codes[code], *found]


def _saints(key: str) -> list[str]:
    return [new + key.removeprefix(old) for old, new in _SAINTS if key.startswith(old)]


def _spellings(key: str) -> Iterator[str]:
    yield key
    key = _TERMINAL.sub("", key).strip() or key
    joined = _INITIALS.sub(lambda run: run[0].replace(" ", ""), key)
    bare = _AIRPORT.sub("", key).strip()
    forms = [key, joined, *_saints(key)]
    forms += [_ARTICLE.sub("", key), bare, _ARTICLE.sub("", bare)]
    yield from (form for form in dict.fromkeys(forms) if form)


def _decide(places: Index, found: list[_Thing], wanted: str, country: str | None) -> Answer:
    cities = _distinct(thing for thing in found if isinstance(thing, City))
    regions = [area for area in found if isinstance(area, Region) and not _inside(area, cities)]
    regions = [area for area in regions if area.is_country or not _outshines(places, cities, area)]
    countries = {area.code for area in regions if area.is_country}
    regions = [area for area in regions if area.code[:2] not in countries or area.is_country]
    if not regions:
        nations = [area for area in found if isinstance(area, Region) and area.is_country]
        return _beside_nations(places, cities, nations) or _unless_misheard(
            _among(cities, country, wanted), wanted, country
        )
    if len(regions) == 1 and not any(city.traffic * _DOMINANT >= _busiest(places, regions[0]) for city in cities):
        choices = places.choices(regions[0])
        if len(choices) == 1 and not regions[0].well_known:
            choices = _distinct([*choices, *nearly(wanted)])
        meaning = Meaning.FOUND if len(choices) == 1 else Meaning.REGION
        return Answer(meaning, tuple(choices[:_MOST]), regions[0])
    share = max(2, _MOST // (len(regions) + 1))
    firsts = [city for area in regions for city in places.choices(area)[:share]]
    choices = _distinct([*cities[: _MOST // 2], *firsts])
    return Answer(Meaning.FOUND if len(choices) == 1 else Meaning.AMBIGUOUS, tuple(choices[:_MOST]))


def _beside_nations(places: Index, cities: list[City], nations: list[Region]) -> Answer | None:
    """A country that has a city of its name weighs as a country beside a city of that name elsewhere: Granada."""
    for nation in nations:
        abroad = [city for city in cities if city.country != nation.code]
        if any(city.traffic * _DOMINANT >= _busiest(places, nation) for city in abroad):
            return Answer(Meaning.AMBIGUOUS, tuple(sorted(cities, key=lambda city: -city.traffic)[:_MOST]))
    return None


def _unless_misheard(answer: Answer, wanted: str, country: str | None) -> Answer:
    """A place that few fly to is asked about when its name is nearly that of one that many fly to: Frankfort."""
    place = answer.place
    rivals = _distinct([place, *misheard(wanted, place, country)]) if place else []
    return answer if len(rivals) < 2 else Answer(Meaning.AMBIGUOUS, tuple(rivals))  # noqa: PLR2004 - itself alone


def _inside(area: Region, cities: list[City]) -> bool:
    """Whether a city of the same name is in the region or has all its airports: then the city is meant."""
    return any(
        area.code in {city.country, city.state} or set(city.airports) >= set(area.airports)
        for city in cities
        if city.own
    )


def _outshines(places: Index, cities: list[City], area: Region) -> bool:
    """Whether a well-known city elsewhere is meant rather than the state: Washington."""
    busiest = _busiest(places, area)
    return any(city.notable and city.traffic >= busiest * _OVER_STATE for city in cities)


def _busiest(places: Index, area: Region) -> float:
    return max((places.ports[code].traffic for code in area.airports if code in places.ports), default=0.0)


def _among(cities: list[City], country: str | None, wanted: str = "") -> Answer:
    """One of several cities, where one is meant beyond doubt; the others are told as its namesakes."""
    ranked = sorted(cities, key=lambda city: city.weight, reverse=True)
    # A town without an airport has a namesake abroad that has one: only who is at home in its country may mean the town,
    # unless it alone is written so: Siracusa beside Syracuse.
    written = [city for city in ranked if fold(city.english) == fold(wanted)]
    alone = [] if ranked[0].notable or ranked[0] in written else written
    ranked = [
        city for city in ranked if city.country == country or city.own or city.population >= _CITY or city in alone
    ] or ranked
    first = ranked[0]
    rivals = [city for city in ranked if city.weight * _least(first, city) >= first.weight or city in alone]
    if country:
        near = (city for city in ranked if city.country == country)
        home = [city for city in near if city.weight * _at_home(first, city) >= first.weight]
        if len(home) == 1 and home[0] in rivals:
            rivals = home
        elif first.country != country:
            rivals = list(dict.fromkeys([*rivals, *home]))
    if len(rivals) == 1:
        others = [city for city in ranked if city is not rivals[0]]
        return Answer(Meaning.FOUND, (rivals[0], *others[: _MOST - 1]))
    return Answer(Meaning.AMBIGUOUS, tuple(rivals[:_MOST]))


def _at_home(first: City, city: City) -> float:
    """How many times weightier a namesake abroad must be to be meant in the country of `city`.

    More where the city is large, and so well known at home, or where the one abroad is not well known either.
    """
    large = city.population >= _LARGE or (city.own and city.traffic >= WELL_KNOWN)
    return _CAPITAL if large or not first.notable else OVERWHELMING


def _least(first: City, other: City) -> float:
    """Of two well-known cities none is meant without asking: Santiago."""
    return math.inf if first.notable and other.notable else _DOMINANT


def _distinct(cities: Iterable[City]) -> list[City]:
    """Each place once: of two that are served by the same airport, the busier one."""
    found: list[City] = []
    for city in sorted(cities, key=lambda one: -one.traffic):
        if not any(set(city.airports) & set(other.airports) for other in found):
            found.append(city)
    return found


def _with_area(places: Index, wanted: str, language: str | None, country: str | None) -> Answer | None:
    """A city with its state or country behind it, with or without the comma."""
    told = _TOLD_CODE.search(wanted)
    if told and told[1] in places.codes:
        return Answer(Meaning.FOUND, (places.codes[told[1]],))
    head, *tail = _SEPARATOR.split(wanted.rstrip(")） "), maxsplit=1)
    if tail:
        alike = tuple(_cities_of(places, head, language)[:_MOST])
        there = [city for area in _areas_of(places, tail[0]) for city in places.choices(area)[:2]]
        return _in_area(places, head, tail[0], language, country) or Answer(
            Meaning.UNKNOWN, tuple(_distinct([*there, *alike])[:_MOST]) or _unknown(places, head).choices
        )
    words = wanted.split()
    for count in range(1, min(_LONGEST_AREA + 1, len(words))):
        found = _in_area(places, " ".join(words[:-count]), " ".join(words[-count:]), language, country)
        if found:
            return found
    return None


def _cities_of(places: Index, head: str, language: str | None) -> list[City]:
    found = _named(places, head, language)[1] or [*places.formerly(fold(head))]
    return _distinct(thing for thing in found if isinstance(thing, City))


def _areas_of(places: Index, tail: str) -> list[Region]:
    """The states and countries that the words behind a city name."""
    for part in dict.fromkeys((tail, tail.rsplit(",", maxsplit=1)[-1], tail.split(",", maxsplit=1)[0])):
        for key in _spellings(fold(_OF.sub("", part.strip()))):
            codes = [*places.region_names.get(key, ()), *([places.states[key]] if key in places.states else [])]
            if codes:
                return [places.regions[code] for code in dict.fromkeys(codes) if code in places.regions]
    return []


def _in_area(places: Index, head: str, tail: str, language: str | None, country: str | None) -> Answer | None:
    codes = {area.code for area in _areas_of(places, tail)}
    cities = [city for city in _cities_of(places, head, language) if codes & {city.country, city.state}]
    if cities:
        return _among(cities, country)
    inside = [area for area in places.areas(fold(head)) if not area.is_country and _country_of(places, area) in codes]
    return _decide(places, [*inside], head, country) if inside else None


def _country_of(places: Index, area: Region) -> str:
    """The one country that all airports of a region are in, "" where there are several."""
    countries = {places.ports[code].country for code in area.airports if code in places.ports}
    return countries.pop() if len(countries) == 1 else ""


def _unknown(places: Index, wanted: str) -> Answer:
    """Not an answer: old and rare names first, then what is written or spoken alike."""
    key = fold(wanted)
    former = sorted(places.formerly(key), key=lambda city: (not city.own, -city.traffic))
    alike = [city for name in like(key) for city in _meant(places, name)]
    unique = list(_by_code([*former, *alike]).values())
    known = [city for city in unique if city.traffic >= WELL_KNOWN]
    return Answer(Meaning.UNKNOWN, tuple([*known, *(city for city in unique if city not in known)][:_MOST]))


def _by_code(cities: Iterable[City]) -> dict[str, City]:
    found: dict[str, City] = {}
    for city in cities:
        found.setdefault(city.code, city)
    return found


def _meant(places: Index, name: str) -> list[City]:
    firsts = [city for area in places.areas(name) for city in places.choices(area)[:2]]
    return [*places.towns(name), *places.airports(name), *firsts]
