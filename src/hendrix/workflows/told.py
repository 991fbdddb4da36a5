"""What the graph holds of workflows: a run for each of their runs, and one for each task that matters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from hendrix.entities import ENDED, EdgeType, Entity, Kind, RunKind, State
from hendrix.session.runs import found
from hendrix.workflows.records import ROOT, Fact

if TYPE_CHECKING:
    from datetime import datetime

    from hendrix.graph import Transaction
    from hendrix.workflows.records import Action, TaskError


def action_id(run: UUID, name: str) -> UUID:
    """Give an action its id: always the same for the same run and name, so that it can be told twice.

    The root's is the run's own.
    """
    return run if name == ROOT else uuid5(run, name)


class Told:
    """Writes facts into one transaction of the graph."""

    def __init__(self, graph: Transaction) -> None:
        self._graph = graph
        self._entities: dict[UUID, Entity | None] = {}

    def take(self, fact: Fact) -> None:
        """Write one fact; one that is known, or older than what is known, changes nothing."""
        if fact.action is None:
            self._run(fact)
        elif fact.action.name == ROOT:
            self._root(fact, fact.action)
        else:
            self._action(fact, fact.action)

    def _run(self, fact: Fact) -> Entity:
        run = fact.run
        facts = {
            "run_kind": RunKind.WORKFLOW,
            "task": run.task,
            "program": run.program,
            "flyte": run.flyte,
            "passes": run.passes,
            "tasks": run.tasks,
            **_failure(run.error),
        }
        return self._write(
            fact,
            run.id,
            name=run.name,
            parent=None,
            caller=None,
            state=run.state,
            started_at=run.started_at,
            ended_at=run.ended_at,
            facts=facts,
        )

    def _workflow(self, fact: Fact) -> Entity:
        return self._find(fact.run.id) or self._run(Fact(sequence=0, run=fact.run, action=None))

    def _root(self, fact: Fact, root: Action) -> None:
        """Write the root's values: it is no entity of its own but the run itself."""
        entity = self._workflow(fact)
        facts = {"inputs": root.inputs, "outputs": root.outputs or None, "attempts": root.attempts}
        if any(entity.facts.get(name) != value for name, value in facts.items()):
            self._entities[entity.id] = self._graph.update(entity, facts=facts)
        self._beat(entity.id, fact.run.state)

    def _action(self, fact: Fact, action: Action) -> None:
        if action.superseded and self._find(action.id) is None:
            return
        workflow = self._workflow(fact)
        facts = {
            "run_kind": RunKind.TASK,
            "task": action.task,
            "action": action.name,
            "group": action.group,
            "attempts": action.attempts,
            "inputs": action.inputs,
            "outputs": action.outputs or None,
            "superseded": action.superseded or None,
            **_failure(action.error),
        }
        self._write(
            fact,
            action.id,
            name=action.task.rpartition(".")[2],
            parent=workflow,
            caller=self._find(action_id(workflow.id, action.parent or ROOT)) or workflow,
            state=action.state,
            started_at=action.started_at,
            ended_at=action.ended_at,
            facts=facts,
        )

    def _write(
        self,
        fact: Fact,
        id: UUID,  # noqa: A002
        *,
        name: str,
        parent: Entity | None,
        caller: Entity | None,
        state: State,
        started_at: datetime,
        ended_at: datetime | None,
        facts: dict[str, Any],
    ) -> Entity:
        graph = self._graph
        entity = self._find(id)
        if entity is None:
            entity = graph.create(
                Kind.RUN,
                name,
                id=id,
                project=fact.run.project,
                parent=parent.id if parent else None,
                state=state,
                facts={
                    **{key: value for key, value in facts.items() if value is not None},
                    "revision": fact.sequence,
                },
                started_at=started_at,
            )
            if caller is not None and parent is not None:
                graph.link(EdgeType.CALLED, caller, entity, run=parent.id)
            if ended_at is not None:
                entity = graph.update(entity, ended_at=ended_at, verb=str(state))
        elif fact.sequence > entity.facts.get("revision", 0):
            entity = graph.update(
                entity,
                state=state,
                started_at=started_at,
                ended_at=ended_at,
                facts={**facts, "revision": fact.sequence},
                verb="updated" if state is entity.state else str(state),
            )
        self._entities[id] = entity
        self._beat(id, state)
        return entity

    def _beat(self, id: UUID, state: State) -> None:  # noqa: A002
        """Note a sign of life; whoever was silent for so long that it was taken for lost comes back."""
        entity = self._find(id)
        if entity is None or state in ENDED:
            return
        if entity.state is State.LOST:
            entity = found(self._graph, entity, state)
            self._entities[id] = entity
        self._graph.observe(entity, beat=True)

    def _find(self, id: UUID) -> Entity | None:  # noqa: A002
        if id not in self._entities:
            self._entities[id] = self._graph.by_id(id)
        return self._entities[id]


def _failure(error: TaskError | None) -> dict[str, str | None]:
    if error is None:
        return {"error": None, "traceback": None}
    sentence = f"task {error.task!r} failed: {error.type}: {error.message}"
    return {"error": sentence, "traceback": error.traceback}
