"""Every language in its travellers' own voices, through the real media server: asked, listened to, hesitated, stopped."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest
from spoken import assert_true_to
from travellers import known

from cli.stack.local import LocalStack
from cli.traveller.caller import Traveller
from contracts.dispatch import Pipeline
from contracts.flights import PriceKind
from contracts.languages import LANGUAGES
from contracts.sessions import SessionRequest

ENDS = tuple(".!?。！？")
HEARD_FIRST = 0.5
"""Seconds of an answer before somebody speaks over it."""
SILENT_AFTER = 3.5
WATCHED = 2.0


@pytest.mark.parametrize(
    ("code", "pipeline"),
    [
        *((code, Pipeline.CASCADE) for code in LANGUAGES),
        # What differs by language is ours in the cascade, and the provider's in realtime.
        *((code, Pipeline.REALTIME) for code in ("en", "fr", "ja", "zh")),
    ],
)
async def test_a_traveller_is_understood_answered_and_not_cut_off(
    stack: LocalStack, code: str, pipeline: Pipeline
) -> None:
    url = stack.emulator_url
    question, listening = await known(url, code, "question", 1), await known(url, code, "backchannel", 1)
    hesitant, stop = await known(url, code, "hesitation", 2), await known(url, code, "stop", 1)
    async with Traveller.call(
        stack.api_url, SessionRequest(language=code, pipeline=pipeline, time_zone="UTC")
    ) as caller:
        await caller.ready()
        await caller.hush()
        asked = await caller.say(question.samples)
        cards = await caller.cards(asked - 1)
        query = cards.result.query
        assert (query.origin.code, query.destination.code) == ("MAD", "BER")
        assert query.departure_date == (datetime.now(UTC) + timedelta(days=1)).date()
        assert {offer.price_kind for offer in cards.result.offers} == {PriceKind.SAMPLE}
        if pipeline is Pipeline.CASCADE:
            # In realtime the provider's own ears say when a turn ends, and take any voice for an interruption.
            await caller.sound(asked)
            await asyncio.sleep(HEARD_FIRST)
            made = await caller.say(listening.samples)
            await caller.sound(made + 0.3)
            answer = await caller.answer(asked)
            assert answer.text.endswith(ENDS), "the answer was cut off"
            assert_true_to(answer.text, cards.result.offers)
            await caller.quiet()
        # In realtime the words may come after the search that they began.
        await caller.until(
            "the traveller's own words", lambda: any(t.speaker == "user" for t in caller.transcripts), 10
        )
        assert [t.text for t in caller.transcripts if t.speaker == "user"] == [question.text]
        sound, results = await caller.sound(asked), len(caller.results)

        if pipeline is Pipeline.CASCADE:
            begun, results = time.monotonic(), results + 1
            ended = await caller.say(hesitant.samples)
            query = (await caller.cards(begun)).result.query
            assert query.destination.code == "GVA"
            assert query.origin.code in {"EDI", "SXB"}
            sound = await caller.sound(ended)
            assert caller.ear.seconds_of_sound(begun, ended) == 0, "answered in the middle of the sentence"
        await asyncio.sleep(max(0.0, sound + HEARD_FIRST - time.monotonic()))
        said = time.monotonic()
        await caller.say(stop.samples)
        await caller.told("stopped", said)
        await caller.quiet(SILENT_AFTER, settled=1.0)
        silent = time.monotonic()
        await asyncio.sleep(WATCHED)
        assert caller.ear.seconds_of_sound(silent) == 0, "heard after the stop"
        assert len(caller.results) == results, "one sentence is one search"
