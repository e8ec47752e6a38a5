"""Cities with the airports that serve them: the overlay's, those with airports of their own, and large towns."""

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from opencc import OpenCC

from contracts.places.text import fold
from tools.places.sources import (
    LANGUAGES,
    SHORTEST_LATIN,
    Port,
    cldr_cities,
    metros,
    names_of,
    ports,
    psv,
    state,
)

LARGE_CITY = 100_000
NAMESAKE = 30_000
"""People of a town without an airport that is listed because a city abroad has its name: at home it is asked about."""
RADIUS_KM = 60.0
FAR_KM = 150.0
"""Where a large town has no airport nearer."""
TWIN_KM = 150.0
OWN_KM = 90.0
LONGEST = 40
"""Letters of a name."""
MAX_AIRPORTS = 4
GRID_DEGREES = 3.0
_TO_TRADITIONAL, _TO_SIMPLIFIED = OpenCC("s2t"), OpenCC("t2s")


@dataclass
class City:
    """A city under construction."""

    name: str
    country: str
    lat: float
    lon: float
    population: int = 0
    state: str = ""
    code: str = ""
    airports: list[str] = field(default_factory=list)
    display: dict[str, str] = field(default_factory=dict)
    strong: set[str] = field(default_factory=set)
    weak: set[str] = field(default_factory=set)
    notable: bool = False
    own: bool = False
    """Whether an airport is named for it."""
    abroad: bool = False
    """Whether every airport near it is in another country."""

    @property
    def traffic(self) -> float:
        """Of its airports together; of one that it only has nearby a fraction."""
        whole = sum(ports()[code].traffic for code in self.airports if code in ports())
        return whole if self.own or self.notable else whole / 20


def km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Great-circle distance."""
    p1, p2, dl = math.radians(lat1), math.radians(lat2), math.radians(lon2 - lon1)
    cosine = math.sin(p1) * math.sin(p2) + math.cos(p1) * math.cos(p2) * math.cos(dl)
    return 6371.0 * math.acos(max(-1.0, min(1.0, cosine)))


def useful(names: Iterable[str]) -> Iterator[str]:
    """Alternate names without codes, links and transliterations (which GeoNames writes in lower case)."""
    for raw in names:
        name = raw.strip()
        latin = bool(re.search(r"[A-Za-z]", name))
        if not name or "/" in name or "(" in name or (latin and (len(name) < SHORTEST_LATIN or name[0].islower())):
            continue
        if not re.fullmatch(r"[A-Z]{3,4}", name):
            yield name


def both_scripts(names: Iterable[str]) -> set[str]:
    """Names with the simplified and traditional form of Chinese ones."""
    found = set(names)
    for name in list(found):
        if is_script(name, "CJK UNIFIED"):
            found |= {_TO_TRADITIONAL.convert(name), _TO_SIMPLIFIED.convert(name)}
    return found


def is_script(name: str, *scripts: str) -> bool:
    """Whether every letter belongs to one of the scripts, by its Unicode name."""
    letters = [char for char in name if char not in "・ー 、"]
    return bool(letters) and all(unicodedata.name(char, "").startswith(scripts) for char in letters)


def encodable(name: str, codec: str) -> bool:
    """Whether the name can be written in a national character set: tells simplified from traditional."""
    try:
        name.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def notable(rows: list[dict[str, Any]]) -> list[City]:
    """The overlay's cities, with population and further names of the GeoNames city of that name near the airport."""
    result = []
    for code, airports, country, *names, further in psv("overlay.psv"):
        codes = [airport for airport in airports.split(",") if airport in ports()]
        if not codes:
            print(f"overlay {code}: no airport with traffic among {airports}")
            continue
        display = {language: name or names[0] for language, name in zip(LANGUAGES, names, strict=True)}
        strong = {name for name in (*display.values(), *names_of(further)) if not re.fullmatch(r"[A-Z]{3}", name)}
        main = ports()[codes[0]]
        city = City(names[0], country, main.lat, main.lon, 60_000, main.state, code, codes, display, strong)
        twin = find_twin(rows, country, {fold(name) for name in strong}, main)
        if twin:
            city.population, city.state = twin["population"], state(country, twin["admin1code"]) or main.state
            city.weak = set(useful([twin["name"], *twin["alternatenames"]]))
            city.lat, city.lon = twin["latitude"], twin["longitude"]
            rows.remove(twin)
        city.notable = city.own = True
        named_by_metro(city, code if code in metros() else codes[0], keep_display=True)
        result.append(city)
    return result


