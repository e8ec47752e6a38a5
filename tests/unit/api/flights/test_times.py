"""Local times of fare sources become instants only where the clocks and the duration agree."""

from datetime import datetime, timedelta

import pytest

from api.flights.providers.times import Wall, instants, terminus


def read(origin: str, destination: str, leaves: str, arrives: str, minutes: int | None) -> tuple[str, str] | None:
    found = instants(
        Wall(datetime.fromisoformat(leaves), terminus(origin)),
        Wall(datetime.fromisoformat(arrives), terminus(destination)),
        None if minutes is None else timedelta(minutes=minutes),
    )
    return found and (found[0].isoformat(), found[1].isoformat())


@pytest.mark.parametrize(
    ("origin", "destination", "leaves", "arrives", "minutes", "expected"),
    [
        # Ordinary, over two zones.
        ("MAD", "LHR", "2026-12-04T09:05", "2026-12-04T10:30", 145, ("+01:00", "+00:00")),
        # Over the date line: arrives the day before it leaves, and two days after it left.
        ("AKL", "HNL", "2026-12-04T23:55", "2026-12-04T10:10", 555, ("+13:00", "-10:00")),
        ("HNL", "AKL", "2026-12-04T14:00", "2026-12-05T22:00", 540, ("-10:00", "+13:00")),
        # The night in which New York goes back: 01:30 comes twice, and the duration tells which.
        ("JFK", "LHR", "2026-11-01T01:30", "2026-11-01T12:30", 420, ("-04:00", "+00:00")),
        ("JFK", "LHR", "2026-11-01T01:30", "2026-11-01T12:30", 360, ("-05:00", "+00:00")),
        # Arriving in the repeated hour.
        ("MAD", "JFK", "2026-10-31T22:30", "2026-11-01T01:30", 480, ("+01:00", "-04:00")),
        ("MAD", "JFK", "2026-10-31T22:30", "2026-11-01T01:30", 540, ("+01:00", "-05:00")),
        # Within one zone over the change: Python alone would call it eight hours.
        ("JFK", "JFK", "2026-11-01T00:30", "2026-11-01T08:30", 540, ("-04:00", "-05:00")),
        # Without a duration the first reading counts.
        ("JFK", "LHR", "2026-11-01T01:30", "2026-11-01T12:30", None, ("-04:00", "+00:00")),
    ],
)
def test_clocks_are_read_so_that_they_fit(  # noqa: PLR0917 - a row of the table
    origin: str, destination: str, leaves: str, arrives: str, minutes: int | None, expected: tuple[str, str]
) -> None:
    found = read(origin, destination, leaves, arrives, minutes)
    assert found is not None
    assert (found[0][-6:], found[1][-6:]) == expected
    assert (found[0][:16], found[1][:16]) == (leaves, arrives)
    if minutes is not None:
        assert datetime.fromisoformat(found[1]) - datetime.fromisoformat(found[0]) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("leaves", "arrives", "minutes"),
    [
        ("2026-12-04T09:05", "2026-12-04T10:30", 146),
        ("2026-12-04T09:05", "2026-12-04T07:30", None),
        # 02:30 does not exist in Madrid in the night in which summer begins.
        ("2027-03-28T02:30", "2027-03-28T05:00", 145),
    ],
)
def test_clocks_that_cannot_be_true_are_not_read(leaves: str, arrives: str, minutes: int | None) -> None:
    assert read("MAD", "LHR", leaves, arrives, minutes) is None


def test_an_unknown_airport_is_described_by_the_source() -> None:
    made = terminus("QZX", name="New Field", city="Newtown", time_zone="Asia/Dubai")
    assert (made.airport.name, made.airport.city, made.airport.time_zone) == ("New Field", "Newtown", "Asia/Dubai")
    with pytest.raises(ValueError, match="time zone of QZX"):
        terminus("QZX", name="New Field")


def test_the_sources_own_zone_counts_where_ours_does_not_fit() -> None:
    leaves, arrives = datetime.fromisoformat("2026-12-04T09:05"), datetime.fromisoformat("2026-12-04T10:30")
    odd, flight = terminus("MAD", time_zone="Atlantic/Canary"), timedelta(minutes=85)
    found = instants(Wall(leaves, odd), Wall(arrives, terminus("LHR")), flight)
    assert found is not None
    assert found[0].isoformat() == "2026-12-04T09:05:00+00:00"
    nowhere = terminus("MAD", time_zone="Mars/Olympus")
    assert instants(Wall(leaves, nowhere), Wall(arrives, nowhere), flight)


def test_clocks_are_kept_against_a_duration_that_overlooks_the_zones() -> None:
    """As in the offers of Duffel's sandbox: a quarter to one in Stuttgart is 43 minutes after eleven in London."""
    assert read("LHR", "STR", "2026-12-04T23:00", "2026-12-05T00:43", 103) == (
        "2026-12-04T23:00:00+00:00",
        "2026-12-05T00:43:00+01:00",
    )


@pytest.mark.parametrize("minutes", [85, 205])
def test_clocks_are_kept_when_a_government_moved_its_own(minutes: int) -> None:
    assert read("MAD", "LHR", "2026-12-04T09:05", "2026-12-04T10:30", minutes) is not None


@pytest.mark.parametrize("minutes", [146, 160, 540])
def test_any_other_difference_is_a_mistake(minutes: int) -> None:
    assert read("MAD", "LHR", "2026-12-04T09:05", "2026-12-04T10:30", minutes) is None
