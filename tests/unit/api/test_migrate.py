"""A database's revision beside the code's: what may be served from, and what a migration is told."""

from collections.abc import Callable

import pytest
from alembic.script import ScriptDirectory

from api.database import migrate
from api.database.migrate import Age, SchemaError, compare, newest
from api.database.settings import DatabaseSettings
from api.settings import SettingsError, load_database


def test_revisions_are_numbers_that_grow_by_one() -> None:
    """An older version can tell by the number alone that a database is newer."""
    scripts = ScriptDirectory(str(migrate.SCRIPTS))
    revisions = [script.revision for script in scripts.walk_revisions()]
    assert revisions == [f"{number:04}" for number in range(len(revisions), 0, -1)]
    assert newest() == revisions[0]


@pytest.mark.parametrize(
    ("found", "age"),
    [(None, Age.OLDER), ("0001", Age.OLDER), ("0002", Age.OLDER), ("0003", Age.SAME), ("0004", Age.NEWER),
     ("0100", Age.NEWER)],
)  # fmt: skip
def test_what_is_older_the_same_and_newer(monkeypatch: pytest.MonkeyPatch, found: str | None, age: Age) -> None:
    class Script:
        def __init__(self, revision: str) -> None:
            self.revision = revision

    class Scripts:
        @staticmethod
        def get_current_head() -> str:
            return "0003"

        @staticmethod
        def walk_revisions() -> list[Script]:
            return [Script(name) for name in ("0003", "0002", "0001")]

    monkeypatch.setattr(migrate, "_scripts", Scripts)
    monkeypatch.setattr(migrate, "newest", Scripts.get_current_head)
    assert compare(found) is age


@pytest.mark.parametrize("found", ["1975ea83b712", "0000", "head"])
def test_a_revision_of_nobody_is_refused_by_name(found: str) -> None:
    with pytest.raises(SchemaError, match=f"{found}, which no version"):
        compare(found)


@pytest.fixture
def environ(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def put(**values: str) -> None:
        for name in ("LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET", "POLYGLOT_DATABASE_URL"):
            monkeypatch.delenv(name, raising=False)
        for name, value in values.items():
            monkeypatch.setenv(f"POLYGLOT_DATABASE_{name}", value)

    return put


def test_a_migration_needs_to_be_told_of_the_database_alone(environ: Callable[..., None]) -> None:
    environ(HOST="db", USER="owner", PASSWORD="hunter2")
    settings = load_database()
    assert type(settings) is DatabaseSettings
    assert settings.database == "postgresql+asyncpg://owner:hunter2@db:5432/polyglot?ssl=require"
    assert "hunter2" not in repr(settings)


def test_a_migration_without_its_password_is_told_so(environ: Callable[..., None]) -> None:
    environ(HOST="db", USER="owner")
    with pytest.raises(SettingsError) as caught:
        load_database()
    (line,) = caught.value.lines
    assert "POLYGLOT_DATABASE_HOST: needs POLYGLOT_DATABASE_USER and POLYGLOT_DATABASE_PASSWORD too" in line
