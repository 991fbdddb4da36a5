"""What happened reaches the graph: once in effect, whatever died in between, and with its edges."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import flyte
import msgspec
import pytest

from hendrix.entities import EdgeType, Kind, State
from hendrix.session import client, consumed, current_run
from hendrix.session.operations import events, list_entities
from hendrix.session.operations import show as show_entity
from hendrix.session.records import History, List, Show
from hendrix.workflows import TaskFailedError, engine
from hendrix.workflows import run as run_workflow
from hendrix.workflows.journal import FIRST, Journal
from hendrix.workflows.operations import actions, list_workflows, show, tell
from hendrix.workflows.reach import reaches_hendrix
from hendrix.workflows.records import Actions, Tell, Which, Workflows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hendrix.entities import Entity
    from hendrix.workflows.records import Fact

env = flyte.TaskEnvironment(name="outbox")
failing = threading.Event()


@env.task
async def leaf(x: int) -> int:
    if failing.is_set() and x == 2:
        message = "leaf 2 fell"
        raise ValueError(message)
    return x * x


@env.task
async def branch(x: int) -> int:
    return await leaf(x)


@env.task
async def tree(n: int) -> int:
    return sum([await branch(x) for x in range(n)])


@env.task
def touch(dataset: str) -> str:
    consumed(client().call(show_entity, Show(ref=dataset)).id)
    return current_run().hex  # type: ignore[union-attr]


@env.task
def touching(dataset: str) -> str:
    return touch(dataset)


@pytest.fixture(autouse=True)
def _mend() -> None:
    failing.clear()


def runs(**given: Any) -> tuple[Entity, ...]:
    return client().call(list_entities, List(kind=Kind.RUN, order="oldest", limit=1000, **given)).items


def snapshot() -> tuple[Any, ...]:
    told = client().call(events, History(limit=1000)).items
    return tuple((e.id, e.state, e.started_at, e.ended_at, e.facts) for e in runs()), len(told)


def tell_graph(facts: Sequence[Fact]) -> None:
    client().call(tell, Tell(facts=tuple(facts)))


def test_a_run_and_its_tasks_are_runs_joined_by_calls(hx_home: Any) -> None:
    made = run_workflow(tree, n=2, name="t", project="orchard")
    workflow, *tasks = runs()
    assert (workflow.id, workflow.name, workflow.state, workflow.project) == (made.id, "t", State.FINISHED, "orchard")
    assert workflow.facts["run_kind"] == "workflow"
    assert (workflow.facts["inputs"], workflow.facts["outputs"]) == ({"n": 2}, {"o0": 1})
    assert workflow.facts["tasks"] == {"finished": 4}
    assert sorted(task.name for task in tasks) == ["branch", "branch", "leaf", "leaf"]
    assert all(task.parent == made.id and task.facts["run_kind"] == "task" for task in tasks)
    assert all(task.state is State.FINISHED and task.ended_at and task.started_at for task in tasks)
    calls = edges(hx_home)
    branches = {task.id for task in tasks if task.name == "branch"}
    leaves = {task.id for task in tasks if task.name == "leaf"}
    assert {(up, down) for kind, up, down in calls if up == made.id} == {(made.id, down) for down in branches}
    assert {down for _, up, down in calls if up in branches} == leaves


def edges(hx_home: Any) -> set[tuple[str, Any, Any]]:
    import sqlalchemy as sa

    with hx_home.host.store.engine.connect() as connection:
        rows = connection.execute(
            sa.text(
                "SELECT type, u.id, d.id FROM edge JOIN entity u ON u.key = upstream JOIN entity d ON d.key = downstream"
            )
        ).fetchall()
    from uuid import UUID

    return {(row[0], UUID(row[1]), UUID(row[2])) for row in rows}


def test_what_a_task_touches_is_joined_to_the_task(hx_home: Any) -> None:
    with hx_home.host.store.write("me") as graph:
        dataset = graph.create(Kind.DATASET, "flights")
    run_workflow(touching, dataset=dataset.ref, name="t")
    (task,) = [run for run in runs() if run.name == "touch"]
    assert (EdgeType.CONSUMED, dataset.id, task.id) in edges(hx_home)
    assert runs()[0].facts["outputs"] == {"o0": task.id.hex}


@pytest.mark.usefixtures("hx_home")
def test_a_failure_is_told_with_its_words() -> None:
    failing.set()
    with pytest.raises(TaskFailedError):
        run_workflow(tree, n=3, name="t")
    workflow, *_ = runs()
    assert workflow.state is State.FAILED
    assert workflow.facts["error"] == "task 'outbox.leaf' failed: ValueError: leaf 2 fell"
    assert "raise ValueError(message)" in workflow.facts["traceback"]
    failing.clear()
    assert run_workflow(tree, n=3, name="t").outputs == 5
    workflow, *tasks = runs()
    assert (workflow.state, workflow.facts["passes"], "error" in workflow.facts) == (State.FINISHED, 2, False)
    assert len(tasks) == 6
    assert {task.state for task in tasks} == {State.FINISHED}


@pytest.mark.usefixtures("hx_home")
def test_a_crash_before_or_after_delivery_leaves_what_one_delivery_leaves(journal: Journal) -> None:
    engine.execute(journal, tree, {"n": 3}, name="t")

    class CrashError(Exception):
        pass

    def die_before(facts: Sequence[Fact]) -> None:
        raise CrashError

    def die_after(facts: Sequence[Fact]) -> None:
        tell_graph(facts)
        raise CrashError

    with pytest.raises(CrashError):
        journal.drain(die_before)
    with pytest.raises(CrashError):
        journal.drain(die_after)
    once = snapshot()
    assert len(once[0]) == 7
    assert journal.drain(tell_graph, batch=3) == 8
    assert snapshot() == once
    assert journal.drain(tell_graph) == 0


KILLED = """
import os, signal, sys
sys.path.insert(0, {programs!r})
import steady
from hendrix.session import connect, client
from hendrix.workflows import engine
from hendrix.workflows.journal import FIRST, Journal
from hendrix.workflows.operations import tell
from hendrix.workflows.records import Tell
from pathlib import Path
connect(home={home!r})
journal = Journal(Path({home!r}) / "journal.db")
engine.execute(journal, steady.main, {{"count": 10}}, name="k")
def deliver(facts):
    client().call(tell, Tell(facts=tuple(facts)))
    os.kill(os.getpid(), signal.SIGKILL)
