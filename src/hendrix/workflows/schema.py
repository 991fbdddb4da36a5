"""The journal's tables. Times are microseconds since 1970, UTC; values are flyte's own protobuf bytes."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from hendrix.entities import ConflictError

if TYPE_CHECKING:
    from pathlib import Path

VERSION = 1

TABLES = """
CREATE TABLE run (
    id TEXT PRIMARY KEY,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    project TEXT,
    task TEXT NOT NULL,
    program TEXT NOT NULL,
    flyte TEXT NOT NULL,
    state TEXT NOT NULL,
    error TEXT,
    passes INTEGER NOT NULL,
    created INTEGER NOT NULL,
    started INTEGER NOT NULL,
    ended INTEGER,
    heartbeat INTEGER NOT NULL,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    pid_started REAL NOT NULL,
    UNIQUE (namespace, name)
);
CREATE TABLE action (
    run TEXT NOT NULL REFERENCES run (id),
    name TEXT NOT NULL,
    namespace TEXT NOT NULL,
    parent TEXT,
    task TEXT NOT NULL,
    kind TEXT NOT NULL,
    identity TEXT NOT NULL,
    grouped TEXT,
    ordinal INTEGER NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    inputs BLOB NOT NULL,
    outputs BLOB,
    error TEXT,
    started INTEGER NOT NULL,
    ended INTEGER,
    superseded INTEGER NOT NULL DEFAULT 0,
    position INTEGER NOT NULL,
    PRIMARY KEY (run, name)
);
-- What the graph has not been told: `name` is empty for the run itself. A later change of the same thing
-- takes the place of the earlier one, so what waits here is bounded by what changed.
CREATE TABLE outbox (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    namespace TEXT NOT NULL,
    run TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (run, name)
);
"""


def connect(path: Path, *, durability: str) -> sqlite3.Connection:
    """Open the journal, making its tables if it is new.

    Raises
    ------
    ConflictError
        When a later version of Hendrix wrote it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
    database.row_factory = sqlite3.Row
    version = database.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        database.close()
        message = f"{path} was written by a newer Hendrix (journal version {version}, this one knows {VERSION})"
        raise ConflictError(message, hint="pip install --upgrade hendrix-ml")
    database.execute("PRAGMA journal_mode = WAL")
    # NORMAL survives a kill of any process; FULL survives a power cut too.
    database.execute(f"PRAGMA synchronous = {'FULL' if durability == 'full' else 'NORMAL'}")
    if version < VERSION:
        _create(database)
    return database


def _create(database: sqlite3.Connection) -> None:
    database.execute("BEGIN IMMEDIATE")
    try:
        if database.execute("PRAGMA user_version").fetchone()[0] < VERSION:  # another process may have been first
            for statement in TABLES.split(";"):
                if statement.strip():
                    database.execute(statement)
            database.execute(f"PRAGMA user_version = {VERSION}")
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")
