"""What the API decides a search's market and currency by."""

from agent.call.state import Call


def traveller(call: Call) -> dict[str, str | None]:
    """Fields of every search; None: nothing is said of it.

    What is on the screen is gone on with in its currency, whoever asked for it: the eye and the ear get one price.
    """
    metadata, shown = call.metadata, call.screen.result
    country = call.screen.country or metadata.country
    return {
        "language": call.language.code,
        "country": None if country == "auto" else country,
        "time_zone": metadata.time_zone,
        "locale": metadata.locale,
        "currency": shown.query.currency if shown else metadata.currency,
    }
