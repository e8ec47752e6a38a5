"""Countries, states, regions and islands, with the airports that a traveller may choose from."""

from collections.abc import Iterable

from opencc import OpenCC

from contracts.places.text import fold
from tools.places.cities import both_scripts
from tools.places.sources import LANGUAGES, Port, countries, names_of, ports, psv, subdivisions

MOST_AIRPORTS = 8
_EXTRAS = {
    "US": (
        "USA",
        "US",
        "U.S.",
        "U.S.A.",
        "United States of America",
        "America",
        "the States",
        "EEUU",
        "EE.UU.",
        "EE UU",
        "Amérique",
        "Vereinigte Staaten von Amerika",
        "EUA",
        "アメリカ",
        "米国",
        "美国",
        "Etats-Unis",
        "Stati Uniti",
        "Amerika",
        "Estados Unidos de América",
        "Etats Unis d'Amérique",
        "アメリカ合衆国",
    ),
    "GB": (
        "UK",
        "U.K.",
        "Great Britain",
        "Britain",
        "Gran Bretaña",
        "Grande-Bretagne",
        "Großbritannien",
        "Grossbritannien",
        "Gran Bretagna",
        "Grã-Bretanha",
        "イギリス",
        "英国",
        "英國",
    ),
    "AE": ("UAE", "U.A.E.", "Emirates", "Emiratos", "Emirate", "Emirati", "Émirats", "Emirados"),
    "NL": ("Holland", "Holanda", "Hollande", "Olanda", "オランダ"),
    "KR": ("Korea", "Corea", "Corée", "Coreia", "韩国", "韓国", "South Korea"),
    "MM": ("Burma", "Birmania", "Birmanie", "Birma", "ビルマ", "缅甸", "Birmânia"),
    "LK": ("Ceylon", "Ceilán"),
    "TH": ("Siam",),
    "IR": ("Persia", "Perse", "Persien"),
    "CZ": (
        "Czech Republic",
        "República Checa",
        "République tchèque",
        "Tschechische Republik",
        "Repubblica Ceca",
        "チェコ共和国",
        "Tschechei",
    ),
    "CI": ("Ivory Coast", "Costa de Marfil", "Elfenbeinküste", "Costa do Marfim", "象牙海岸"),
    "BY": ("Weißrussland", "Bielorrusia", "Biélorussie", "Bielorussia", "Bielorrússia", "ベラルーシ共和国"),
    "TR": ("Turkey", "土耳其"),
    "CV": ("Cape Verde", "Cabo Verde", "Kap Verde", "Cap-Vert", "Capo Verde"),
    "SZ": ("Swaziland", "Suazilandia", "Swasiland", "Suazilândia"),
    "MK": ("Macedonia", "Macédoine", "Mazedonien"),
    "TL": ("East Timor", "Timor Oriental", "Osttimor", "Timor Est", "東ティモール"),
    "IE": ("Republic of Ireland", "Eire", "República de Irlanda"),
    "MD": ("Moldavia", "Moldavie"),
    "VN": ("Viet Nam",),
    "PS": ("Palestina", "Palästina"),
    "CD": ("Congo", "Zaire", "DRC"),
    "RU": ("Russian Federation", "USSR"),
    "BA": ("Bosnia",),
    "KN": ("Saint Kitts and Nevis", "St Kitts and Nevis"),
    "TT": ("Trinidad and Tobago",),
    "PF": ("French Polynesia",),
    "SC": ("The Seychelles", "Seychelles"),
    "TW": ("Formosa", "台湾", "臺灣", "台灣"),
    "CN": ("PRC", "Mainland China", "中国", "中國", "大陆"),
    "VI": ("US Virgin Islands", "USVI"),
    "VG": ("British Virgin Islands", "BVI"),
    "DO": ("Dominican Republic", "the Dominican"),
}
_POSTAL = ("US", "CA", "AU", "BR")
"""Countries whose states people write as their ISO code after a city."""


class Region:
    """One of them: names in the languages and Traditional Chinese, and airports, the busiest first."""

    def __init__(self, names: list[str], airports: list[str], further: set[str]) -> None:
        self.names = names
        self.airports = airports
        self.further = further


def regions() -> dict[str, Region]:
    """By ISO code or the overlay's own name."""
    found: dict[str, Region] = {}
    for code, names in countries().items():
        served = _served(port for port in ports().values() if port.country == code)
        if served:
            found[code] = Region(names, served, {*names, *_EXTRAS.get(code, ())} - {""})
    for states in subdivisions().values():
        for name, code in states.items():
            served = _in_state(code)
            if served:
                found[code] = Region([name.title(), *[""] * 8], served, {name})
    traditional = OpenCC("s2t")
    for code, airports, *names, further in psv("regions.psv"):
        listed = [airport for airport in airports.split(",") if airport in ports()]
        served = listed or _in_state(code)
        if not served:
            print(f"region {code}: no airport with traffic")
            continue
        full = dict(zip(LANGUAGES, names, strict=True))
        display = [full[language] or (full["en"] if language not in ("ja", "zh") else "") for language in LANGUAGES]
        earlier = found[code].further if code in found else set()
        found[code] = Region(
            [*display, traditional.convert(full["zh"])],
            served,
            both_scripts({*display, *names_of(further)} - {""}) | earlier,
        )
    return found


def codes_of_states() -> dict[str, str]:
    """As "or" to "US-OR"; where several countries have it, the United States before others."""
    found: dict[str, str] = {}
    for country in _POSTAL:
        for code in set(subdivisions().get(country, {}).values()):
            if code.startswith(f"{country}-"):
                found.setdefault(fold(code.split("-", 1)[1]), code)
    return found


def _in_state(code: str) -> list[str]:
    return _served(port for port in ports().values() if port.state == code)


def _served(inside: Iterable[Port]) -> list[str]:
    """The busiest airports, one of each city."""
    cities: set[str] = set()
    found = []
    for port in sorted(inside, key=lambda port: -port.traffic):
        if port.cities[0] not in cities:
            cities.add(port.cities[0])
            found.append(port.code)
    return found[:MOST_AIRPORTS]
