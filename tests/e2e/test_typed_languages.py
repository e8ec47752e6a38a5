"""A typed question in each language is answered in that language, and a change of language is followed."""

from datetime import UTC, datetime, timedelta

import pytest
from spoken import assert_true_to

from agent.hearing.language import detect
from cli.stack.local import LocalStack
from cli.traveller.caller import Traveller
from contracts.dispatch import Pipeline
from contracts.sessions import SessionRequest

QUESTIONS = {
    "en": "Find me a flight from Madrid to Berlin tomorrow",
    "es": "Búscame un vuelo de Madrid a Berlín para mañana",
    "fr": "Trouve-moi un vol de Madrid à Berlin demain",
    "de": "Finde mir einen Flug von Madrid nach Berlin für morgen",
    "it": "Trovami un volo da Madrid a Berlino per domani",
    "pt": "Encontre um voo de Madri para Berlim amanhã",
    "ja": "明日マドリードからベルリンまでのフライトを探してください",
    "zh": "帮我找明天从马德里到柏林的航班",
}
SAMPLE_WORD = {
    "en": "sample", "es": "muestra|ejemplo|prueba", "fr": "exemple|démonstration", "de": "Beispiel|Muster",
    "it": "esempio|prova|dimostra", "pt": "exemplo|amostra|demonstra", "ja": "サンプル|見本", "zh": "示例|样本|示範|演示",
}  # fmt: skip


def other(language: str) -> str:
    """A language that nobody would take for the given one."""
    return "ja" if language != "ja" else "de"


@pytest.mark.parametrize("language", QUESTIONS)
async def test_a_typed_question_is_answered_in_its_language(stack: LocalStack, language: str) -> None:
    request = SessionRequest(pipeline=Pipeline.TEXT, time_zone="UTC")
    async with Traveller.call(stack.api_url, request, microphone=False) as caller:
        await caller.greeted()
        asked = await caller.write(QUESTIONS[language])
        cards = await caller.cards(asked)
        answer = await caller.answer(asked)

        query = cards.result.query
        assert (query.origin.code, query.destination.code) == ("MAD", "BER")
        assert query.departure_date == (datetime.now(UTC) + timedelta(days=1)).date()
        assert cards.language == language
        assert detect(answer.text, other(language)) == language, answer.text
        assert_true_to(answer.text, cards.result.offers)
        assert any(word in answer.text for word in SAMPLE_WORD[language].split("|")), answer.text


async def test_a_change_of_language_is_followed_within_one_turn(stack: LocalStack) -> None:
    request = SessionRequest(pipeline=Pipeline.TEXT)
    async with Traveller.call(stack.api_url, request, microphone=False) as caller:
        await caller.greeted()
        for language in ("de", "zh", "es"):
            asked = await caller.write(QUESTIONS[language])
            answer = await caller.answer(asked)
            assert detect(answer.text, other(language)) == language, answer.text


async def test_a_chosen_language_is_kept_whatever_is_typed(stack: LocalStack) -> None:
    request = SessionRequest(pipeline=Pipeline.TEXT)
    async with Traveller.call(stack.api_url, request, microphone=False) as caller:
        await caller.greeted()
        await caller.choose_language("fr")
        asked = await caller.write(QUESTIONS["en"])
        answer = await caller.answer(asked)
        assert detect(answer.text, "en") == "fr", answer.text


async def test_typing_works_in_a_voice_call_and_is_answered_aloud(stack: LocalStack) -> None:
    async with Traveller.call(stack.api_url, SessionRequest(pipeline=Pipeline.CASCADE)) as caller:
        await caller.greeted()
        asked = await caller.write(QUESTIONS["de"])
        answer = await caller.answer(asked)
        await caller.sound(asked)
        assert detect(answer.text, "en") == "de"
