"""Offers and results for unit tests, built through the wire types so that they are always valid."""

from datetime import UTC, datetime, timedelta

from contracts.flights import (
    Airport,
    Bags,
    Cabin,
    Carrier,
    Money,
    Offer,
    Place,
    PriceKind,
    SearchQuery,
    SearchResult,
    Segment,
    Slice,
)

CARRIERS = {"IB": "Iberia", "LH": "Lufthansa", "VY": "Vueling"}
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def airport(code: str) -> Airport:
    return Airport(code=code, name=f"{code} Airport", city=f"City of {code}", time_zone="UTC")


def segment(carrier: str, origin: str, destination: str, departs: datetime, minutes: int) -> Segment:
    return Segment(
        carrier=Carrier(code=carrier, name=CARRIERS[carrier]),
        flight_number=f"{carrier}{departs.hour}{departs.minute:02d}",
        origin=airport(origin),
        destination=airport(destination),
        departs_at=departs,
        arrives_at=departs + timedelta(minutes=minutes),
        duration_minutes=minutes,
    )


def offer(
    price: str, *, carrier: str = "IB", hour: int = 7, minutes: int = 170, stops: int = 0, currency: str = "EUR"
) -> Offer:
    """One way from Madrid to Berlin on 2026-11-22, over Frankfurt for each stop."""
    departs = datetime(2026, 11, 22, hour, 15, tzinfo=UTC)
    if stops:
        first = segment(carrier, "MAD", "FRA", departs, minutes // 2 - 30)
        second = segment(carrier, "FRA", "BER", first.arrives_at + timedelta(minutes=60), minutes // 2 - 30)
        parts: tuple[Segment, ...] = (first, second)
    else:
        parts = (segment(carrier, "MAD", "BER", departs, minutes),)
    total = int((parts[-1].arrives_at - parts[0].departs_at).total_seconds() // 60)
    return Offer(
        id=f"{carrier}-{price}-{hour}-{stops}",
        provider="sample",
        price_kind=PriceKind.SAMPLE,
        total=Money(amount=price, currency=currency),
        carrier=Carrier(code=carrier, name=CARRIERS[carrier]),
        slices=(Slice(segments=parts, duration_minutes=total),),
        cabin=Cabin.ECONOMY,
        bags=Bags(carry_on=1),
        fetched_at=NOW,
    )


def result(*offers: Offer) -> SearchResult:
    """A search from Madrid to Berlin with those offers."""
    return SearchResult(
        search_id="search-0001",
        query=SearchQuery(
            origin=Place(code="MAD", name="Madrid", country="ES", airports=("MAD",), time_zone="Europe/Madrid"),
            destination=Place(code="BER", name="Berlin", country="DE", airports=("BER",), time_zone="Europe/Berlin"),
            departure_date=(NOW + timedelta(days=1)).date(),
        ),
        offers=offers,
        provider="sample",
        price_kind=PriceKind.SAMPLE,
        fetched_at=NOW,
    )
