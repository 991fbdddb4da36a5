"""The rows of tracked runs: params, metric summaries, chunks of points, artifacts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa

from hendrix.entities import InvalidInputError, utc_now
from hendrix.graph import micros
from hendrix.graph.schema import artifact, metric, metric_chunk
from hendrix.graph.schema import param as param_table
from hendrix.tracking.points import columns, extremes, unpack

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hendrix.artifacts import File
    from hendrix.graph import Transaction
    from hendrix.tracking.records import Logged


def param(graph: Transaction, run: int, name: str) -> str | None:
    """Return a param of a run, or None."""
    p = param_table.c
    return graph.connection.scalar(sa.select(p.value).where(p.run == run, p.name == name))


def params(graph: Transaction, run: int) -> dict[str, str]:
    """Return the params of a run, by name."""
    p = param_table.c
    rows = graph.connection.execute(sa.select(p.name, p.value).where(p.run == run).order_by(p.name))
    return {name: value for name, value in rows}  # noqa: C416 - rows are pairs, dict() does not see it


def add_param(graph: Transaction, run: int, name: str, value: str) -> None:
    """Write a param that is not there yet."""
    graph.connection.execute(
        sa.insert(param_table).values(run=run, name=name, namespace=graph.namespace_key, value=value)
    )


def put_artifact(graph: Transaction, run: int, file: File) -> None:
    """Put a file into a run's manifest, in the place of one of the same path."""
    a = artifact.c
    graph.connection.execute(sa.delete(artifact).where(a.entity == run, a.path == file.path))
    graph.connection.execute(
        sa.insert(artifact).values(
            entity=run,
            path=file.path,
            namespace=graph.namespace_key,
            digest=file.digest,
            size=file.size,
            created_at=micros(utc_now()),
        )
    )


def artifacts(graph: Transaction, run: int) -> Sequence[sa.Row[Any]]:
    """Return the manifest of a run, by path."""
    return graph.connection.execute(sa.select(artifact).where(artifact.c.entity == run).order_by(artifact.c.path)).all()


def metrics(graph: Transaction, run: int) -> Sequence[sa.Row[Any]]:
    """Return the summaries of a run's metrics, by name."""
    return graph.connection.execute(sa.select(metric).where(metric.c.run == run).order_by(metric.c.name)).all()


def chunks(graph: Transaction, run: int) -> Iterator[bytes]:
    """Yield the packed points of a run, in the order of each writer."""
    c = metric_chunk.c
    yield from graph.connection.scalars(sa.select(c.packed).where(c.run == run).order_by(c.writer, c.sequence))


def add_chunk(graph: Transaction, run: int, flush: Logged) -> None:
    """Keep a chunk of points and bring the summaries up to it; a chunk that is there already changes nothing.

    Raises
    ------
    InvalidInputError
        When the bytes are no chunk.
    """
    c = metric_chunk.c
    stands = sa.select(c.points).where(c.run == run, c.writer == flush.writer, c.sequence == flush.sequence)
    if graph.connection.scalar(stands) is not None:
        return
    try:
        packed = {name: columns(part) for name, part in unpack(flush.packed).items()}
    except (msgspec.MsgspecError, ValueError) as error:
        message = f"the metric points of flush {flush.sequence} can't be read: {error}"
        raise InvalidInputError(message) from error
    graph.connection.execute(
        sa.insert(metric_chunk).values(
            run=run,
            writer=flush.writer,
            sequence=flush.sequence,
            namespace=graph.namespace_key,
            points=flush.points,
            packed=flush.packed,
        )
    )
    known = {row.name: row for row in metrics(graph, run)}
    for name, (steps, times, values) in packed.items():
        _summarise(graph, run, name, list(zip(steps, times, values, strict=True)), known.get(name))


def _summarise(
    graph: Transaction, run: int, name: str, points: list[tuple[int, int, float]], known: sa.Row[Any] | None
) -> None:
    """Bring a metric's summary up to new points: the last one is that of the greatest step, then time."""
    step, time, last = max(points, key=lambda point: point[:2])
    least, greatest = extremes(value for _, _, value in points)
    count = len(points)
    if known is not None:
        count += known.points
        least = min((v for v in (least, known.least) if v is not None), default=None)
        greatest = max((v for v in (greatest, known.greatest) if v is not None), default=None)
        if (known.step, known.logged_at) > (step, time):
            step, time, last = known.step, known.logged_at, math.nan if known.is_nan else known.last
    values: dict[str, Any] = {
        "last": None if math.isnan(last) else last,
        "is_nan": math.isnan(last),
        "step": step,
        "logged_at": time,
        "least": least,
        "greatest": greatest,
        "points": count,
    }
    if known is None:
        values |= {"run": run, "name": name, "namespace": graph.namespace_key}
        graph.connection.execute(sa.insert(metric).values(**values))
    else:
        graph.connection.execute(sa.update(metric).where(metric.c.run == run, metric.c.name == name).values(**values))
