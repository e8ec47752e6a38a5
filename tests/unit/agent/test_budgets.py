"""No chain of time-outs may add up to more silence than the spoken deadline."""

from agent import budgets


def worst(timeout: float, retries: int, wait: float) -> float:
    return (retries + 1) * timeout + retries * wait


def test_a_failed_model_is_said_before_the_deadline() -> None:
    tries = worst(budgets.MODEL_TIMEOUT, budgets.MODEL_RETRIES, budgets.MODEL_RETRY_WAIT)
    assert tries <= budgets.ANSWER_WATCHDOG <= budgets.SPOKEN_DEADLINE


def test_a_lost_realtime_connection_is_given_up_before_the_deadline() -> None:
    tries = worst(budgets.REALTIME_TIMEOUT, budgets.REALTIME_RETRIES, budgets.MODEL_RETRY_WAIT)
    assert tries <= budgets.SPOKEN_DEADLINE


def test_a_realtime_connection_that_hears_nothing_is_given_up_before_the_deadline() -> None:
    assert budgets.SPEECH_SETTLES < budgets.QUIET_MAX + budgets.PROVIDER_RESPONDS < budgets.ANSWER_WATCHDOG


def test_a_long_search_is_announced_and_ends_before_the_deadline() -> None:
    assert budgets.SEARCH_FILLER_AFTER <= budgets.FILLER_AFTER < budgets.SEARCH_DEADLINE <= budgets.SPOKEN_DEADLINE
    assert budgets.FILLER_AFTER + budgets.FILLER_AGAIN_AFTER < budgets.SEARCH_DEADLINE


def test_a_drain_fits_into_what_fargate_allows() -> None:
    assert budgets.DRAIN + budgets.HANDOVER < 115
    assert budgets.HANDOVER_SAID + budgets.REPORT_TIMEOUT <= budgets.HANDOVER


def test_an_answer_that_takes_its_time_begins_with_a_line_before_the_watch_would_say_one() -> None:
    assert budgets.MEANWHILE_AFTER < budgets.QUIET_MAX < 4.0


def test_a_response_that_stays_mute_is_given_up_before_the_watch_would_lose_the_connection() -> None:
    assert budgets.RESPONSE_UNMADE < budgets.QUIET_MAX < budgets.RESPONSE_MUTE < budgets.ANSWER_WATCHDOG - 1.0
