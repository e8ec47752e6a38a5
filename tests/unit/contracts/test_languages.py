"""Stop is understood in every language, and nothing else is taken for it."""

import pytest

from contracts.languages import LANGUAGES, is_stop, language, normalise


def test_the_eight_languages_are_there() -> None:
    assert set(LANGUAGES) == {"en", "es", "fr", "de", "it", "pt", "ja", "zh"}


@pytest.mark.parametrize("code", ["en", "es", "fr", "de", "it", "pt", "ja", "zh"])
def test_each_stop_word_stops_however_it_is_written(code: str) -> None:
    words = LANGUAGES[code].stop_words
    assert len(words) >= 5
    for word in words:
        for written in (word, word.upper(), f"{word}!", f"  {word}… ", f"¡{word}!"):
            assert is_stop(written), written


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a non-stop flight to Berlin",
        "with one stop in Paris",
        "stopover",
        "para Lisboa",
        "para mañana",
        "basta un volo diretto",
        "停留一天",
        "止まらない便",
        "I want to fly to Stoppenberg",
        "pare de Madrid",
    ],
)
def test_a_sentence_with_such_a_word_does_not_stop(text: str) -> None:
    assert not is_stop(text)


@pytest.mark.parametrize(
    ("tag", "code"), [("pt-BR", "pt"), ("zh_Hans_CN", "zh"), ("DE", "de"), ("auto", "en"), (None, "en")]
)
def test_a_tag_finds_its_language(tag: str | None, code: str) -> None:
    assert language(tag).code == code


def test_no_line_is_empty_or_still_in_english() -> None:
    english = LANGUAGES["en"].lines.model_dump()
    for code, entry in LANGUAGES.items():
        for line, text in entry.lines.model_dump().items():
            assert text.strip()
            assert code == "en" or text != english[line]


def test_normalising_keeps_accents_and_drops_punctuation() -> None:
    assert normalise(" ¡Para,  por FAVOR! ") == "para por favor"
    assert normalise("ＳＴＯＰ。") == "stop"
