"""Words that nobody said are not believed, and short words that somebody did say are."""

import pytest

from contracts.languages import LANGUAGES
from emulator.ears.inventions import believed


@pytest.mark.parametrize(
    ("text", "language", "score", "no_speech"),
    [
        ("Thank you.", "en", -0.9, 0.3),
        ("you", "en", -1.24, 0.74),
        ("I'm gonna have to run for it.", "en", -1.15, 0.68),
        ("I'm sorry, I'm sorry, I'm sorry.", "en", -0.97, 0.77),
        ("Thanks for watching!", "en", -0.1, 0.0),
        ("¡Suscríbete al canal!", "es", -0.1, 0.0),
        ("Sous-titres réalisés par la communauté d'Amara.org", "fr", -0.05, 0.01),
        ("Untertitelung des ZDF, 2020", "de", -0.1, 0.1),
        ("ご視聴ありがとうございました", "ja", -0.1, 0.1),
        ("请不吝点赞 订阅 转发", "zh", -0.2, 0.1),
        ("no no no no no no no no", "en", -0.2, 0.05),
        ("...", "en", 0.0, 0.0),
        ("", "en", 0.0, 0.0),
    ],
)
def test_inventions_are_not_believed(text: str, language: str, score: float, no_speech: float) -> None:
    assert not believed(text, language, score=score, no_speech=no_speech)


@pytest.mark.parametrize(
    ("text", "language", "score", "no_speech"),
    [
        ("Thank you.", "en", -0.13, 0.03),
        ("Okay", "en", -0.5, 0.04),
        ("No, no, stop.", "en", -0.21, 0.03),
        ("Stop.", "en", -0.49, 0.04),
        ("Gracias.", "es", -0.3, 0.1),
        ("はい。", "ja", -0.4, 0.1),
        ("谢谢。", "zh", -0.3, 0.05),
    ],
)
def test_what_was_clearly_said_is_believed(text: str, language: str, score: float, no_speech: float) -> None:
    assert believed(text, language, score=score, no_speech=no_speech)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_its_inventions(language: str) -> None:
    assert not believed("字幕" if language == "ja" else "amara.org", language, score=-0.1, no_speech=0.0)