def find_twin(rows: list[dict[str, Any]], country: str, wanted: set[str], main: Port) -> dict[str, Any] | None:
    """The largest GeoNames city of one of these names near the airport."""
    for exact in (True, False):
        for row in rows:
            if row["countrycode"] != country or abs(row["latitude"] - main.lat) > GRID_DEGREES:
                continue
            names = {fold(row["name"])} if exact else {fold(name) for name in row["alternatenames"]}
            if names & wanted and km(row["latitude"], row["longitude"], main.lat, main.lon) < TWIN_KM:
                return row
    return None


def named_by_metro(city: City, code: str, *, keep_display: bool = False) -> None:
    """Take the names that OpenTravelData has for a city code, by language."""
    metro = metros().get(code)
    if metro is None or metro.country != city.country:
        return
    first = fold(re.split(r"[/(,]", metro.name)[0])
    if first not in {fold(name) for name in (*city.strong, *city.weak, city.name)}:
        return
    for language in LANGUAGES:
        names = [name for name in metro.names.get(language, []) if 1 < len(name) < LONGEST and "/" not in name]
        city.strong |= {name for name in names if not re.fullmatch(r"[A-Z]{2,4}", name)}
        if names and not keep_display:
            suited = [name for name in names if language != "zh" or encodable(name, "gb2312")]
            city.display[language] = (suited or names)[0]
    city.weak |= metro.past


def nearby(lat: float, lon: float, radius: float = RADIUS_KM) -> list[tuple[Port, float]]:
    """Airports with their distance."""
    found = []
    for port in ports().values():
        if abs(port.lat - lat) <= GRID_DEGREES:
            distance = km(lat, lon, port.lat, port.lon)
            if distance <= radius:
                found.append((port, distance))
    return found


def usual(rows: list[dict[str, Any]], taken: list[City]) -> list[City]:
    """Every other city that an airport is named for, and every other large town with an airport near it."""
    known = {(city.country, fold(name)) for city in taken for name in city.strong}
    found = [*_with_own(rows, known)]
    places = {(city.country, fold(city.name), city.state) for city in found}
    at_home: dict[str, set[str]] = {}
    for city in (*taken, *found):
        for name in city.strong | {city.name}:
            at_home.setdefault(fold(name), set()).add(city.country)
    for row in rows:
        key = (row["countrycode"], fold(row["name"]), state(row["countrycode"], row["admin1code"]))
        least = NAMESAKE if at_home.get(key[1], set()) - {key[0]} else LARGE_CITY
        if row["population"] < least or key in places or ((key[0], key[1]) in known and _beside(row, taken)):
            continue
        city = _town(row)
        near = nearby(city.lat, city.lon) or nearby(city.lat, city.lon, FAR_KM)
        home = [(port, distance) for port, distance in near if port.country == city.country]
        city.abroad = not home
        ranked = sorted(home or near, key=lambda pair: -pair[0].traffic * math.exp(-pair[1] / 30))
        if ranked:
            city.airports = [ranked[0][0].code]
            found.append(city)
    for city in found:
        _name(city)
    return found


def _beside(row: dict[str, Any], taken: list[City]) -> bool:
    return any(
        city.country == row["countrycode"] and km(city.lat, city.lon, row["latitude"], row["longitude"]) < RADIUS_KM
        for city in taken
    )


