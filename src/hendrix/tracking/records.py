"""What a tracked run says, and what is read back of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from hendrix.artifacts import File
from hendrix.entities import Entity


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """One flush of a writer: params, tags, artifacts and packed metric points.

    The same (run, writer, sequence) again changes nothing, so that a flush can be sent twice.
    """

    run: UUID
    writer: UUID
    sequence: int
    params: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    artifacts: tuple[File, ...] = ()
    points: int = 0
    packed: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowRun:
    """One run, by id, by the beginning of its id, or by name."""

    run: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSummary:
    """A metric of a run: its last value (None: NaN), and what it went through."""

    name: str
    last: float | None
    step: int
    least: float | None
    greatest: float | None
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDetail:
    """A run with all that was logged, and how many runs it called."""

    entity: Entity
    params: dict[str, str]
    metrics: tuple[MetricSummary, ...]
    artifacts: tuple[File, ...]
    children: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSeries:
    """A metric's series, thinned to `points` buckets that keep least and greatest; `first`, `last` are steps."""

    run: str
    metric: str
    points: int = 2000
    first: int | None = None
    last: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRunLog:
    """A run's log from a byte offset on."""

    run: str
    offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLog:
    """A piece of a log: the text, where the next one begins, and whether the run has ended."""

    text: str
    next: int
    done: bool
