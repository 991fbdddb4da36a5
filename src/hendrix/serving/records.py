"""What crosses the border of the inference server: what it serves, and what it says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from hendrix.entities import Entity
from hendrix.session import Process

ColumnType = Literal["boolean", "integer", "long", "float", "double", "string", "datetime", "any"]
"""The scalar types of an MLflow signature that a request can carry; `any` is a key that the store itself checks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InputColumn:
    """One input of a model.

    Attributes
    ----------
    name
        As the model knows it.
    type
        The type of one element.
    shape
        The shape of one row's value; empty for a scalar, `(20,)` for a vector of 20.
    view, feature
        Where the server looks the value up by the request's entity keys, unless the request carries it; None
        when only the request can carry it. The view is `name@version`.
    """

    name: str
    type: ColumnType
    shape: tuple[int, ...] = ()
    view: str | None = None
    feature: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyColumn:
    """One column of an entity's key."""

    name: str
    type: ColumnType = "string"


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewKeys:
    """A feature view that the server reads (`name@version`), and the key columns that find a row of it."""

    view: str
    keys: tuple[KeyColumn, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputColumn:
    """What a model answers, per row."""

    name: str = "prediction"
    type: ColumnType = "double"
    shape: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingSpec:
    """What a model takes, where each value comes from, and what it answers."""

    inputs: tuple[InputColumn, ...]
    views: tuple[ViewKeys, ...] = ()
    output: OutputColumn = OutputColumn()


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Which version stands behind a name; fixed for the life of a server process.

    Attributes
    ----------
    deployment
        The deployment's name.
    model
        The name that requests use in `/v2/models/{name}`.
    version
        The version's number, as text.
    ref
        The version's reference (`hx://...`).
    digest
        The digest of the version's files.
    """

    deployment: str
    model: str
    version: str
    ref: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Quantiles of the time from a request's arrival to its answer, in milliseconds; within 5%."""

    p50: float | None
    p95: float | None
    p99: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What was served in a span of time.

    Attributes
    ----------
    seconds
        The span.
    requests, errors, rows
        Requests for predictions; those answered with 4xx or 5xx; predicted rows.
    rate
        Requests per second.
    unseen_keys
        Keys that the online store did not know, null ones included.
    """

    seconds: float
    requests: int
    errors: int
    rows: int
    rate: float
    unseen_keys: int
    latency_ms: Latency


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingStats:
    """Live numbers of one server process."""

    deployment: str
    model: str
    version: str
    ref: str
    digest: str
    state: str
    started_at: datetime
    execution: str
    last_minute: Window
    since_start: Window
    queue_rows: int
    refused: int
    logged_rows: int
    dropped_log_rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A problem document (RFC 9457); `error` repeats it for clients of the inference protocol."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    hint: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deploy:
    """A model version that is to be served under a name.

    Attributes
    ----------
    model
        The version: `delay@champion`, `delay@3`, a reference or an id. An alias is followed once, now.
    name
        The deployment; by default it is called as the model.
    port
        Where it listens; by default it keeps the one that it has, or is given a free one.
    """

    model: str
    name: str | None = None
    port: int | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentRef:
    """A deployment, by name, reference or id."""

    ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentList:
    """A part of the list of deployments, newest first."""

    limit: int = 100
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """A deployment, and whether anything was changed."""

    deployment: Entity
    changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignPort:
    """The port that the agent has reserved for a deployment, to be kept over restarts."""

    deployment: UUID
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The numbers of the minute before an instant: `t` in Unix seconds, `rate` in requests per second."""

    t: float
    rate: float
    p95_ms: float | None
    errors: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What the agent sees of a deployment.

    Attributes
    ----------
    agent
        The id of the agent that says so: another one knows no more of what it says.
    generation
        The change of the deployment that this is about; it is done when it equals the deployment's own.
    state
        `starting`, `ready`, `replacing` (the version before still answers), `restarting`, `failed`,
        `port-in-use`, `stopping` or `stopped`.
    error, hint
        Why it is not ready, and the way out.
    stats, history
        The live numbers of the process, and how they went lately.
    """

    deployment: UUID
    agent: str
    generation: int
    state: str
    port: int | None = None
    url: str | None = None
    pid: int | None = None
    host: str | None = None
    version: int | None = None
    restarts: int = 0
    last_exit: str | None = None
    healthy: bool | None = None
    error: str | None = None
    hint: str | None = None
    stats: ServingStats | None = None
    history: tuple[Sample, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveQuery:
    """Whose live numbers: a deployment's, by name, reference or id."""

    deployment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """The live numbers of a deployment, as its agent read them last; None where nothing serves.

    `rate` and the quantiles are those of the last minute; requests, errors, rows and unseen keys are counted since
    the process started.
    """

    state: str
    url: str | None
    port: int | None
    pid: int | None
    restarts: int
    version_ref: str
    started_at: datetime | None
    rate: float | None
    requests: int | None
    errors: int | None
    rows: int | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    unseen_keys: int | None
    history: tuple[Sample, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentLogs:
    """The log of a deployment's processes, from a byte offset on; with `follow`, also what comes."""

    ref: str
    offset: int = 0
    follow: bool = False


WorkerState = Literal["loading", "ready", "failed", "stopping"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerOrder:
    """What one worker process serves.

    Attributes
    ----------
    worker
        The worker's own id; its files are called by it.
    deployment, generation
        For which deployment, and which change of it.
    home, namespace
        The state folder, and whose features are read.
    at_once
        Whether to answer (503) while the model loads; no, when another worker still serves the port.
    """

    worker: str
    deployment: UUID
    generation: int
    served: Served
    home: str
    namespace: str
    host: str
    port: int
    at_once: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerStatus:
    """How a worker is: which process it is, and how far it came."""

    process: Process
    state: WorkerState
    error: str = ""
    hint: str = ""
