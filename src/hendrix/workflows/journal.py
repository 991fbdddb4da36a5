"""The workflow journal: every run and every action in it, in a SQLite database of its own.

What is recorded as done is never run again. Whatever must reach the graph waits in the outbox, which is
written in the same transaction as the change itself.
"""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from hendrix.entities import NotFoundError, State
from hendrix.workflows import schema
from hendrix.workflows.commits import GroupCommit
from hendrix.workflows.records import ROOT, Action, Fact, TaskError, WorkflowRecord
from hendrix.workflows.rows import action, now, workflow

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from hendrix.workflows.commits import Change
    from hendrix.workflows.records import ActionKind

FIRST = 50
"""So many actions of a run are told to the graph whatever they did. A later one is if it took long, did not
finish, or touched other entities; all are in the journal, and the run counts them."""

LONG = timedelta(milliseconds=100)
"""How long an action runs before the graph is told that it does: most end before, and are told of once."""

LONGER = timedelta(seconds=5)
"""The same for those after the first: a wide fan has many under way for as long as all of it takes."""

_COLUMNS = (
    "run, name, namespace, parent, task, kind, identity, grouped, ordinal, state, attempts, inputs, outputs, "
    "error, started, ended, position"
)
_UPSERT = (
    f"INSERT INTO action ({_COLUMNS}) VALUES ({', '.join('?' * 17)}) ON CONFLICT (run, name) DO UPDATE SET "  # noqa: S608
    "identity = excluded.identity, state = excluded.state, attempts = excluded.attempts, "
    "inputs = excluded.inputs, outputs = excluded.outputs, error = excluded.error, "
    "started = excluded.started, ended = excluded.ended, superseded = 0"
)
_UNMARK = "DELETE FROM outbox WHERE run = ? AND name = ?"
_MARK = "INSERT OR REPLACE INTO outbox (namespace, run, name) VALUES (?, ?, ?)"


