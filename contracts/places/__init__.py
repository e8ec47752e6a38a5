"""Places by the names that people give them, in the supported languages and most scripts.

`resolve` for one name, `suggest` for what is like it, `labels` to tell places apart, `within` for an answer that does,
`find` for free text, `top_cities` for the most notable ones.
"""

from contracts.places.index import City, Region
from contracts.places.lookup import Answer, Meaning, areas, labels, resolve, suggest, top_cities
from contracts.places.scan import PlaceMatch, find
from contracts.places.traveller import country_of
from contracts.places.within import within

__all__ = [
    "Answer",
    "City",
    "Meaning",
    "PlaceMatch",
    "Region",
    "areas",
    "country_of",
    "find",
    "labels",
    "resolve",
    "suggest",
    "top_cities",
    "within",
]
