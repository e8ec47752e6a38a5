"""IATA codes: what was chosen by its code is not asked about again."""

import pytest

from api.places.repository import choices_of
from contracts.places import resolve
from contracts.places.index import index


@pytest.mark.parametrize("code", ["PRX", "BML", "YXU", "SPG", "FFT", "MHK", "GGW", "PAR", "LHR"])
def test_the_code_of_a_small_namesake_means_it(code: str) -> None:
    place = resolve(code, "en").place
    assert place is not None
    assert place.code == code


def test_the_code_of_every_place_is_its_own_or_a_name_of_something_else() -> None:
    sample = index().cities[::37]
    lost = [city.code for city in sample if (place := resolve(city.code).place) is None or place.code != city.code]
    assert len(lost) <= len(sample) // 50, lost


@pytest.mark.parametrize("name", ["GOA", "KOS", "Santiago", "San José"])
def test_every_choice_of_a_question_is_an_answer_to_it(name: str) -> None:
    asked = resolve(name, "en")
    assert asked.place is None
    for city, choice in zip(asked.choices, choices_of(asked.choices, "en"), strict=True):
        assert resolve(choice.value, "en").place == city, choice
