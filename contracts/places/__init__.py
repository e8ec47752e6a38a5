"""Cities and airports by the names that people give them, in the supported languages and most scripts.

`resolve` for one name (`suggest` when it is not known), `find` for free text, `top_cities` for the most notable ones.
"""

from contracts.places.index import City
from contracts.places.lookup import resolve, suggest, top_cities
from contracts.places.scan import PlaceMatch, find

__all__ = ["City", "PlaceMatch", "find", "resolve", "suggest", "top_cities"]
