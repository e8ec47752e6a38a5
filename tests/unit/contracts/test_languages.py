"""Stop is understood in every language, and nothing else is taken for it."""

import pytest

from contracts.languages import LANGUAGES, is_backchannel, is_stop, is_telling, is_unfinished, language, normalise


def test_the_languages_that_are_promised_are_there() -> None:
    assert set(LANGUAGES) >= {"en", "es", "fr", "de", "it", "pt", "ja", "zh"}


@pytest.mark.parametrize("code", LANGUAGES)
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


@pytest.mark.parametrize(
    "text",
    [
        *(
            "No, no, stop.",
            "Can you stop?",
            "Polyglot, stop",
            "OK enough",
            "just stop",
            "No, stop.",
            "stop stop stop please",
        ),
        *("No, para.", "Ya basta, por favor", "¿Puedes parar?", "Vale, vale, silencio"),
        *("Non, arrêtez s'il vous plaît", "Stop, merci", "Tu peux arrêter ?", "Bon, ça suffit"),
        *("Stopp, stopp", "Bitte aufhören", "Schluss jetzt", "Halt, stopp", "Nein, hören Sie bitte auf"),
        *("Basta, grazie", "No no, fermati", "Può fermarsi, per favore?", "Ok basta"),
        *("Não, pare", "Chega, obrigado", "Você pode parar?", "Pare, pare, por favor"),
        *("いや、止めて", "もうやめてください", "ストップ、ストップ", "すみません、止めてください"),
        *("不，不，停！", "好了好了，别说了", "请停下来", "可以停了吗"),
    ],
)
def test_people_ask_for_silence_in_many_words(text: str) -> None:
    assert is_stop(text)


@pytest.mark.parametrize(
    "text",
    [
        *("no stop", "no stops", "with one stop in Frankfurt", "stop in Paris on the way", "Okay, thanks", "no"),
        *(
            "para mañana",
            "para Madrid, por favor",
            "sin parar en París",
            "non, merci",
            "ohne Stopp",
            "Halt in Frankfurt",
        ),
        *("senza fermate", "para Berlim", "止まらない便", "不停", "不要停", "等一下再去北京"),
    ],
)
def test_words_of_silence_within_others_are_none(text: str) -> None:
    assert not is_stop(text)


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_word_of_silence_is_known_alone(code: str) -> None:
    lang = LANGUAGES[code]
    assert all(is_stop(word) for word in lang.stop_words)
    assert not any(is_stop(word) for word in (*lang.around_stop, *lang.never_stop))
    assert "{facts}" in lang.correction


@pytest.mark.parametrize(
    ("code", "text"),
    [
        *(("en", "Find me a flight from"), ("en", "I want to go to, um,"), ("es", "Busca un vuelo de")),
        *(("fr", "Je veux aller à, euh,"), ("de", "Von Bremen, glaube ich,"), ("it", "Trovami un volo da")),
        *(("pt", "De Natal, eu acho,"), ("ja", "行きたいのは、ええと、"), ("ja", "パリから"), ("zh", "帮我找明天从")),
    ],
)
def test_words_that_end_no_sentence_are_known(code: str, text: str) -> None:
    assert is_unfinished(text, code)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        *(("en", "Only non-stop flights."), ("en", "The second one"), ("en", ""), ("es", "Mañana, por favor")),
        *(("fr", "Le deuxième"), ("de", "Am Montag bitte"), ("it", "Il secondo"), ("pt", "O segundo")),
        *(("ja", "東京までお願いします"), ("ja", "直行便だけ"), ("zh", "我要第二个"), ("zh", "飞往北京")),
        ("xx", "Book it for"),
    ],
)
def test_sentences_that_are_whole_are_not_waited_for(code: str, text: str) -> None:
    assert is_unfinished(text, code) == (code == "xx"), "an unknown code is English"


@pytest.mark.parametrize("end", [",", "…", "...", " –", "、", "，", ", "])
@pytest.mark.parametrize(
    ("code", "text"), [("en", "Two adults to Rome"), ("ja", "十二月十日に出発"), ("zh", "我们十二月十号出发")]
)
def test_what_trails_off_is_waited_for(code: str, text: str, end: str) -> None:
    assert is_unfinished(text + end, code)
    assert not is_unfinished(text, code)
    assert not is_unfinished(f"{text}.", code)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        *(("en", "We're leaving on Friday."), ("en", "So we leave on the third"), ("de", "Also, ich reise am Montag.")),
        *(
            ("de", "Wir fliegen im August."),
            ("es", "Viajamos el dos de mayo"),
            ("fr", "On part lundi."),
            ("it", "Partiamo a marzo."),
        ),
        *(("pt", "A gente sai na sexta."), ("ja", "出発は八月です"), ("zh", "我们打算八月出发")),
    ],
)
def test_who_tells_when_they_travel_is_known(code: str, text: str) -> None:
    assert is_telling(text, code)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        *(("en", "Find me a flight to Rome"), ("en", "When do we leave?"), ("en", "I leaven bread"), ("en", "")),
        *(
            ("de", "Ich möchte nach Rom fliegen"),
            ("de", "Wir fliegen"),
            ("es", "Busca un vuelo"),
            ("fr", "Le deuxième"),
        ),
        *(("it", "Un volo per Roma"), ("pt", "Quero voar"), ("ja", "探してください"), ("zh", "帮我找航班")),
    ],
)
def test_who_asks_for_something_tells_nothing(code: str, text: str) -> None:
    assert not is_telling(text, code)


@pytest.mark.parametrize("code", LANGUAGES)
def test_listening_is_neither_a_stop_nor_a_sentence_in_the_air(code: str) -> None:
    lang = LANGUAGES[code]
    assert [word for word in lang.backchannels if not is_backchannel(word) or is_stop(word)] == []
    assert [word for word in lang.unfinished if not is_unfinished(word, code)] == []
    assert [words for words in lang.telling if not is_telling(words, code)] == []
    assert [word for word in (*lang.backchannels, *lang.stop_words) if is_telling(word, code)] == []
