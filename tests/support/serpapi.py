"""Answers in the shape in which SerpApi gives Google Flights, from its documents."""

from typing import Any

KEY = "serp-key-that-nobody-may-see-4713"


def end(code: str, time: str) -> dict[str, Any]:
    return {"name": f"{code} International Airport", "id": code, "time": time}


def flight(  # noqa: PLR0917 - the order in which a timetable has them
    origin: str, destination: str, leaves: str, arrives: str, minutes: int, number: str = "IB 3270", **changes: Any
) -> dict[str, Any]:
    """`leaves` and `arrives` are local, as `2026-12-04 09:05`."""
    made = {
        "departure_airport": end(origin, leaves),
        "arrival_airport": end(destination, arrives),
        "duration": minutes,
        "airplane": "Airbus A320",
        "airline": "Iberia",
        "airline_logo": "https://www.gstatic.com/flights/airline_logos/70px/IB.png",
        "travel_class": "Economy",
        "flight_number": number,
        "legroom": "28 in",
        "extensions": ["Below average legroom (28 in)", "Carbon emissions estimate: 104 kg"],
    }
    return made | changes


def option(*flights: dict[str, Any], price: float | None = 120, **changes: Any) -> dict[str, Any]:
    made = {
        "flights": list(flights),
        "layovers": [],
        "total_duration": sum(one["duration"] for one in flights),
        "carbon_emissions": {"this_flight": 104_400, "typical_for_this_route": 110_000, "difference_percent": -5},
        "price": price,
        "type": "One way",
        "airline_logo": "https://www.gstatic.com/flights/airline_logos/70px/IB.png",
        "booking_token": "WyJDalJ",
    }
    return made | changes


def page(*options: dict[str, Any], currency: str = "EUR", **changes: Any) -> dict[str, Any]:
    made = {
        "search_metadata": {
            "id": "692f40febd1731899f939947",
            "status": "Success",
            "google_flights_url": "https://www.google.com/travel/flights?hl=en&curr=EUR&tfs=CBwQ",
            "total_time_taken": 1.36,
        },
        "search_parameters": {"engine": "google_flights", "hl": "en", "gl": "us", "currency": currency},
        "best_flights": list(options[:1]),
        "other_flights": list(options[1:]),
        "price_insights": {"lowest_price": 80, "price_level": "low", "typical_price_range": [100, 200]},
    }
    return made | changes


def nothing() -> dict[str, Any]:
    found = page(error="Google Flights hasn't returned any results for this query.")
    return {key: value for key, value in found.items() if not key.endswith("_flights")}
