import pytest

from api.flights.providers.breaker import FAILURES, REST, Breaker


@pytest.fixture
def now() -> list[float]:
    return [0.0]


@pytest.fixture
def broken(now: list[float]) -> Breaker:
    made = Breaker(lambda: now[0])
    for _ in range(FAILURES):
        assert made.begin()
        made.failed()
    return made


def test_an_answer_between_failures_counts_anew() -> None:
    breaker = Breaker(lambda: 0.0)
    for _ in range(3 * FAILURES):
        breaker.failed()
        breaker.answered()
    assert not breaker.open


def test_after_a_rest_one_question_tries_it(broken: Breaker, now: list[float]) -> None:
    assert not broken.begin()
    now[0] = REST + 1
    assert broken.begin()
    assert not broken.begin(), "one at a time"
    broken.answered()
    assert broken.begin()


def test_a_trial_that_fails_makes_the_rest_longer(broken: Breaker, now: list[float]) -> None:
    now[0] = REST + 1
    assert broken.begin()
    broken.failed()
    now[0] += REST + 1
    assert not broken.begin()
    now[0] += REST
    assert broken.begin()


def test_a_trial_that_was_taken_back_leaves_room_for_another(broken: Breaker, now: list[float]) -> None:
    now[0] = REST + 1
    assert broken.begin()
    broken.left_alone()
    assert broken.begin()
