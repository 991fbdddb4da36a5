"""The records of jobs: what was asked, what was used, how it ended; and what is asked about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from hendrix.entities import State
from hendrix.session import Process


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What a job asks of one machine. `memory` is in bytes; None asks for none in particular."""

    cpus: float = 1.0
    gpus: float = 0.0
    memory: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a job used: wall and CPU seconds, and the peak of resident memory in bytes.

    CPU time and memory count the worker and the processes that the body started.
    """

    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_rss: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One machine of a Ray cluster and what it has in all (`memory` in bytes)."""

    host: str
    cpus: float
    gpus: float
    memory: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """The Ray cluster that jobs go to. `local` says that it lives and dies with this process."""

    address: str
    local: bool
    machines: tuple[Machine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRecord:
    """What is known of one job. Times are UTC.

    `driver` submitted the job, `worker` runs it; `seen_at` is the last sign of life of either.
    `stop` is "stop" or "kill" once somebody asked for it. `error` is that of the last attempt.
    """

    id: UUID
    ref: str
    name: str
    state: State
    asked: Resources
    used: Usage | None = None
    error: str | None = None
    attempt: int = 0
    retries: int = 0
    timeout: float | None = None
    project: str | None = None
    parent: UUID | None = None
    python: str | None = None
    driver: Process | None = None
    worker: Process | None = None
    stop: str | None = None
    created_by: str
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    seen_at: datetime | None = None


# --- requests and answers -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitJob:
    """A job that is about to be handed to Ray. `timeout` is in seconds."""

    id: UUID
    name: str
    asked: Resources
    driver: Process
    retries: int = 0
    timeout: float | None = None
    project: str | None = None
    parent: UUID | None = None
    cluster: str = "local"


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginJob:
    """One attempt begins in a worker."""

    job: UUID
    worker: Process
    python: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPiece:
    """A part of a log that was uploaded: the digest of its bytes, and how many they are."""

    digest: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BeatJob:
    """A sign of life: of the worker with what was used so far, of the driver (no `used`) while it waits.

    `log` is what was uploaded of the log by now: digests of consecutive parts and their sizes in bytes.
    """

    job: UUID
    used: Usage | None = None
    log: tuple[LogPiece, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishJob:
    """The end of an attempt: finished, failed, stopped, lost. `may_retry`: again, if attempts are left."""

    job: UUID
    state: State
    error: str | None = None
    used: Usage | None = None
    log: tuple[LogPiece, ...] = ()
    may_retry: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOrders:
    """What a worker has to know: where the job stands, and whether to stop it ("stop", "kill")."""

    state: State
    stop: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobQuery:
    """One job: its id (the first digits are enough) or reference."""

    job: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StopJob:
    """A wish that a job end: by KeyboardInterrupt in its body, or with `force` by a kill."""

    job: str
    force: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListJobs:
    """A part of the list of jobs, newest first."""

    state: State | None = None
    project: str | None = None
    limit: int = 100
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLog:
    """A job's log from a byte offset; with `follow`, what is still to come, until the job ends."""

    job: str
    offset: int = 0
    follow: bool = False


# --- between the submitting process, the worker and its attendant ---------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOrder:
    """What travels to the worker beside the function: how the job is to be run there."""

    id: UUID
    name: str
    retries: int
    timeout: float | None
    driver: Process
    environment: dict[str, str] = field(default_factory=dict)
    directory: str | None = None
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a job's body failed: the error's class and text, and the traceback of the user's own frames."""

    kind: str
    text: str
    traceback: str = ""

    @property
    def headline(self) -> str:
        """The error in one line."""
        first = self.text.strip().splitlines()[0] if self.text.strip() else ""
        return f"{self.kind}: {first}" if first else self.kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """The worker's first message: what it is about to run, who it is, what it had used before."""

    order: JobOrder
    worker: Process
    python: str
    cpu_before: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Farewell:
    """The worker's last message: how the body ended, and what its process used."""

    state: State
    error: str | None
    used: Usage
