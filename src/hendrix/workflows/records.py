"""What crosses the border of this room: runs of workflows and the actions inside them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from hendrix.entities import State

ROOT = "a0"
"""The root's action, as on a control plane: its name holds neither code nor inputs, so that an edited root
finds the finished tasks below it."""

ActionKind = Literal["task", "trace"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskError:
    """Why an action failed.

    `task` and `action` name the one that raised, which may lie below the one that holds this record.
    `traceback` shows the user's own frames.
    """

    task: str
    action: str
    type: str
    message: str
    traceback: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One call of a task, or of a traced function, inside a workflow run.

    `name` is the same whenever the same program makes the same call. A `superseded` action belongs to an
    earlier form of the program: the last one did not call it. `position` counts the run's actions in the
    order in which they were first recorded. `inputs` and `outputs` are the values
    rendered as JSON for people (long ones are cut). Times are UTC.
    """

    id: UUID
    run: UUID
    namespace: str
    name: str
    parent: str | None
    task: str
    kind: ActionKind
    group: str | None
    ordinal: int
    state: State
    attempts: int
    superseded: bool
    position: int
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    error: TaskError | None
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowRecord:
    """One run of a workflow, as the journal holds it.

    A run whose process died is `lost`: to run the workflow again under the same name goes on from there.
    `program` is the file of the root task and `flyte` the version that gave the actions their names.
    `passes` counts how often the run was started or resumed, `tasks` its tasks by state, without the root.
    Times are UTC.
    """

    id: UUID
    namespace: str
    name: str
    project: str | None
    task: str
    program: str
    flyte: str
    state: State
    error: TaskError | None
    passes: int
    tasks: dict[str, int]
    created_at: datetime
    started_at: datetime
    ended_at: datetime | None
    heartbeat_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What the graph has not been told yet: the present state of a run, or of one of its actions.

    Delivering a fact twice, or an older one after a newer one, must change nothing: its identity is the
    `id` of the run or of the action, and `sequence` rises with every change (0: told only if unknown).
    """

    sequence: int
    run: WorkflowRecord
    action: Action | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell:
    """Facts for the graph, in the order in which they became true."""

    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Actions:
    """Which actions to list: those of a run, by its id or its name, from a position on."""

    run: str
    start: int = 0
    limit: int = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflows:
    """How many of the latest workflow runs to list."""

    limit: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """One workflow run, by its id or its name."""

    run: str
