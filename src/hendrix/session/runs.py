"""The life of a run, whatever did the work: it starts, it beats, it ends or is seen to be lost."""

from __future__ import annotations

import os
import platform
import socket
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from hendrix.entities import (
    ENDED,
    ConflictError,
    EdgeType,
    Entity,
    InvalidInputError,
    Kind,
    RunKind,
    State,
    new_id,
    utc_now,
)
from hendrix.session.declaration import Session, operation
from hendrix.session.paging import every
from hendrix.session.records import Nothing

if TYPE_CHECKING:
    from hendrix.graph import Transaction

BEAT_EVERY_S = 5.0
"""How often a living run says so."""
LOST_AFTER_S = 30.0
"""After how long a silence a run is taken for lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A run that begins. `parent` is the run that called it; `facts` say where and with what it runs."""

    name: str
    run_kind: RunKind
    id: UUID = field(default_factory=new_id)
    project: str | None = None
    parent: UUID | None = None
    state: State = State.RUNNING
    tags: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    started_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """A sign of life, with what the run says of itself; `state` moves a queued run to running."""

    run: UUID
    state: State | None = None
    observed: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """The end of a run: finished, failed or stopped; `error` is what a person reads first."""

    run: UUID
    state: State = State.FINISHED
    error: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaped:
    """The runs that were seen to be lost."""

    runs: tuple[UUID, ...]


@operation("runs.start", permission="runs:log")
def start(session: Session, request: Start) -> Entity:
    """Begin a run; the same id again returns the run that has it, running again if it had ended."""
    graph = session.graph
    known = graph.by_id(request.id)
    if known is not None:
        if known.kind is not Kind.RUN:
            message = f"the id {request.id.hex} belongs to {known.ref}"
            raise ConflictError(message, hint="Make a new id for each run.")
        if known.state in ENDED:
            return graph.update(known, state=State.RUNNING, ended_at=None, facts={"error": None}, verb="resumed")
        return known
    made = graph.create(
        Kind.RUN,
        request.name,
        id=request.id,
        project=request.project,
        parent=request.parent,
        state=request.state,
        tags=request.tags,
        facts={"run_kind": request.run_kind, **request.facts},
        started_at=request.started_at or (utc_now() if request.state is State.RUNNING else None),
    )
    if request.parent is not None:
        graph.link(EdgeType.CALLED, graph.get(request.parent), made, run=request.parent)
    graph.observe(made, beat=True)
    return made


@operation("runs.beat", permission="runs:log")
def beat(session: Session, request: Beat) -> Entity:
    """Note that a run is alive. A run that was taken for lost comes back."""
    graph = session.graph
    run = run_of(graph, request.run)
    graph.observe(run, **request.observed)
    if request.state is not None and request.state is not run.state and run.state not in ENDED - {State.LOST}:
        begins = run.started_at is None and request.state is State.RUNNING
        return graph.update(run, state=request.state, started_at=utc_now() if begins else run.started_at)
    if run.state is State.LOST:
        return found(graph, run)
    return run


@operation("runs.finish", permission="runs:log")
def finish(session: Session, request: Finish) -> Entity:
    """End a run. Ending it again the same way changes nothing."""
    if request.state not in ENDED:
        message = f"a run can't end as {request.state}"
        raise InvalidInputError(message, hint=f"It ends as one of {', '.join(sorted(ENDED))}.")
    run = run_of(session.graph, request.run)
    if run.state is request.state and run.ended_at is not None:
        return run
    return session.graph.update(
        run,
        state=request.state,
        ended_at=request.ended_at or utc_now(),
        facts={**request.facts, "error": request.error},
        verb=str(request.state),
    )


@operation("runs.reap", permission="runs:write")
def reap(session: Session, request: Nothing) -> Reaped:  # noqa: ARG001 - every operation takes a request
    """Mark as lost the running runs that have been silent for too long."""
    graph = session.graph
    silent = utc_now() - timedelta(seconds=LOST_AFTER_S)
    lost: list[UUID] = []
    for run in every(lambda cursor: graph.list(kind=Kind.RUN, state=State.RUNNING, cursor=cursor, limit=500)):
        seen = run.observed_at or run.created_at
        if seen < silent:
            error = f"no sign of life since {seen.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
            graph.update(run, state=State.LOST, ended_at=seen, facts={"error": error}, verb="lost")
            lost.append(run.id)
    return Reaped(runs=tuple(lost))


def found(graph: Transaction, run: Entity, state: State = State.RUNNING) -> Entity:
    """Note that a run lives that was taken for lost."""
    return graph.update(run, state=state, ended_at=None, facts={"error": None}, verb="found")


def run_of(graph: Transaction, identity: UUID) -> Entity:
    """Return the run with an id.

    Raises
    ------
    NotFoundError
        When nothing has the id.
    InvalidInputError
        When it is something else.
    """
    run = graph.get(identity)
    if run.kind is not Kind.RUN:
        message = f"{run.ref} is no run"
        raise InvalidInputError(message, hint="Give the id of a run: what hx.run() returned has it.")
    return run


def surroundings() -> dict[str, Any]:
    """Return where this process runs, as facts of a run: nothing that a person should have to write."""
    return {
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "python": platform.python_version(),
        "program": " ".join(Path(sys.argv[0]).name.split()) or "python",
        "arguments": sys.argv[1:],
    }
