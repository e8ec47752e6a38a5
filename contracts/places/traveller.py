"""Where a traveller is at home, as far as their device tells."""

import re

from babel.core import get_global

_REGION = re.compile(r"[-_]([A-Z]{2})(?![A-Za-z0-9])")


def country_of(time_zone: str | None, locale: str | None) -> str | None:
    """ISO code of the country of an IANA time zone, else of a BCP 47 tag's region; None when neither says one.

    The clock comes first: devices are sold with the language of another country, and run on their owner's time.

    >>> country_of("Europe/Madrid", "en-US"), country_of("UTC", "pt-BR"), country_of(None, "fr")
    ('ES', 'BR', None)
    """
    zones = get_global("zone_territories")
    country = zones.get(time_zone or "")
    if country and re.fullmatch(r"[A-Z]{2}", country):
        return str(country)
    region = _REGION.search(locale or "")
    return region[1] if region else None
