"""Offers in the shape in which Duffel gives them, from its documents and the types of its own client.

Only what a test is about is named; the rest is what most airlines send.
"""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

ZONES = {
    "MAD": ("Madrid", "Europe/Madrid"),
    "BCN": ("Barcelona", "Europe/Madrid"),
    "LHR": ("London", "Europe/London"),
    "JFK": ("New York", "America/New_York"),
    "DXB": ("Dubai", "Asia/Dubai"),
    "AMS": ("Amsterdam", "Europe/Amsterdam"),
    "SYD": ("Sydney", "Australia/Sydney"),
    "HNL": ("Honolulu", "Pacific/Honolulu"),
    "AKL": ("Auckland", "Pacific/Auckland"),
    "BTS": ("Bratislava", "Europe/Bratislava"),
    "MRU": ("Mauritius", "Indian/Mauritius"),
}
NAMES = {"BA": "British Airways", "IB": "Iberia", "ZZ": "Duffel Airways", "EK": "Emirates"}
_ids = count(1)


def airport(code: str, **changes: Any) -> dict[str, Any]:
    city, zone = ZONES.get(code, (code, "Etc/UTC"))
    made = {
        "type": "airport",
        "id": f"arp_{code.lower()}_xx",
        "iata_code": code,
        "icao_code": f"X{code}",
        "name": f"{city} Airport",
        "city_name": city,
        "city": None,
        "time_zone": zone,
        "latitude": 1.5,
        "longitude": -3.25,
    }
    return made | changes


def airline(code: str | None, **changes: Any) -> dict[str, Any]:
    made = {"id": f"arl_{code}", "iata_code": code, "name": NAMES.get(code or "", "Some Air"), "logo_symbol_url": None}
    return made | changes


def segment(  # noqa: PLR0917 - the order in which a timetable has them
    origin: str,
    destination: str,
    leaves: str,
    arrives: str,
    duration: str | None,
    flight: str = "BA1234",
    **changes: Any,
) -> dict[str, Any]:
    """`leaves` and `arrives` are local, as `2026-12-04T09:05:00`."""
    made = {
        "id": f"seg_{next(_ids)}",
        "origin": airport(origin),
        "destination": airport(destination),
        "origin_terminal": "B",
        "destination_terminal": None,
        "departing_at": leaves,
        "arriving_at": arrives,
        "duration": duration,
        "distance": "1244.5",
        "marketing_carrier": airline(flight[:2]),
        "marketing_carrier_flight_number": flight[2:],
        "operating_carrier": airline(flight[:2]),
        "operating_carrier_flight_number": flight[2:],
        "aircraft": {"id": "arc_1", "iata_code": "320", "name": "Airbus A320"},
        "stops": [],
        "media": [],
        "passengers": [seat()],
    }
    return made | changes


def seat(cabin: str = "economy", **bags: int) -> dict[str, Any]:
    return {
        "passenger_id": "pas_1",
        "cabin_class": cabin,
        "cabin_class_marketing_name": "Economy Light",
        "fare_basis_code": "OXZ0RO",
        "cabin": None,
        "baggages": [{"type": kind, "quantity": quantity} for kind, quantity in bags.items()],
    }


def stop(code: str, arrives: str, leaves: str) -> dict[str, Any]:
    return {"id": "sto_1", "airport": airport(code), "arriving_at": arrives, "departing_at": leaves, "duration": "PT1H"}


def part(*segments: dict[str, Any], brand: str | None = "Basic", duration: str | None = "PT2H25M") -> dict[str, Any]:
    return {
        "id": f"sli_{next(_ids)}",
        "origin": segments[0].get("origin"),
        "destination": segments[-1].get("destination"),
        "origin_type": "airport",
        "destination_type": "airport",
        "duration": duration,
        "fare_brand_name": brand,
        "comparison_key": "BmlZDw==",
        "ngs_shelf": 1,
        "conditions": {"change_before_departure": None},
        "segments": list(segments),
    }


def offer(*parts: dict[str, Any], **changes: Any) -> dict[str, Any]:
    made = {
        "id": f"off_{next(_ids):022d}",
        "live_mode": True,
        "partial": False,
        "total_amount": "120.50",
        "total_currency": "EUR",
        "base_amount": "100.00",
        "base_currency": "EUR",
        "tax_amount": "20.50",
        "tax_currency": "EUR",
        "total_emissions_kg": "118",
        "expires_at": (datetime.now(UTC) + timedelta(minutes=30)).isoformat().replace("+00:00", "Z"),
        "created_at": "2026-11-21T10:12:14.545Z",
        "owner": airline("BA"),
        "conditions": {
            "refund_before_departure": {"allowed": False, "penalty_amount": None, "penalty_currency": None},
            "change_before_departure": {"allowed": True, "penalty_amount": "40.00", "penalty_currency": "GBP"},
        },
        "payment_requirements": {"requires_instant_payment": True, "payment_required_by": None},
        "passengers": [{"id": "pas_1", "type": "adult", "age": None}],
        "available_services": None,
        "slices": list(parts),
    }
    return made | changes


def simple(day: date, flight: str = "IB3270", hour: int = 9, **changes: Any) -> dict[str, Any]:
    """Madrid to Amsterdam, non-stop, 2 h 25."""
    one = segment("MAD", "AMS", f"{day}T{hour:02}:05:00", f"{day}T{hour + 2:02}:30:00", "PT2H25M", flight)
    return offer(part(one), **changes)


def answer(*offers: dict[str, Any]) -> dict[str, Any]:
    """A look at a batch offer request that has no more to come."""
    return batch(*offers, remaining=0)


def batch(*offers: dict[str, Any], remaining: int = 0) -> dict[str, Any]:
    """A look at a batch offer request."""
    made = created(remaining)
    made["data"]["offers"] = list(offers)
    return made


def created(remaining: int = 1) -> dict[str, Any]:
    """The answer to its creation, which has no offers yet."""
    return {
        "data": {
            "id": "orq_00009hjdomFOCJyxHG7k7k",
            "live_mode": True,
            "created_at": "2026-11-21T15:21:01.927Z",
            "client_key": "SFMyNTY.key",
            "total_batches": max(1, remaining),
            "remaining_batches": remaining,
        }
    }


def error(kind: str, code: str, status: int, pointer: str | None = None) -> dict[str, Any]:
    source = {"source": {"field": (pointer or "").rsplit("/", 1)[-1], "pointer": pointer}} if pointer else {}
    told = {"type": kind, "code": code, "title": "A title", "message": "A message of theirs", **source}
    return {"errors": [told], "meta": {"request_id": "FZW0H3HdJwKk5HMAAKxB", "status": status}}
