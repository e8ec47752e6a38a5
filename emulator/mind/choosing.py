"""Which of several places of one name an answer means."""

from typing import Final

from contracts.languages import normalise
from contracts.places import find, resolve, within
from contracts.problems import Choice
from contracts.tools import ToolProblem
from emulator.lexicon import lexicon
from emulator.lexicon.wishes import wish_words
from emulator.mind.dates import fold
from emulator.mind.phrases import find as find_phrase
from emulator.mind.understand import Understood

_NOT: Final = ("not", "isn't", "nicht", "pas", "non quella", "non quello", "não a", "não o")
"""Denials that the words for airlines have not; a bare "no" may open an answer that names the right one."""


def offered(problem: ToolProblem) -> tuple[Choice, ...]:
    """What there is to choose from; where no codes were told, the names are what to pass on."""
    return problem.choices or tuple(Choice(value=name, label=name) for name in problem.candidates)


def chosen_of(choices: tuple[Choice, ...], heard: Understood) -> str | None:
    """What to pass on for the choice that an answer means: by the country, state or region that it names in any language, by
    words that no other one has, or by its place in the list. None where it means none, or more than one.
    """
    left = _not_denied(choices, heard)
    there = within(heard.text, [choice.value for choice in left])
    if len(there) == 1:
        return left[there[0]].value
    # "The one in the United States" has a word of "Birmingham, United Kingdom".
    by_label = _by_label(left, heard.text) if not there else None
    if by_label is not None:
        return by_label.value
    if len(left) == 1 < len(choices):
        return left[0].value
    if there or heard.number is None or heard.number > len(choices):
        return None
    return choices[heard.number - 1].value


def names_no_city(heard: Understood) -> bool:
    """Whether an answer names no place that could be searched, at most a country or a state that none of them is in."""
    cities = [match for match in find(heard.text, heard.language) if resolve(match.text, heard.language).region is None]
    return not cities


def _not_denied(choices: tuple[Choice, ...], heard: Understood) -> tuple[Choice, ...]:
    """Those of which it is not said that they are not meant."""
    words, spaced = wish_words(heard.language), lexicon(heard.language).spaced
    folded = fold(heard.text)
    negation = find_phrase((*_NOT, *words.without_before, *words.without_after), folded, spaced=spaced)
    if negation is None:
        return choices
    # "not the one in Alabama", "アラバマじゃない"
    ends = [folded.find(sign, negation.end()) for sign in ",.;、。，"]
    stop = min((end for end in ends if end > 0), default=len(folded))
    denied = heard.text[negation.end() : stop] if words.without_before else heard.text[: negation.start()]
    out = within(denied, [choice.value for choice in choices])
    return tuple(choice for number, choice in enumerate(choices) if number not in out)


def _by_label(choices: tuple[Choice, ...], text: str) -> Choice | None:
    said = f" {normalise(text)} "
    hits = [
        sum(f" {word} " in said or (not word.isascii() and word in said) for word in normalise(one.label).split())
        for one in choices
    ]
    best = max(hits, default=0)
    leaders = [one for one, count in zip(choices, hits, strict=True) if count == best]
    return leaders[0] if best and len(leaders) == 1 else None
