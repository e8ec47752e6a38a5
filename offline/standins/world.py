"""The cloud that the stand-ins pretend to have: what exists, whatever the state says.

Environment variables, for tests:

- `POLYGLOT_STANDIN_WORLD`: path of a SQLite file that holds the world; without it each process has its own in memory.
- `POLYGLOT_STANDIN_LOG`: path of a file that gets one JSON line for each create, update and delete.
- `POLYGLOT_STANDIN_KILL_AFTER`: a number N; when the world has seen N changes, the engine is killed at the worst moment:
  the cloud has done the work and the engine has not heard of it. Needs a world.
"""

import hashlib
import json
import os
import signal
import sqlite3
import threading
from dataclasses import dataclass
from pathlib import Path

from offline.standins.values import Properties

_TABLES = """
CREATE TABLE IF NOT EXISTS resources (
  type TEXT, id TEXT, urn TEXT, name TEXT, inputs TEXT, outputs TEXT, PRIMARY KEY (type, id)
);
CREATE TABLE IF NOT EXISTS births (urn TEXT PRIMARY KEY, number INTEGER);
CREATE TABLE IF NOT EXISTS revisions (family TEXT PRIMARY KEY, number INTEGER);
CREATE TABLE IF NOT EXISTS changes (number INTEGER PRIMARY KEY AUTOINCREMENT);
"""


class AlreadyExistsError(Exception):
    """The cloud has a resource of this type and name already."""


@dataclass(frozen=True)
class Thing:
    """A resource that exists."""

    type: str
    id: str
    urn: str
    name: str
    inputs: Properties
    outputs: Properties


def hexadecimal(seed: str, length: int) -> str:
    """Digits that look random and depend on the seed alone."""
    return hashlib.sha256(seed.encode()).hexdigest()[:length]


class World:
    """The pretended cloud of one process or, over a file, of several."""

    def __init__(self, path: str | None = None) -> None:
        self._lock = threading.Lock()
        self._shared = path is not None
        self._database = sqlite3.connect(path or ":memory:", timeout=30, isolation_level=None, check_same_thread=False)
        if path:
            self._database.execute("PRAGMA synchronous=OFF")  # a kill of the process loses nothing; a power cut may
        self._database.executescript(_TABLES)

    @classmethod
    def of_environment(cls) -> "World":
        """The world that the environment names."""
        return cls(os.environ.get("POLYGLOT_STANDIN_WORLD") or None)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def births(self, urn: str) -> int:
        """How often a resource was created under a URN."""
        row = self._one("SELECT number FROM births WHERE urn = ?", urn)
        return int(row[0]) if row else 0

    def next_revision(self, family: str) -> int:
        """Numbers 1, 2, 3, … for each family; never given twice."""
        sql = "INSERT INTO revisions VALUES (?, 1) ON CONFLICT DO UPDATE SET number = number + 1 RETURNING number"
        row = self._one(sql, family)
        return int(row[0]) if row else 1

    def find(self, type_: str, identifier: str) -> Thing | None:
        """A resource that exists."""
        row = self._one("SELECT * FROM resources WHERE type = ? AND id = ?", type_, identifier)
        return _thing(row) if row else None

    def everything(self) -> list[Thing]:
        """All that exists."""
        with self._lock:
            rows = self._database.execute("SELECT * FROM resources ORDER BY type, id").fetchall()
        return [_thing(row) for row in rows]

    def create(self, thing: Thing) -> None:
        """Bring a resource into being.

        Raises:
            AlreadyExistsError: its type is unique by name, and the name is taken.

        """
        if thing.name and self._one("SELECT 1 FROM resources WHERE type = ? AND name = ?", thing.type, thing.name):
            raise AlreadyExistsError(f"{thing.type} with the name {thing.name!r} already exists")
        values = (thing.type, thing.id, thing.urn, thing.name, json.dumps(thing.inputs), json.dumps(thing.outputs))
        self._one("INSERT OR REPLACE INTO resources VALUES (?, ?, ?, ?, ?, ?)", *values)
        self._one("INSERT INTO births VALUES (?, 1) ON CONFLICT DO UPDATE SET number = number + 1", thing.urn)
        self._changed("create", thing.urn, thing.id, thing.inputs)

    def update(self, type_: str, identifier: str, urn: str, inputs: Properties, outputs: Properties) -> None:
        """Change a resource; one that is unknown (the world is younger than the state) is taken as it comes."""
        name = self._one("SELECT name FROM resources WHERE type = ? AND id = ?", type_, identifier)
        values = (type_, identifier, urn, name[0] if name else "", json.dumps(inputs), json.dumps(outputs))
        self._one("INSERT OR REPLACE INTO resources VALUES (?, ?, ?, ?, ?, ?)", *values)
        self._changed("update", urn, identifier, inputs)

    def delete(self, type_: str, identifier: str, urn: str) -> None:
        """Remove a resource."""
        self._one("DELETE FROM resources WHERE type = ? AND id = ?", type_, identifier)
        self._changed("delete", urn, identifier, {})

    @property
    def complete(self) -> bool:
        """Whether what is not here does not exist; a world in memory knows only its own process's work."""
        return self._shared

    def _one(self, sql: str, *values: object) -> tuple[str, ...] | None:
        with self._lock:
            row: tuple[str, ...] | None = self._database.execute(sql, values).fetchone()
        return row

    def _changed(self, what: str, urn: str, identifier: str, inputs: Properties) -> None:
        log = os.environ.get("POLYGLOT_STANDIN_LOG")
        if log:
            line = json.dumps({"change": what, "urn": urn, "id": identifier, "inputs": inputs})
            with Path(log).open("a", encoding="utf-8") as file:
                file.write(line + "\n")
        row = self._one("INSERT INTO changes DEFAULT VALUES RETURNING number")
        limit = os.environ.get("POLYGLOT_STANDIN_KILL_AFTER")
        if limit and row and int(row[0]) == int(limit):
            os.kill(os.getppid(), signal.SIGKILL)
            threading.Event().wait(30)  # the answer must not get out; the dead engine's plugins end with their input


def _thing(row: tuple[str, ...]) -> Thing:
    return Thing(row[0], row[1], row[2], row[3], json.loads(row[4]), json.loads(row[5]))
