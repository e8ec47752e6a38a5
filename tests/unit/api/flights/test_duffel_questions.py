"""What Duffel is asked, and whose mistake it is when it refuses."""

from datetime import date

import pytest
from duffel_search import place, query

from api.flights.providers.duffel.source import _invalid, _supplier_ms, pairs, question
from contracts.flights import Cabin, Leg


def test_the_question_asks_for_what_the_traveller_wants() -> None:
    asked = question(query(adults=2, cabin=Cabin.BUSINESS, return_date=date(2026, 12, 8), max_stops=3))
    assert asked == {
        "data": {
            "slices": [
                {"origin": "MAD", "destination": "AMS", "departure_date": "2026-12-04"},
                {"origin": "AMS", "destination": "MAD", "departure_date": "2026-12-08"},
            ],
            "passengers": [{"type": "adult"}, {"type": "adult"}],
            "cabin_class": "business",
            "max_connections": 2,
        }
    }
    assert question(query(max_stops=0))["data"]["max_connections"] == 0
    assert question(query())["data"]["max_connections"] == 2


@pytest.mark.parametrize(
    ("left", "expected"), [(6.0, 5000), (4.0, 3000), (3.0, 2000), (1.0, 2000), (0.1, 2000), (90.0, 60_000)]
)
def test_airlines_get_what_is_left_within_duffels_limits(left: float, expected: int) -> None:
    assert _supplier_ms(left) == expected


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"errors": [{"source": {"pointer": "/slices/0/departure_date"}}]}', "departure_date"),
        (b'{"errors": [{}, {"source": {"pointer": "/data/slices/1/departure_date"}}]}', "return_date"),
        (b'{"errors": [{"source": {"pointer": "/slices/1/origin"}}]}', "destination"),
        (b'{"errors": [{"source": {"pointer": "/passengers/8"}}]}', "adults"),
        (b'{"errors": [{"source": {"pointer": "/supplier_timeout"}}]}', None),
        (b'{"errors": [{"source": null}]}', None),
        (b'{"errors": "none"}', None),
        (b"<html>", None),
    ],
)
def test_the_travellers_own_mistake_names_their_field(body: bytes, field: str | None) -> None:
    error = _invalid(body)
    assert (error and error.errors[0].field) == field


def test_the_party_is_told_by_age_and_never_as_adults() -> None:
    asked = question(query(adults=2, children=(5,), infants=1))["data"]["passengers"]
    assert asked == [{"type": "adult"}, {"type": "adult"}, {"age": 5}, {"type": "infant_without_seat"}]


def test_a_journey_of_several_legs_has_a_slice_for_each() -> None:
    first = query()
    leg = Leg(origin=first.destination, destination=place("CAI"), date=date(2026, 12, 20))
    slices = question(query(further=(leg,)))["data"]["slices"]
    assert [(one["origin"], one["destination"]) for one in slices] == [("MAD", "AMS"), ("AMS", "CAI")]
    assert slices[1]["departure_date"] == "2026-12-20"


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("London", ["LON"]),
        ("Tokyo", ["TYO"]),
        ("Nashville", ["BNA"]),
        ("Shanghai", ["PVG", "SHA"]),
        ("Houston", ["IAH", "HOU"]),
        ("Kyoto", ["OSA"]),
        ("Heathrow", ["LHR"]),
    ],
)
def test_a_citys_airports_are_asked_for_as_the_service_defines(name: str, codes: list[str]) -> None:
    """A metropolitan code that is also an airport's would be read as that airport alone."""
    assert [end for _, end in pairs(query(destination=place(name)))] == codes
