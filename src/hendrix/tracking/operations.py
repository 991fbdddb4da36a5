"""What can be asked of tracked runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hendrix.artifacts import File
from hendrix.compute.operations import read_log
from hendrix.compute.records import ReadLog
from hendrix.entities import ENDED, Entity, InvalidInputError, Kind, NotFoundError, RunKind
from hendrix.session import Session, operation
from hendrix.session.records import Nothing
from hendrix.session.runs import run_of
from hendrix.tracking.records import Logged, MetricSummary, ReadRunLog, ReadSeries, RunDetail, RunLog, ShowRun

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hendrix.tracking.points import Columns

LOG_TEXT = 1_000_000
"""How many characters of a log one answer holds at least before it is cut."""
BUCKETS = 20_000
"""How finely a series is answered at most."""


@operation("runs.log", permission="runs:log")
def log(session: Session, request: Logged) -> Nothing:
    """Keep one flush of a run's writer. The same (run, writer, sequence) again changes nothing."""
    from hendrix.tracking import storage

    graph = session.graph
    run = run_of(graph, request.run)
    for name, value in request.params.items():
        known = storage.param(graph, run.key, name)
        if known is not None and known != value:
            message = f"the param {name!r} of run {run.name!r} is {known!r} and can't become {value!r}"
            raise InvalidInputError(message, hint="Params are written once; log what changes as a metric or a tag.")
        if known is None:
            storage.add_param(graph, run.key, name, value)
    for file in request.artifacts:
        storage.put_artifact(graph, run.key, file)
    if request.tags:
        graph.update(run, tags=request.tags, verb="tagged")
    if request.points:
        storage.add_chunk(graph, run.key, request)
    graph.observe(run, beat=True)
    return Nothing()


@operation("runs.show", permission="runs:read", kind="read")
def show(session: Session, request: ShowRun) -> RunDetail:
    """Return a run with its params, its metrics and its artifacts."""
    from hendrix.tracking import storage

    graph = session.graph
    run = find(session, request.run)
    return RunDetail(
        entity=run,
        params=storage.params(graph, run.key),
        metrics=tuple(
            MetricSummary(
                name=row.name,
                last=None if row.is_nan else row.last,
                step=row.step,
                least=row.least,
                greatest=row.greatest,
                points=row.points,
            )
            for row in storage.metrics(graph, run.key)
        ),
        artifacts=tuple(
            File(path=row.path, digest=row.digest, size=row.size) for row in storage.artifacts(graph, run.key)
        ),
        children=graph.list(parent=run.id, limit=1, count=True).total or 0,
    )


@operation("runs.series", permission="runs:read", kind="read")
def series(session: Session, request: ReadSeries) -> bytes:
    """Return a metric's series in binary, thinned so that each bucket keeps its least and greatest value.

    uint32 n, then n float64 each of steps, times (seconds since 1970), least, greatest and mean, little-endian.
    """
    from hendrix.tracking import points, storage

    run = find(session, request.run)
    if not 1 <= request.points <= BUCKETS:
        message = f"points is {request.points}"
        raise InvalidInputError(message, hint=f"Ask for 1 to {BUCKETS}; a window by `first` and `last` shows more.")
    if not any(row.name == request.metric for row in storage.metrics(session.graph, run.key)):
        message = f"run {run.name!r} has no metric {request.metric!r}"
        raise NotFoundError(message, hint="`hendrix run show` lists what it logged.")

    def parts() -> Iterator[Columns]:
        for chunk in storage.chunks(session.graph, run.key):
            columns = points.unpack(chunk).get(request.metric)
            if columns is not None:
                yield columns

    return points.series(parts(), request.points, request.first, request.last)


@operation("runs.logs", permission="runs:read", kind="read")
def logs(session: Session, request: ReadRunLog) -> RunLog:
    """Return what a run printed, from a byte offset on; only jobs print into a log."""
    run = find(session, request.run)
    text, offset = "", request.offset
    if run.facts.get("run_kind") == RunKind.JOB:
        asked = ReadLog(job=str(run.id), offset=request.offset, follow=False)
        for part in read_log(session, asked):
            if part is None or len(text) > LOG_TEXT:
                break
            text, offset = text + part.text, part.next
    return RunLog(text=text, next=offset, done=run.state in ENDED)


def find(session: Session, text: str) -> Entity:
    """Return a run by reference, id, the beginning of its id, or its name."""
    found = session.graph.resolve(text, Kind.RUN)
    if found.kind is not Kind.RUN:
        message = f"{text!r} is a {found.kind}, not a run"
        raise InvalidInputError(message, hint="`hendrix run list` shows what there is.")
    return found