@dataclass(slots=True, kw_only=True)
class Entry:
    """An action while it runs: what the journal holds of it, with values as protobuf bytes."""

    run: str
    namespace: str
    name: str
    parent: str | None
    task: str
    kind: ActionKind
    identity: str
    group: str | None
    ordinal: int
    position: int
    inputs: bytes
    state: State = State.RUNNING
    attempts: int = 0
    outputs: bytes | None = None
    error: TaskError | None = None
    started: int = 0
    ended: int | None = None
    touches: bool = False

    def matters(self) -> bool:
        """Whether the graph is told: it holds what people look for there, the journal holds everything."""
        if self.name == ROOT or self.touches:
            return True
        if self.kind == "trace":
            return False
        if self.position <= FIRST or self.state is not State.FINISHED or self.ended is None:
            return True
        return self.ended - self.started >= LONG // timedelta(microseconds=1)

    def values(self) -> Change:
        """Lay out the columns in the table's order, and whether the graph is told."""
        return (
            self.run,
            self.name,
            self.namespace,
            self.parent,
            self.task,
            self.kind,
            self.identity,
            self.group,
            self.ordinal,
            self.state,
            self.attempts,
            self.inputs,
            self.outputs,
            None if self.error is None else json.dumps(asdict(self.error)),
            self.started,
            self.ended,
            self.position,
            self.matters(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What an earlier pass of the run left behind about an action."""

    parent: str | None
    task: str
    kind: ActionKind
    identity: str
    state: State
    attempts: int
    superseded: bool
    position: int


class Journal:
    """A journal, open. Safe to use from several threads; several processes may have it open.

    Parameters
    ----------
    path
        The database's file, made if it is not there.
    durability
        `"normal"` survives a kill of any process, `"full"` survives a power cut too.
    """

    def __init__(self, path: Path, *, durability: str = "normal") -> None:
        self.path = path
        self._database = schema.connect(path, durability=durability)
        self._lock = threading.RLock()
        self._commits = GroupCommit(self._write)

    # Actions of a run that this process holds

    def put(self, entry: Entry) -> None:
        """Hand in an action's present state."""
        self._commits.put((entry.run, entry.name), entry.values())

    async def settle(self) -> None:
        """Wait until all that was handed in is committed."""
        await self._commits.settle()

    def known(self, run: str) -> dict[str, Known]:
        """Tell what is recorded about each action of a run, by name."""
        rows = self._read(
            "SELECT name, parent, task, kind, identity, state, attempts, superseded, position FROM action "
            "WHERE run = ?",
            run,
        )
        return {row["name"]: Known(**{field: row[field] for field in Known.__dataclass_fields__}) for row in rows}

    def values(self, run: str, name: str) -> tuple[bytes, bytes]:
        """Read an action's inputs and outputs as protobuf bytes."""
        row = self._read("SELECT inputs, outputs FROM action WHERE run = ? AND name = ?", run, name)[0]
        return row["inputs"], row["outputs"] or b""

    def supersede(self, namespace: str, run: str, names: Sequence[str], *, superseded: bool = True) -> None:
        """Mark actions that the program as it is now does not call (or does so again)."""
        with self.transaction() as database:
            database.executemany(
                "UPDATE action SET superseded = ? WHERE run = ? AND name = ?",
                [(superseded, run, name) for name in names],
            )
            self.mark(database, namespace, run, names)

    # Runs

    def run(self, namespace: str, name: str) -> WorkflowRecord:
        """Look a run up by its name or by its id.

        Raises
        ------
        NotFoundError
            When there is none.
        """
        rows = self._read(
            "SELECT * FROM run WHERE namespace = ? AND (name = ? OR id = ?)",
            namespace,
            name,
            _identifier(name),
        )
        if not rows:
            message = f"no workflow run is called {name!r}"
            raise NotFoundError(message, hint="hendrix workflow list shows those there are")
        return self._workflow(rows[0])

    def runs(self, namespace: str, *, limit: int = 100) -> list[WorkflowRecord]:
        """List the runs, the latest first."""
        rows = self._read("SELECT * FROM run WHERE namespace = ? ORDER BY started DESC LIMIT ?", namespace, limit)
        return [self._workflow(row) for row in rows]

    def actions(self, run: str, *, offset: int = 0, limit: int = 1000) -> list[Action]:
        """List a run's actions in the order in which they were first recorded."""
        rows = self._read("SELECT * FROM action WHERE run = ? ORDER BY position LIMIT ? OFFSET ?", run, limit, offset)
        return [action(row) for row in rows]

    # The outbox

    def drain(self, deliver: Callable[[Sequence[Fact]], None], *, batch: int = 500) -> int:
        """Deliver what the graph has not been told, in batches; say how many facts that were.

        A fact leaves the outbox only after `deliver` returned, so a crash between the two delivers it
        again: `deliver` must be idempotent by the facts' ids.
        """
        self._commits.check()
        total = 0
        while facts := self.undelivered(limit=batch):
            deliver(facts)
            with self.transaction() as database:
                # By sequence: what changed again during the delivery has a new one, and stays.
                database.executemany("DELETE FROM outbox WHERE sequence = ?", [(fact.sequence,) for fact in facts])
            total += len(facts)
        return total

    def undelivered(self, *, run: str | None = None, name: str | None = None, limit: int = 500) -> list[Fact]:
        """List the oldest facts that wait in the outbox, or those of one action however young."""
        query = (
            "SELECT o.sequence AS o_sequence, o.run AS o_run, a.* FROM outbox o "
            "LEFT JOIN action a ON a.run = o.run AND a.name = o.name "
        )
        if run is not None and name is not None:
            rows = self._read(f"{query} WHERE o.run = ? AND o.name = ?", run, name)
        else:
            rows = self._read(
                f"{query} WHERE a.state IS NULL OR a.state != ? OR a.started < ? "
                "OR (a.position <= ? AND a.started < ?) ORDER BY o.sequence LIMIT ?",
                State.RUNNING,
                now() - LONGER // timedelta(microseconds=1),
                FIRST,
                now() - LONG // timedelta(microseconds=1),
                limit,
            )
        return self._facts(rows)

    def running(self, run: str) -> list[Fact]:
        """List the actions of a run that are under way, for a sign of life; their sequence is 0."""
        return self._facts(
            self._read(
                "SELECT 0 AS o_sequence, a.run AS o_run, a.* FROM action a WHERE a.run = ? AND a.state = ?",
                run,
                State.RUNNING,
            )
        )

    def ancestors(self, fact: Action) -> list[Action]:
        """List the actions that an action was called from, the root first."""
        above: list[Action] = []
        parent = fact.parent
        while parent is not None:
            rows = self._read("SELECT * FROM action WHERE run = ? AND name = ?", str(fact.run), parent)
            if not rows:
                break
            above.insert(0, action(rows[0]))
            parent = above[0].parent
        return above

    def _facts(self, rows: list[sqlite3.Row]) -> list[Fact]:
        runs = {
            run: self._workflow(self._read("SELECT * FROM run WHERE id = ?", run)[0])
            for run in dict.fromkeys(row["o_run"] for row in rows)
        }
        return [
            Fact(
                sequence=row["o_sequence"],
                run=runs[row["o_run"]],
                action=None if row["name"] is None else action(row),
            )
            for row in rows
        ]

    def transaction(self) -> Transaction:
        """Open a write transaction (BEGIN IMMEDIATE) for the lease."""
        return Transaction(self._database, self._lock)

    def mark(self, database: sqlite3.Connection, namespace: str, run: str, names: Sequence[str] = ("",)) -> None:
        """Put a run, or actions of it, in the outbox, inside an open transaction."""
        database.executemany(_MARK, [(namespace, run, name) for name in names])

    def check(self) -> None:
        """Commit what was handed in, or raise why that can't be done."""
        self._commits.check()

    def close(self) -> None:
        """Commit what was handed in and close the database."""
        try:
            self._commits.close()
        finally:
            with self._lock:
                self._database.close()

    def _workflow(self, row: sqlite3.Row) -> WorkflowRecord:
        counts = self._read(
            "SELECT state, COUNT(*) AS tasks FROM action WHERE run = ? AND kind = 'task' AND name != ? "
            "AND NOT superseded GROUP BY state",
            row["id"],
            ROOT,
        )
        return workflow(row, {count["state"]: count["tasks"] for count in counts})

    def _read(self, query: str, *values: str | int) -> list[sqlite3.Row]:
        with self._lock:
            return self._database.execute(query, values).fetchall()

    def _write(self, changes: list[Change]) -> None:
        with self.transaction() as database:
            database.executemany(_UPSERT, [change[:-1] for change in changes])
            database.executemany(_MARK, [(change[2], change[0], change[1]) for change in changes if change[-1]])
            database.executemany(_UNMARK, [(change[0], change[1]) for change in changes if not change[-1]])


_opened: dict[Path, Journal] = {}
_opening = threading.Lock()


def opened(path: Path, *, durability: str = "normal") -> Journal:
    """Open a journal once for the whole process."""
    with _opening:
        journal = _opened.get(path)
        if journal is None or not path.exists():  # a state folder that was deleted and made again
            journal = _opened[path] = Journal(path, durability=durability)
        return journal


class Transaction:
    """One write transaction: all or nothing."""

    def __init__(self, database: sqlite3.Connection, lock: threading.RLock) -> None:
        self._database = database
        self._lock = lock

    def __enter__(self) -> sqlite3.Connection:
        self._lock.acquire()
        try:
            self._database.execute("BEGIN IMMEDIATE")
        except BaseException:
            self._lock.release()
            raise
        return self._database

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            self._database.execute("COMMIT" if kind is None else "ROLLBACK")
        except BaseException:
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            raise
        finally:
            self._lock.release()


def _identifier(name: str) -> str:
    try:
        return str(UUID(name))
    except ValueError:
        return ""
