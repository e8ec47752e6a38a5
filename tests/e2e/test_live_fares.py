"""A spoken question answered from a live fare source: Duffel's protocol on loopback, with nothing of sample data."""

from datetime import UTC, datetime, timedelta

from duffel import answer, simple
from duffel_server import TOKEN, Asked, Reply, fare_server
from spoken import assert_true_to, prices
from stacks import Speech, api_with

from cli.stack.local import LocalStack
from cli.traveller.caller import Traveller
from contracts.dispatch import Pipeline
from contracts.flights import PriceKind
from contracts.sessions import SessionRequest

QUESTION = "Find me a flight from Madrid to Amsterdam tomorrow"


async def test_live_fares_are_told_and_their_loss_too(stack: LocalStack, speech: Speech) -> None:
    day = datetime.now(UTC).date() + timedelta(days=1)
    async with fare_server() as duffel:
        duffel.plays(
            Reply(
                answer(
                    simple(day, "IB3270", 9, total_amount="131.07", total_currency="GBP"),
                    simple(day, "BA1234", 15, total_amount="98.40", total_currency="GBP"),
                )
            )
        )
        environ = {"DUFFEL_API_TOKEN": TOKEN, "POLYGLOT_DUFFEL_URL": duffel.url}
        async with api_with(stack, environ):
            question = await speech(QUESTION)
            request = SessionRequest(pipeline=Pipeline.CASCADE, time_zone="UTC")
            async with Traveller.call(stack.api_url, request) as caller:
                await caller.ready()
                await caller.hush()
                ended = await caller.say(question)
                cards = await caller.cards(ended - 1)
                told = await caller.answer(ended)
                await caller.sound(ended)
                await caller.quiet()
                assert [offer.total.amount for offer in cards.result.offers] == ["98.40", "131.07"]
                assert {offer.price_kind for offer in cards.result.offers} == {PriceKind.LIVE}
                assert cards.result.query.currency == "GBP"
                assert_true_to(told.text, cards.result.offers)
                assert "£98.40" in told.text
                assert "sample" not in told.text.lower()
                assert _ways(duffel.asked[0]) == [("MAD", "AMS", day.isoformat())]

                duffel.plays(Reply({}, status=500))
                lost = await caller.write("Find me a flight from Madrid to Barcelona tomorrow")
                sorry = await caller.answer(lost)
                assert sorry.text
                assert prices(sorry.text) == []
                # Its part and its whole are one search.
            assert len({shown.result.search_id for _, shown in caller.results}) == 1


def _ways(asked: Asked) -> list[tuple[str, str, str]]:
    return [(way["origin"], way["destination"], way["departure_date"]) for way in asked.body["data"]["slices"]]
