"""Rows of the journal, read as records."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from hendrix.entities import State, utc_now
from hendrix.graph import moment
from hendrix.session import Process
from hendrix.workflows.records import Action, TaskError, WorkflowRecord
from hendrix.workflows.told import action_id

if TYPE_CHECKING:
    import sqlite3

SILENT = timedelta(seconds=30)
"""A holder on another host whose last heartbeat is older than this is dead."""


def now() -> int:
    """Microseconds since 1970, UTC."""
    return time.time_ns() // 1000


def is_held(row: sqlite3.Row) -> bool:
    """Whether the process that runs a run is alive."""
    if row["state"] != State.RUNNING:
        return False
    holder = Process(host=row["host"], pid=row["pid"], started=row["pid_started"])
    if holder.here():
        return holder.alive()
    return utc_now() - moment(row["heartbeat"]) < SILENT


def workflow(row: sqlite3.Row, tasks: dict[str, int]) -> WorkflowRecord:
    """Make a run's record of its row; one whose process is dead is `lost`."""
    lost = row["state"] == State.RUNNING and not is_held(row)
    return WorkflowRecord(
        id=UUID(row["id"]),
        namespace=row["namespace"],
        name=row["name"],
        project=row["project"],
        task=row["task"],
        program=row["program"],
        flyte=row["flyte"],
        state=State.LOST if lost else State(row["state"]),
        error=_error(row["error"]),
        passes=row["passes"],
        tasks=tasks,
        created_at=moment(row["created"]),
        started_at=moment(row["started"]),
        ended_at=None if row["ended"] is None else moment(row["ended"]),
        heartbeat_at=moment(row["heartbeat"]),
    )


def action(row: sqlite3.Row) -> Action:
    """Make an action's record of its row."""
    from hendrix.workflows import values

    return Action(
        id=action_id(UUID(row["run"]), row["name"]),
        run=UUID(row["run"]),
        namespace=row["namespace"],
        name=row["name"],
        parent=row["parent"],
        task=row["task"],
        kind=row["kind"],
        group=row["grouped"],
        ordinal=row["ordinal"],
        state=State(row["state"]),
        attempts=row["attempts"],
        superseded=bool(row["superseded"]),
        position=row["position"],
        inputs=values.render_inputs(row["inputs"]),
        outputs=values.render_outputs(row["outputs"]),
        error=_error(row["error"]),
        started_at=moment(row["started"]),
        ended_at=None if row["ended"] is None else moment(row["ended"]),
    )


def _error(text: str | None) -> TaskError | None:
    fields: dict[str, Any] | None = None if text is None else json.loads(text)
    return None if fields is None else TaskError(**fields)
