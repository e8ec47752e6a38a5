import pytest

from emulator.ears.automaton import compile_grammar

RULES = {"say": "[please] (<verb> | go) <city>* [now | today]", "verb": "fly | travel [far]"}
CITIES = {"city": ["new york", "york", "new delhi", "bern"]}
GRAMMAR = compile_grammar(RULES, "say", CITIES)


@pytest.mark.parametrize(
    "sentence", ["fly", "please go new york", "travel far bern york now", "fly new delhi new york today"]
)
def test_sentences_of_the_grammar_are_whole(sentence: str) -> None:
    assert " ".join(GRAMMAR.longest_sentence(sentence.split())) == sentence


@pytest.mark.parametrize(
    ("words", "whole"),
    [("please", ""), ("fly new", "fly"), ("go bern far", "go bern"), ("bern", ""), ("fly now now", "fly now")],
)
def test_other_words_are_cut_to_the_longest_sentence(words: str, whole: str) -> None:
    assert " ".join(GRAMMAR.longest_sentence(words.split())) == whole


def test_equal_continuations_share_their_states() -> None:
    both = compile_grammar({"s": "(a | b) c d | e c d"}, "s", {})
    assert len(both.arcs) == 4


def test_mistakes_are_named() -> None:
    with pytest.raises(KeyError, match="missing"):
        compile_grammar({"s": "<missing>"}, "s", {})
    with pytest.raises(ValueError, match="rule <s>"):
        compile_grammar({"s": "a ) b"}, "s", {})
