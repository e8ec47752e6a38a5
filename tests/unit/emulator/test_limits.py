"""The account's rate limit counts and tells as the service does. Time is a number here."""

from emulator.limits import RateLimit
from emulator.strict import check_sent


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_minute_has_so_many_requests_and_the_next_minute_again() -> None:
    clock = Clock()
    limit = RateLimit(2, clock)
    assert [limit.take() for _ in range(3)] == [True, True, False]
    clock.now += 59
    assert not limit.take()
    assert limit.headers() == {
        "x-ratelimit-limit-requests": "2",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "1.0s",
        "retry-after-ms": "1000",
        "retry-after": "1",
    }
    clock.now += 1
    assert limit.take()


def test_without_a_limit_nothing_is_counted_or_told() -> None:
    limit = RateLimit(None)
    assert all(limit.take() for _ in range(5))
    assert (limit.headers(), limit.wait_seconds) == ({}, 0.0)


def test_it_is_told_in_a_realtime_session_as_the_package_types_it() -> None:
    clock = Clock()
    limit = RateLimit(1, clock)
    limit.take()
    clock.now += 20
    event = limit.event()
    assert event["rate_limits"] == [{"name": "requests", "limit": 1, "remaining": 0, "reset_seconds": 40.0}]
    check_sent({"event_id": "event_1", **event})
    assert RateLimit(None).event(used_up=True)["rate_limits"] == [
        {"name": "requests", "limit": 1000, "remaining": 0, "reset_seconds": 0.0}
    ]
