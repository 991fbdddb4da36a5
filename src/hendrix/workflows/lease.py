"""The lease on a run: who may work on it, checked and taken in one transaction."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from hendrix.entities import ConflictError, State, new_id
from hendrix.session import this_process
from hendrix.workflows.rows import is_held, now

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from hendrix.workflows.journal import Journal
    from hendrix.workflows.records import TaskError

HEARTBEAT = 5.0
"""Seconds between two heartbeats of a run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a run is to be: the workflow's name and what it runs."""

    namespace: str
    name: str
    project: str | None
    task: str
    program: str
    flyte: str


class Lease:
    """The right to work on a run, held by this process until it is released or taken away.

    Attributes
    ----------
    run
        The run's id.
    pass_
        Which start of the run this is, from 1; it also fences out a holder that was taken for dead.
    """

    def __init__(self, journal: Journal, request: Request, run: str, before: sqlite3.Row | None) -> None:
        self.run = run
        self.pass_ = 1 if before is None else before["passes"] + 1
        self.request = request
        self._journal = journal
        self._before = before
        self._released = threading.Event()
        self._thread: threading.Thread | None = None

    def keep(self, lost: Callable[[], None]) -> None:
        """Send heartbeats from now on; call `lost` if another process took the run over."""

        def beat() -> None:
            while not self._released.wait(HEARTBEAT):
                if not self._update("UPDATE run SET heartbeat = ?", now(), mark=False):
                    lost()
                    return

        self._thread = threading.Thread(target=beat, name="hendrix-workflow-heartbeat", daemon=True)
        self._thread.start()

    def release(self, state: State, error: TaskError | None = None) -> None:
        """Say how the run ended and let go of it."""
        self._released.set()
        text = None if error is None else json.dumps(asdict(error))
        self._update("UPDATE run SET state = ?, error = ?, ended = ?", state, text, now())

    def give_back(self) -> bool:
        """Let go of a run as if it had not been touched; say whether there was one before."""
        before = self._before
        if before is None:
            return False
        self._released.set()
        state = State.LOST if before["state"] == State.RUNNING else before["state"]
        self._update(
            "UPDATE run SET state = ?, error = ?, ended = ?, passes = passes - 1",
            state,
            before["error"],
            before["ended"],
        )
        return True

    def _update(self, statement: str, *values: str | int | None, mark: bool = True) -> bool:
        with self._journal.transaction() as database:
            changed = database.execute(
                f"{statement} WHERE id = ? AND passes = ? AND state = ?",
                (*values, self.run, self.pass_, State.RUNNING),
            ).rowcount
            if changed and mark:
                self._journal.mark(database, self.request.namespace, self.run)
            return bool(changed)


def acquire(journal: Journal, request: Request) -> Lease:
    """Take the right to run a workflow: a new run, or one of that name that nobody works on.

    Raises
    ------
    ConflictError
        When a live process runs it, or when the name belongs to a run of another task.
    """
    with journal.transaction() as database:
        row: sqlite3.Row | None = database.execute(
            "SELECT * FROM run WHERE namespace = ? AND name = ?", (request.namespace, request.name)
        ).fetchone()
        if row is None:
            lease = Lease(journal, request, _begin(database, request), None)
        else:
            _check(row, request)
            _close_the_dead(journal, database, row)
            _go_on(database, request, row)
            lease = Lease(journal, request, row["id"], row)
        journal.mark(database, request.namespace, lease.run)
        return lease


def _begin(database: sqlite3.Connection, request: Request) -> str:
    columns = {
        "id": str(new_id()),
        **asdict(request),
        "state": State.RUNNING,
        "passes": 1,
        "created": now(),
        "started": now(),
        **_held(),
    }
    database.execute(
        f"INSERT INTO run ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",  # noqa: S608
        tuple(columns.values()),
    )
    return str(columns["id"])


def _go_on(database: sqlite3.Connection, request: Request, row: sqlite3.Row) -> None:
    columns = {
        "state": State.RUNNING,
        "error": None,
        "ended": None,
        "passes": row["passes"] + 1,
        "program": request.program,
        "flyte": request.flyte,
        **_held(),
    }
    database.execute(
        f"UPDATE run SET {', '.join(f'{name} = ?' for name in columns)} WHERE id = ?",  # noqa: S608
        (*columns.values(), row["id"]),
    )


def _held() -> dict[str, str | int | float]:
    me = this_process()
    return {"heartbeat": now(), "host": me.host, "pid": me.pid, "pid_started": me.started}


def _check(row: sqlite3.Row, request: Request) -> None:
    if is_held(row):
        message = f"the workflow run {request.name!r} is being run by process {row['pid']} on {row['host']}"
        raise ConflictError(
            message,
            hint="Wait for it, stop that process, or give this run another name.",
            run=row["id"],
            pid=row["pid"],
            host=row["host"],
        )
    if row["task"] != request.task:
        message = f"the workflow run {request.name!r} belongs to task {row['task']!r}, not to {request.task!r}"
        raise ConflictError(message, hint="Give this run another name.", run=row["id"])


def _close_the_dead(journal: Journal, database: sqlite3.Connection, row: sqlite3.Row) -> None:
    """Mark what a dead holder left running: no attempt of it will ever report."""
    left = database.execute(
        "SELECT name FROM action WHERE run = ? AND state = ?", (row["id"], State.RUNNING)
    ).fetchall()
    database.execute(
        "UPDATE action SET state = ?, ended = ? WHERE run = ? AND state = ?",
        (State.LOST, row["heartbeat"], row["id"], State.RUNNING),
    )
    journal.mark(database, row["namespace"], row["id"], [action["name"] for action in left])
