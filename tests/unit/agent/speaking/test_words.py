"""A fixed line on its way to a voice is known for one, and nothing else waits for that."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from agent.speaking.words import Words

LINES = ("One moment, please.", "Bear with me.")


async def parts(*texts: str) -> AsyncIterator[str]:
    for text in texts:
        yield text


@pytest.mark.parametrize("texts", [("One moment, please. ",), ("One ", "moment, ", "please."), ("Bear with me. ",)])
async def test_a_line_is_known_whole_or_in_parts(texts: tuple[str, ...]) -> None:
    said: list[str] = []
    words = Words(parts(*texts), said.append)
    assert await words.are(LINES)
    assert ("".join(said), words.whole) == ("".join(texts), True)


@pytest.mark.parametrize(
    "texts", [("Two ", "flights."), ("One ", "flight."), ("One moment, please. It is cheap.",), ()]
)
async def test_other_words_are_given_on_whole_and_remembered_once(texts: tuple[str, ...]) -> None:
    said: list[str] = []
    words = Words(parts(*texts), said.append)
    assert not await words.are(LINES)
    assert "".join([part async for part in words.parts()]) == "".join(texts) == "".join(said)
    assert words.whole


async def test_an_answer_does_not_wait_for_its_second_word_to_be_known_for_one() -> None:
    async def model() -> AsyncIterator[str]:
        yield "Two "
        await asyncio.Event().wait()
        yield "flights."

    words = Words(model(), lambda _text: None)
    async with asyncio.timeout(30):
        assert not await words.are(LINES)
        assert await anext(words.parts()) == "Two "
    assert not words.whole