def _town(row: dict[str, Any]) -> City:
    admin = state(row["countrycode"], row["admin1code"])
    city = City(row["name"].replace("’", "'"), row["countrycode"], row["latitude"], row["longitude"], row["population"])
    city.state, city.weak = admin, set(useful(row["alternatenames"]))
    return city


def _with_own(rows: list[dict[str, Any]], known: set[tuple[str, str]]) -> Iterator[City]:
    """For each airport the town that it is named for; made from the airport itself where GeoNames has none."""
    made: dict[tuple[str, str, str], City] = {}
    by_name: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        for name in {fold(row["name"]), *map(fold, useful(row["alternatenames"]))}:
            by_name.setdefault((row["countrycode"], name), []).append(row)
    for port in sorted(ports().values(), key=lambda port: -port.traffic):
        names = list(dict.fromkeys(re.split(r"[/(,]", name)[0].strip() for name in port.city_names))
        for name in [one for one in names if fold(one)][:2]:
            if (port.country, fold(name)) in known and _metro_of(port, name):
                continue
            near = [
                row
                for row in by_name.get((port.country, fold(name)), ())
                if km(row["latitude"], row["longitude"], port.lat, port.lon) <= OWN_KM
            ]
            city = _town(near[0]) if near else City(name, port.country, port.lat, port.lon, 0, port.state)
            city.strong |= {name}
            key = (city.country, fold(city.name), city.state)
            city = made.setdefault(key, city)
            city.own = city.own or name in port.city_names[:-1]
            if port.code not in city.airports and len(city.airports) < MAX_AIRPORTS:
                city.airports.append(port.code)
    yield from made.values()


def _metro_of(port: Port, name: str) -> bool:
    """Whether the overlay's city of that name has this airport, or is near it."""
    return any(
        fold(name) in {fold(one) for one in (*names, *names_of(further))}
        and (
            port.code in airports.split(",")
            or code in port.cities
            or (country == port.country and _near(port, airports))
        )
        for code, airports, country, *names, further in psv("overlay.psv")
    )


def _near(port: Port, airports: str) -> bool:
    others = [ports()[code] for code in airports.split(",") if code in ports()]
    return any(km(port.lat, port.lon, other.lat, other.lon) < OWN_KM for other in others)


def _name(city: City) -> None:
    """Code and names of a city that the overlay does not have."""
    main = ports()[city.airports[0]]
    city.code = main.code
    metro = metros().get(main.cities[0])
    if city.own and metro and len(city.airports) > 1 and metro.code not in ports():
        city.code = metro.code
        city.airports = [code for code in city.airports if code in metro.airports]
    city.display = _guess(city)
    if city.population >= LARGE_CITY:
        city.display |= {"en": city.name} | cldr_cities().get(fold(city.name), {})
    city.strong |= {city.name}
    if city.own:
        for code in main.cities[:1]:
            named_by_metro(city, code)
    city.strong |= set(city.display.values())


def _guess(city: City) -> dict[str, str]:
    """Names in Japanese and Chinese among those of unknown language; the rest keep GeoNames' name."""
    han = [name.removesuffix("市") for name in city.weak if is_script(name, "CJK UNIFIED") and len(name) > 1]
    kana = [name for name in city.weak if is_script(name, "KATAKANA")]
    japanese = [name for name in han if encodable(name, "shift_jis")]
    chinese = [name for name in han if encodable(name, "gb2312")]
    display = dict.fromkeys(LANGUAGES, city.name)
    first_kana = min(kana, key=lambda name: (len(name), name), default="")
    first_japanese = min(japanese, key=lambda name: (len(name), name), default="")
    own_script = city.country in ("JP", "CN", "TW")
    display["ja"] = (first_japanese or first_kana if own_script else first_kana) or city.name
    display["zh"] = min(chinese, key=lambda name: (len(name), name), default="") or city.name
    return display