journal.drain(deliver, batch=4)
"""


def test_a_kill_between_delivery_and_its_note_changes_nothing(home: Path) -> None:
    programs = str(Path(__file__).parent / "programs")
    home.mkdir()
    code = KILLED.format(programs=programs, home=str(home))
    died = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert died.returncode == -signal.SIGKILL, died.stderr
    before = len(runs())
    assert 0 < before < 13
    journal = Journal(home / "journal.db")
    journal.drain(tell_graph, batch=4)
    told = snapshot()
    assert len(told[0]) == 13
    assert journal.undelivered() == []
    journal.close()


def test_a_sign_of_life_brings_back_what_was_taken_for_lost(hx_home: Any, journal: Journal) -> None:
    engine.execute(journal, tree, {"n": 1}, name="t")
    facts = journal.undelivered()
    alive = [
        replace(
            fact,
            sequence=0,
            run=replace(fact.run, state=State.RUNNING, ended_at=None),
            action=fact.action and replace(fact.action, state=State.RUNNING, ended_at=None),
        )
        for fact in facts
    ]
    tell_graph(alive)
    with hx_home.host.store.write("me") as graph:
        for run in graph.list(kind=Kind.RUN).items:
            graph.update(run, state=State.LOST)
    tell_graph(alive)
    assert {run.state for run in runs()} == {State.RUNNING}
    tell_graph(facts)
    assert {run.state for run in runs()} == {State.FINISHED}


@pytest.mark.usefixtures("hx_home")
def test_an_older_fact_does_not_undo_a_newer_one(journal: Journal) -> None:
    engine.execute(journal, tree, {"n": 1}, name="t")
    old = journal.undelivered()
    with journal.transaction() as database:
        database.execute("UPDATE run SET state = 'failed'")
        journal.mark(database, "default", str(old[0].run.id))
    tell_graph(journal.undelivered())
    newest = snapshot()
    tell_graph(old)
    assert snapshot() == newest
    assert runs()[0].state is State.FAILED


def test_facts_travel_as_json(journal: Journal) -> None:
    engine.execute(journal, tree, {"n": 2}, name="t")
    sent = Tell(facts=tuple(journal.undelivered()))
    assert len(sent.facts) == 6
    assert msgspec.json.decode(msgspec.json.encode(sent), type=Tell) == sent


@env.task
async def wide(n: int) -> int:
    return sum(await asyncio.gather(*[leaf(x) for x in range(n)]))


def test_a_wide_fan_is_counted_and_its_first_tasks_told(hx_home: Any) -> None:
    made = run_workflow(wide, n=200, name="wide")
    assert len(made.actions()) == 201
    workflow, *tasks = runs()
    assert workflow.facts["tasks"] == {"finished": 200}
    assert len(tasks) == FIRST
    assert hx_home.home.journal.exists()


@pytest.mark.usefixtures("hx_home")
def test_the_journal_can_be_asked() -> None:
    made = run_workflow(tree, n=1, name="t")
    here = client()
    assert [run.id for run in here.call(list_workflows, Workflows())] == [made.id]
    assert here.call(show, Which(run="t")).tasks == {"finished": 2}
    listed = here.call(actions, Actions(run=made.id.hex))
    assert [action.task for action in listed] == ["outbox.tree", "outbox.branch", "outbox.leaf"]
    assert [action.inputs for action in listed] == [{"n": 1}, {"x": 0}, {"x": 0}]
    assert here.call(actions, Actions(run="t", start=2)) == listed[2:]


@pytest.mark.usefixtures("hx_home")
def test_a_run_shows_itself() -> None:
    made = run_workflow(tree, n=1, name="t<1>")
    assert repr(made) == "<workflow run 't<1>' of outbox.tree: finished (2 finished)>"
    assert "t&lt;1&gt;" in made._repr_html_()
    assert "2 finished" in made._repr_html_()
    assert [node.name for node in made.lineage().downstream()] == ["branch", "leaf"]
    assert made.ref == f"hx://default/run/{made.id.hex}"


def by_a_helper() -> Any:
    return touched()


def touched() -> Any:
    return client()


def plain(x: int) -> list[int]:
    import json

    return sorted(json.loads(str(x)) for _ in range(3))


def by_import() -> Any:
    import hendrix

    return hendrix


def test_code_that_can_reach_the_verbs_is_told_apart() -> None:
    assert not reaches_hendrix(plain)
    assert not reaches_hendrix(leaf.func)
    assert reaches_hendrix(by_import)
    assert reaches_hendrix(touch.func)
    assert reaches_hendrix(by_a_helper)
    assert reaches_hendrix(touching.func)


@env.task
def told(x: int) -> str:
    assert current_run() is not None
    return client().call(show_entity, Show(ref=current_run().hex)).facts["task"] + str(x)  # type: ignore[union-attr]


@pytest.mark.usefixtures("either")
def test_the_graph_may_be_a_server(unique: str) -> None:
    made = run_workflow(told, x=1, name=unique, project=unique)
    assert made.outputs == "outbox.told1"
    (workflow,) = runs(project=unique)
    assert (workflow.id, workflow.state, workflow.facts["outputs"]) == (made.id, State.FINISHED, {"o0": "outbox.told1"})
