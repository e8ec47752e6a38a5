"""A spoken English question through both voice pipelines: heard, searched, shown and answered truthfully."""

from datetime import UTC, datetime, timedelta

import pytest
from spoken import assert_true_to
from stacks import Speech

from cli.stack.local import LocalStack
from cli.traveller.caller import Traveller
from contracts.dispatch import Pipeline
from contracts.flights import PriceKind
from contracts.sessions import SessionRequest

QUESTIONS = [
    ("Find me a flight from Madrid to Berlin tomorrow", "MAD", "BER", "echo", 1.0),
    ("I need a flight to New York from Madrid tomorrow", "NYC", "MAD", "alloy", 1.1),
]


@pytest.mark.parametrize(
    ("text", "first", "second", "voice", "speed", "pipeline"),
    [(*QUESTIONS[0], Pipeline.CASCADE), (*QUESTIONS[1], Pipeline.REALTIME)],
)
async def test_a_spoken_question_gets_a_spoken_flight_answer(  # noqa: PLR0917 - the parameters are the case
    stack: LocalStack, speech: Speech, pipeline: Pipeline, text: str, first: str, second: str, voice: str, speed: float
) -> None:
    samples = await speech(text, voice, speed)
    async with Traveller.call(stack.api_url, SessionRequest(pipeline=pipeline, time_zone="UTC")) as caller:
        await caller.ready()
        await caller.sound(0.0)
        # One question waits until the greeting has been said, as a patient caller does; the others do not.
        await (caller.quiet() if text == QUESTIONS[0][0] else caller.hush())
        ended = await caller.say(samples)
        cards = await caller.cards(ended - 1)
        answer = await caller.answer(ended)
        heard = next(t.text for t in caller.transcripts if t.speaker == "user")
        sound = await caller.sound(ended)

        query = cards.result.query
        assert {query.origin.code, query.destination.code} == {first, second}
        ends = (query.origin.code, query.destination.code)
        assert ends == ((second, first) if " to New York from" in text else (first, second))
        assert query.departure_date == (datetime.now(UTC) + timedelta(days=1)).date()
        assert cards.result.offers
        assert {offer.price_kind for offer in cards.result.offers} == {PriceKind.SAMPLE}
        names = [word.lower() for word in text.split()[1:] if word[0].isupper()]
        assert [word for word in (*names, "tomorrow") if word not in heard.lower()] == []
        assert_true_to(answer.text, cards.result.offers)
        assert "sample" in answer.text.lower()
        assert sound > ended
        assert caller.ear.seconds_of_sound(ended) > 1.0


@pytest.mark.parametrize("pipeline", [Pipeline.REALTIME, Pipeline.CASCADE])
async def test_the_conversation_goes_on_about_what_is_on_the_screen(
    stack: LocalStack, speech: Speech, pipeline: Pipeline
) -> None:
    async with Traveller.call(stack.api_url, SessionRequest(pipeline=pipeline)) as caller:
        await caller.ready()
        await caller.hush()
        asked = await caller.say(await speech("Find me a flight from Madrid to Berlin tomorrow"))
        first = await caller.cards(asked - 1)
        await caller.answer(asked)
        await caller.quiet()

        refined = await caller.say(await speech("Only non stop flights"))
        direct = await caller.cards(refined - 1)
        answer = await caller.answer(refined)
        await caller.quiet()
        assert direct.view.max_stops == 0
        assert all(offer.slices[0].stops == 0 for offer in direct.result.offers)
        assert direct.total_offers == len(first.result.offers) > len(direct.result.offers)
        assert answer.text

        chosen = await caller.say(await speech("The second one"))
        picked = await caller.cards(chosen - 1)
        spoken = await caller.answer(chosen)
        assert picked.selected == 2
        assert_true_to(spoken.text, (picked.result.offers[1],))
