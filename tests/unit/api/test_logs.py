"""What is logged holds no key, whoever wrote the line."""

import logging

import pytest

from api import logs


@pytest.mark.parametrize(
    "line",
    [
        "GET https://serpapi.com/search?engine=google_flights&api_key=abcdef4711&hl=en",
        "https://serpapi.com/search?api_key=abcdef4711",
        "Authorization: Bearer duffel_live_abcdef4711",
        "the token duffel_test_abcdefgh4711 was refused",
        "postgresql://user:abcdef4711@host/db",
    ],
)
def test_keys_are_taken_out_of_text(line: str) -> None:
    assert "4711" not in logs.redact(line)


def test_clients_of_fare_sources_do_not_log_addresses() -> None:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    try:
        logs.configure("DEBUG")
        assert not logging.getLogger("httpx2").isEnabledFor(logging.INFO)
        assert not logging.getLogger("httpcore2.connection").isEnabledFor(logging.DEBUG)
    finally:
        root.handlers[:], root.level = before
