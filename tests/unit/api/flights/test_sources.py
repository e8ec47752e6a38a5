"""Sources are packages with one entry in the registry: what another one costs."""

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fare_search import GOOD

from api import logs
from api.fare_settings import FareSettings
from api.flights import providers
from api.flights.providers.base import Access, make_source
from contracts import fares
from contracts.fares import FARE_SOURCES, SOURCES_VARIABLE, Gives, SourceEntry

PACKAGES = Path(providers.__file__).parent
KITE = """
    from api.flights.providers.sample.source import SampleFares

    class Kite(SampleFares):
        name = "kite"

        def __init__(self, key, url):
            super().__init__()
            self.key, self.url = key, url

    def make(access):
        return Kite(access.secret("KITE_KEY").get_secret_value(), access.value("KITE_URL"))
"""
ENTRY = {
    "title": "Kite",
    "gives": ["fares"],
    "by_key": True,
    "secrets": {"KITE_KEY": {"what": "Kite's key", "example": "kite_..."}},
    "settings": {"KITE_URL": {"kind": "url", "default": "https://kite.example"}},
}


def test_every_source_is_a_package_and_every_package_a_source() -> None:
    folders = {path.parent.name for path in PACKAGES.glob("*/__init__.py")}
    assert folders == set(FARE_SOURCES)


@pytest.fixture
def kite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another source: its folder, and its entry in the registry. Nothing else."""
    folder = tmp_path / "kite"
    folder.mkdir()
    (folder / "__init__.py").write_text(textwrap.dedent(KITE))
    monkeypatch.setattr(providers, "__path__", [*providers.__path__, str(tmp_path)])
    entry = SourceEntry.model_validate(ENTRY)
    monkeypatch.setitem(fares.FARE_SOURCES, "kite", entry)
    monkeypatch.setattr("api.fare_settings.SOURCE_VARIABLES", (*fares.SOURCE_VARIABLES, "KITE_KEY", "KITE_URL"))
    monkeypatch.setenv("KITE_KEY", "kite_4711")


@pytest.mark.usefixtures("kite")
def test_another_source_is_its_folder_and_its_entry() -> None:
    settings = FareSettings()
    settings.settle_fares(prod=True)
    assert settings.gives(Gives.FARES) == ("kite",)
    made = make_source(settings.access("kite", prod=True))
    assert (made.name, made.key, made.url) == ("kite", "kite_4711", "https://kite.example")  # type: ignore[attr-defined]


@pytest.mark.usefixtures("kite")
async def test_another_source_answers_a_search(start: Callable[..., Any]) -> None:
    async with start(fare_sources="kite") as api:
        answer = (await api.http.get("/v1/flights/search", params=GOOD)).json()
    assert answer["provider"] == "kite"


@pytest.mark.usefixtures("kite")
def test_its_key_is_asked_for_where_it_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KITE_KEY")
    monkeypatch.setenv(SOURCES_VARIABLE, "kite")
    with pytest.raises(ValueError, match="KITE_KEY: is not set, and POLYGLOT_FARE_SOURCES lists kite"):
        FareSettings().settle_fares(prod=False)


def test_no_source_reads_another_ones_folder() -> None:
    for path in PACKAGES.glob("*/*.py"):
        others = set(FARE_SOURCES) - {path.parent.name}
        text = path.read_text(encoding="utf-8")
        assert not [name for name in others if f"providers.{name}" in text], path


def test_what_keys_look_like_is_kept_out_of_the_log() -> None:
    for entry in FARE_SOURCES.values():
        for secret in entry.secrets.values():
            if secret.pattern:
                key = secret.example.rstrip(".") + "abcdefgh-4711"
                assert logs.redact(f"key {key} refused") == "key [key] refused"


def test_a_source_without_a_package_is_an_error_of_ours() -> None:
    with pytest.raises(ModuleNotFoundError):
        make_source(Access("nobody", {}, prod=False))
