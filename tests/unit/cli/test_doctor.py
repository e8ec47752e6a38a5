"""The doctor names what is wrong with an address before anything is called."""

import pytest

from cli.commands.doctor import check_api_url, check_livekit_url


@pytest.mark.parametrize(
    ("url", "state"),
    [
        ("https://api.example.com", "ok"),
        ("http://127.0.0.1:8000", "ok"),
        ("http://api.example.com", "failed"),
        ("api.example.com", "failed"),
        ("ftp://api.example.com", "failed"),
    ],
)
def test_api_address(url: str, state: str) -> None:
    finding = check_api_url(url)
    assert finding.state == state
    assert state == "ok" or finding.mend


@pytest.mark.parametrize(
    ("url", "state"),
    [
        ("wss://project.livekit.cloud", "ok"),
        ("http://127.0.0.1:7880", "ok"),
        ("project.livekit.cloud", "failed"),
        ("tcp://x", "failed"),
        ("", "unknown"),
    ],
)
def test_livekit_address(url: str, state: str) -> None:
    assert check_livekit_url(url).state == state
