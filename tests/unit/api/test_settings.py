import os
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from api.settings import Settings, SettingsError, load

GOOD = {
    "LIVEKIT_URL": "wss://media.example.com",
    "LIVEKIT_API_KEY": "key-1",
    "LIVEKIT_API_SECRET": "s" * 32,
}


@pytest.fixture
def environ(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    for name in list(os.environ):
        if name.startswith(("LIVEKIT_", "POLYGLOT_", "DUFFEL_", "SERPAPI_")):
            monkeypatch.delenv(name)

    def put(**changes: str | None) -> None:
        for name, value in (GOOD | changes).items():
            if value is not None:
                monkeypatch.setenv(name, value)

    return put


def complaint(**_: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load()
    return caught.value.lines


def test_defaults_are_local_sample_fares_on_loopback(environ: Callable[..., None]) -> None:
    environ()
    settings = load()
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.fare_sources == ("sample",)
    assert settings.database == "sqlite+aiosqlite:///.polyglot/api.db"
    assert settings.token_ttl == 600
    assert settings.watch.ready_deadline == 7.5


@pytest.mark.parametrize(
    ("url", "public", "shown"),
    [
        ("https://media.example.com/", None, "wss://media.example.com"),
        ("http://10.0.0.5:7880", None, "ws://10.0.0.5:7880"),
        ("ws://10.0.0.5:7880", "wss://media.example.com", "wss://media.example.com"),
        ("wss://media.example.com/livekit", None, "wss://media.example.com/livekit"),
    ],
)
def test_browsers_get_a_websocket_url(environ: Callable[..., None], url: str, public: str | None, shown: str) -> None:
    environ(LIVEKIT_URL=url, LIVEKIT_PUBLIC_URL=public)
    assert load().public_url == shown


@pytest.mark.parametrize("url", ["ftp://media.example.com", "media.example.com", "x.livekit.cloud", "wss://", ""])
def test_wrong_schemes_are_refused_by_name(environ: Callable[..., None], url: str) -> None:
    environ(LIVEKIT_URL=url)
    (line,) = complaint()
    assert line.startswith("LIVEKIT_URL: ")
    assert "for example LIVEKIT_URL=wss://media.example.com" in line


def test_everything_wrong_is_said_at_once_without_the_values(environ: Callable[..., None]) -> None:
    environ(
        LIVEKIT_API_SECRET="hunter2",
        POLYGLOT_PORT="99999",
        POLYGLOT_WATCH_BACKOFF="-1",
        POLYGLOT_RATE_SESSIONS="often",
        LIVEKIT_AGENT_NAME="Not A Name",
    )
    lines = complaint()
    named = {line.split(":")[0] for line in lines}
    assert named == {
        "LIVEKIT_API_SECRET",
        "POLYGLOT_PORT",
        "POLYGLOT_WATCH_BACKOFF",
        "POLYGLOT_RATE_SESSIONS",
        "LIVEKIT_AGENT_NAME",
    }
    assert "hunter2" not in "\n".join(lines)
    assert any("at least 32 bytes" in line for line in lines)


def test_a_missing_variable_is_said_to_be_missing(environ: Callable[..., None]) -> None:
    environ(LIVEKIT_API_KEY="")
    (line,) = complaint()
    assert line == "LIVEKIT_API_KEY: is not set; for example LIVEKIT_API_KEY=polyglot-1"


def test_sample_prices_never_answer_in_production(environ: Callable[..., None]) -> None:
    environ(POLYGLOT_ENVIRONMENT="prod", POLYGLOT_FARE_SOURCES="sample")
    (line,) = complaint()
    assert line.startswith("POLYGLOT_FARE_SOURCES: sample prices are made up")


def test_production_without_a_source_starts_with_none(environ: Callable[..., None]) -> None:
    environ(POLYGLOT_ENVIRONMENT="prod")
    assert load().fare_sources == ()


@pytest.mark.parametrize("environment", ["local", "staging", "prod"])
def test_a_token_is_enough_to_ask_duffel(environ: Callable[..., None], environment: str) -> None:
    environ(POLYGLOT_ENVIRONMENT=environment, DUFFEL_API_TOKEN=" duffel_live_abc\n")
    settings = load()
    assert settings.fare_sources == ("duffel",)
    access = settings.access("duffel", prod=True)
    assert access.secret("DUFFEL_API_TOKEN").get_secret_value() == "duffel_live_abc"
    assert access.value("POLYGLOT_DUFFEL_URL") == "https://api.duffel.com"
    assert "abc" not in repr(settings)


def test_a_list_says_what_is_asked_and_in_which_order(environ: Callable[..., None]) -> None:
    environ(DUFFEL_API_TOKEN="duffel_test_abc", POLYGLOT_FARE_SOURCES="sample, duffel,sample")
    assert load().fare_sources == ("sample", "duffel")


def test_serpapi_is_asked_only_where_it_is_listed(environ: Callable[..., None]) -> None:
    environ(SERPAPI_API_KEY="abc")
    assert load().fare_sources == ("sample",)
    environ(SERPAPI_API_KEY="abc", DUFFEL_API_TOKEN="duffel_live_abc")
    assert load().fare_sources == ("duffel",)
    environ(POLYGLOT_FARE_SOURCES="duffel,serpapi")
    assert load().fare_sources == ("duffel", "serpapi")


def test_every_missing_key_is_named_at_once(environ: Callable[..., None]) -> None:
    environ(POLYGLOT_FARE_SOURCES="duffel,serpapi")
    assert [line.split(":")[0] for line in complaint()] == ["DUFFEL_API_TOKEN", "SERPAPI_API_KEY"]


def test_a_source_without_its_key_is_refused_by_name(environ: Callable[..., None]) -> None:
    environ(POLYGLOT_FARE_SOURCES="duffel")
    (line,) = complaint()
    assert line == (
        "DUFFEL_API_TOKEN: is not set, and POLYGLOT_FARE_SOURCES lists duffel; "
        "for example DUFFEL_API_TOKEN=duffel_live_..."
    )


def test_made_up_prices_and_plain_keys_stay_out_of_production(environ: Callable[..., None]) -> None:
    environ(
        POLYGLOT_ENVIRONMENT="prod",
        POLYGLOT_FARE_SOURCES="duffel,sample",
        DUFFEL_API_TOKEN="duffel_test_hunter4",
        POLYGLOT_DUFFEL_URL="http://10.0.0.9",
    )
    lines = complaint()
    assert [line.split(":")[0] for line in lines] == [
        "POLYGLOT_FARE_SOURCES",
        "DUFFEL_API_TOKEN",
        "POLYGLOT_DUFFEL_URL",
    ]
    assert "hunter4" not in "\n".join(lines)


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "schlüssel"])
def test_a_key_that_no_header_can_carry_is_refused_unseen(environ: Callable[..., None], key: str) -> None:
    environ(DUFFEL_API_TOKEN=key)
    (line,) = complaint()
    assert line.startswith("DUFFEL_API_TOKEN: must be one word")
    assert key not in line


def test_lists_are_split_and_unknown_sources_named(environ: Callable[..., None]) -> None:
    environ(POLYGLOT_CORS_ORIGINS="https://a.example, https://b.example")
    assert load().cors_origins == ("https://a.example", "https://b.example")
    environ(POLYGLOT_FARE_SOURCES="sample,teleport")
    assert complaint()[0].startswith("POLYGLOT_FARE_SOURCES: there is no source teleport; there are duffel, ")


def test_a_ui_folder_must_hold_a_page(environ: Callable[..., None], tmp_path: Path) -> None:
    environ(POLYGLOT_UI_DIR=str(tmp_path))
    assert complaint()[0].startswith("POLYGLOT_UI_DIR: must be a folder that holds index.html")
    (tmp_path / "index.html").write_text("<!doctype html>")
    assert load().ui_dir == tmp_path


def test_secrets_do_not_show(settings: Callable[..., Settings]) -> None:
    made = settings(database_url="postgresql+asyncpg://user:hunter3@db/x")
    assert "hunter3" not in repr(made)
    assert "thirty-two" not in repr(made)
    with pytest.raises(ValidationError) as caught:
        settings(livekit_api_secret="hunter2")
    assert "hunter2" not in str(caught.value)
