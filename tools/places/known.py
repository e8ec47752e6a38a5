"""Writes contracts/places/known.bin from the index: what `contracts.places.known` takes for a name of a place.

python -m tools.places.known
"""

from pathlib import Path
from typing import Final

from contracts.places.index import index
from contracts.places.known import hashes
from contracts.places.text import fold

FOLDER: Final = Path(__file__).resolve().parents[2] / "contracts" / "places"
SHORTEST: Final = 3
"""Letters of a name; of kana and Han, one less. Shorter ones are words of some language."""


def known_names() -> set[str]:
    """Folded names of cities, airports, countries, states, regions and islands, but for ordinary words that few know as one."""
    places = index()
    names = {name.rpartition(":")[2] for name in places.names}
    well_known = {fold(name) for city in places.cities if city.notable for name in city.shown}
    return {
        name
        for name in names
        if (name not in places.words or (name in well_known and len(name) > SHORTEST))
        and len(name) >= SHORTEST - (not name.isascii())
    }


def write() -> int:
    """Bytes written."""
    data = hashes(known_names()).tobytes()
    return (FOLDER / "known.bin").write_bytes(data)


if __name__ == "__main__":
    print(f"{write() // 1024} KiB")
