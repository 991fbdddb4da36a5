"""What people call: run a workflow, go on with one, look at it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from hendrix.entities import InvalidInputError, Kind, Ref
from hendrix.session import Handle, client
from hendrix.session.operations import show
from hendrix.session.records import Show
from hendrix.workflows import engine, program
from hendrix.workflows.journal import opened
from hendrix.workflows.records import ROOT
from hendrix.workflows.telling import Telling

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from uuid import UUID

    from flyte._task import TaskTemplate

    from hendrix.entities import Entity, State
    from hendrix.workflows.journal import Journal
    from hendrix.workflows.records import Action, WorkflowRecord


class WorkflowRun(Handle):
    """A run of a workflow, in the hands of a person. Run it again under its name to go on with it."""

    def __init__(self, journal: Journal, record: WorkflowRecord, *outputs: Any) -> None:
        self._journal = journal
        self._record = record
        self._entity: Entity | None = None
        self._outputs = outputs

    @property
    def id(self) -> UUID:
        """The run's id: the same in the journal and in the graph."""
        return self._record.id

    @property
    def name(self) -> str:
        """The run's name, unique among the workflow runs of its namespace."""
        return self._record.name

    @property
    def ref(self) -> str:
        """The run's reference in the graph."""
        return str(Ref(Kind.RUN, self.id.hex, namespace=self._record.namespace))

    @property
    def entity(self) -> Entity:
        """The run as the graph knows it, read when first asked for."""
        if self._entity is None:
            self._entity = client().call(show, Show(ref=self.ref))
        return self._entity

    @entity.setter
    def entity(self, entity: Entity) -> None:
        self._entity = entity

    @property
    def record(self) -> WorkflowRecord:
        """What the journal holds of the run now."""
        return self._journal.run(self._record.namespace, str(self.id))

    @property
    def status(self) -> State:
        """The run's present state: running, finished, failed, stopped, or lost (its process died)."""
        return self.record.state

    @property
    def outputs(self) -> Any:
        """What the root task returned: a value, a tuple of them, or None.

        A run that was looked up and not run here gives them rendered as JSON, by name.
        """
        if self._outputs:
            return self._outputs[0]
        found = [action for action in self.actions() if action.name == ROOT]
        return found[0].outputs if found else None

    def actions(self) -> list[Action]:
        """List the run's tasks and traced calls in the order in which they were first recorded."""
        found: list[Action] = []
        while page := self._journal.actions(str(self.id), offset=len(found)):
            found += page
        return found

    def rows(self) -> Iterator[tuple[str, str]]:
        """Yield what a card in a notebook shows: names and values."""
        record = self.record
        yield "state", str(record.state)
        yield "task", record.task
        yield "tasks", _counted(record)
        if record.error is not None:
            yield "error", f"{record.error.type}: {record.error.message}"

    def __repr__(self) -> str:
        record = self.record
        return f"<workflow run {self.name!r} of {record.task}: {record.state} ({_counted(record)})>"


def _counted(record: WorkflowRecord) -> str:
    return ", ".join(f"{count} {state}" for state, count in sorted(record.tasks.items())) or "no tasks"


def run(
    task: TaskTemplate[Any, Any, Any],
    /,
    *,
    name: str | None = None,
    project: str | None = None,
    **inputs: Any,
) -> WorkflowRun:
    """Run a workflow: a plain Flyte 2 task, in this process, each task in it recorded.

    Run it again under the same name, and it goes on: what finished is not run again, a task whose body was
    edited is, and so is whatever builds on its changed result. Comments and layout are no edits; helper
    functions outside a task's body are not looked at. Flyte's cache between runs is not consulted.

    A timeout ends an `async` body when it is due. A plain function can't be interrupted: it is waited for,
    and then its late result is not taken.

    Parameters
    ----------
    task
        The root task. Its own inputs called `name` or `project` go through `execute`.
    name
        The run's name, unique in the namespace; by default the task's with a suffix.
    project
        The project that the run belongs to; by default that of the settings.
    **inputs
        The root's inputs.

    Raises
    ------
    InvalidInputError
        When `task` is no Flyte task, or can't take the inputs.
    ConflictError
        When a live process runs this name, or it belongs to another task or to other inputs.
    TaskFailedError
        When a task failed and no parent of it caught the error.
    KeyboardInterrupt
        On Ctrl-C, saying how to go on; what finished is kept.
    """
    return execute(task, inputs, name=name, project=project)


def execute(
    task: TaskTemplate[Any, Any, Any],
    inputs: Mapping[str, Any],
    *,
    name: str | None = None,
    project: str | None = None,
) -> WorkflowRun:
    """Run a workflow with its inputs in a mapping; all else as `run`."""
    here = client()
    namespace = here.settings.namespace
    journal = _journal()
    identity, outputs = engine.execute(
        journal,
        task,
        inputs,
        name=name,
        project=project or here.settings["project"],
        namespace=namespace,
        following=functools.partial(Telling, journal, here),
    )
    return WorkflowRun(journal, journal.run(namespace, identity), outputs)


def resume(name: str) -> WorkflowRun:
    """Go on with a run, by its name or id, from its program's file and its recorded inputs.

    Raises
    ------
    NotFoundError
        When there is no such run, or its program is gone.
    InvalidInputError
        When the run died before its inputs were recorded.
    """
    from hendrix.workflows import seam

    journal = _journal()
    record = journal.run(client().settings.namespace, name)
    task = program.load(record.program, record.task)
    if ROOT not in journal.known(str(record.id)):
        message = f"the workflow run {record.name!r} died before its inputs were recorded"
        raise InvalidInputError(message, hint=f"Run {record.task} with its inputs and name={record.name!r}.")
    inputs = seam.native_inputs(task, journal.values(str(record.id), ROOT)[0])
    return execute(task, inputs, name=record.name, project=record.project)


def get(name: str) -> WorkflowRun:
    """Look a run up by its name or id.

    Raises
    ------
    NotFoundError
        When there is none.
    """
    journal = _journal()
    return WorkflowRun(journal, journal.run(client().settings.namespace, name))


def _journal() -> Journal:
    here = client()
    here.home.prepare()
    return opened(here.home.journal, durability=here.settings.durability)
