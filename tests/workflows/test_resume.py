"""What finished is not run again: after an error, an edit, a kill, a Ctrl-C; and two never run one name."""

from __future__ import annotations

import collections
import importlib.util
import os
import signal
import sys
from typing import TYPE_CHECKING, Any

import flyte
import pytest
import steady

from hendrix.entities import ConflictError, NotFoundError, State
from hendrix.workflows import TaskFailedError, get, resume
from hendrix.workflows import run as run_workflow
from hendrix.workflows.journal import Journal

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

env = flyte.TaskEnvironment(name="resume")
calls: list[str] = []
broken: list[int] = []


@pytest.fixture(autouse=True)
def _forget() -> None:
    calls.clear()
    broken.clear()


@env.task
async def step(x: int) -> int:
    calls.append(f"step {x}")
    if x in broken:
        message = f"step {x} is broken"
        raise ValueError(message)
    return x + 1


@env.task
async def stairs(n: int) -> int:
    calls.append("stairs")
    value = 0
    for _ in range(n):
        value = await step(value)
    return value


def test_a_failed_run_goes_on_where_it_failed(run: Callable[..., Any], journal: Journal) -> None:
    broken.append(2)
    with pytest.raises(TaskFailedError, match="step 2 is broken"):
        run(stairs, n=4)
    assert calls == ["stairs", "step 0", "step 1", "step 2"]
    calls.clear()
    broken.clear()
    assert run(stairs, n=4) == 4
    assert calls == ["stairs", "step 2", "step 3"]
    record = journal.run("default", "test")
    assert (record.state, record.passes, record.error, record.tasks) == (
        State.FINISHED,
        2,
        None,
        {"finished": 4},
    )
    assert [action.attempts for action in journal.actions(str(record.id))] == [2, 1, 1, 2, 1]


def test_a_finished_run_answers_without_running(run: Callable[..., Any], journal: Journal) -> None:
    assert run(stairs, n=2) == 2
    before = journal.run("default", "test")
    calls.clear()
    assert run(stairs, n=2) == 2
    assert calls == []
    after = journal.run("default", "test")
    assert (after.passes, after.ended_at) == (before.passes, before.ended_at)


def test_another_name_runs_anew(run: Callable[..., Any]) -> None:
    run(stairs, n=2)
    calls.clear()
    run(stairs, n=2, name="other")
    assert calls == ["stairs", "step 0", "step 1"]


PROGRAM = """
import asyncio
import flyte
env = flyte.TaskEnvironment(name="edited")
calls = []

@env.task
async def one(x: int) -> int:
    calls.append("one")
    return x + {plus}  # {comment}

@env.task
async def two(x: int) -> int:
    calls.append("two")
    return x * 10

@env.task
async def inner(x: int) -> int:
    calls.append("inner")
    return await one(x)

@env.task
async def main(x: int) -> int:
    calls.append("main")
    {extra}
    value, other = await asyncio.gather(inner(x), two(x))
    return value + other
"""


@pytest.fixture
def program(tmp_path: Path) -> Callable[..., Any]:
    """Write a form of the program and load it, as a person does who edits a file and runs it again."""

    def load(plus: int = 1, comment: str = "", extra: str = "pass") -> Any:
        path = tmp_path / f"edited_{len(list(tmp_path.glob('edited_*')))}.py"
        path.write_text(PROGRAM.format(plus=plus, comment=comment, extra=extra))
        specification = importlib.util.spec_from_file_location(path.stem, path)
        assert specification is not None
        assert specification.loader is not None
        module = importlib.util.module_from_spec(specification)
        sys.modules[path.stem] = module
        specification.loader.exec_module(module)
        return module

    return load


def test_an_edited_body_runs_again_with_those_above_it_alone(run: Callable[..., Any], program: Any) -> None:
    first = program(plus=1)
    assert run(first.main, x=1) == 12
    assert sorted(first.calls) == ["inner", "main", "one", "two"]
    second = program(plus=2)
    assert run(second.main, x=1) == 13
    assert second.calls == ["main", "inner", "one"]
    third = program(plus=2)
    assert run(third.main, x=1) == 13
    assert third.calls == []


def test_an_edited_root_finds_what_finished_below_it(run: Callable[..., Any], program: Any) -> None:
    run(program().main, x=1)
    edited = program(extra="x = x + 0")
    assert run(edited.main, x=1) == 12
    assert edited.calls == ["main"]


def test_comments_are_no_edits(run: Callable[..., Any], program: Any) -> None:
    run(program(comment="as it was").main, x=1)
    commented = program(comment="said better")
    assert run(commented.main, x=1) == 12
    assert commented.calls == []


def test_what_an_edit_left_behind_is_marked(run: Callable[..., Any], program: Any, journal: Journal) -> None:
    run(program(plus=1).main, x=1)
    run(program(plus=2).main, x=1)
    actions = journal.actions(str(journal.run("default", "test").id))
    assert [(action.outputs["o0"], action.superseded) for action in actions if action.task == "edited.one"] == [
        (2, True),
        (3, False),
    ]
    again = program(plus=1)
    assert run(again.main, x=1) == 12
    assert again.calls == ["main", "inner"]
    actions = journal.actions(str(journal.run("default", "test").id))
    assert [action.superseded for action in actions if action.task == "edited.one"] == [False, True]


def test_other_inputs_under_the_same_name_are_refused(run: Callable[..., Any], journal: Journal) -> None:
    run(stairs, n=1)
    with pytest.raises(ConflictError, match="begun with other inputs"):
        run(stairs, n=2)
    assert journal.run("default", "test").state is State.FINISHED
    with pytest.raises(ConflictError, match=r"belongs to task 'resume\.stairs'"):
        run(step, x=1)
    assert run(stairs, n=1) == 1


def effects(text: str) -> collections.Counter[str]:
    return collections.Counter(line for line in text.splitlines() if line.startswith(("square", "add")))


@pytest.mark.parametrize("after", [1, 7, 23])
def test_a_killed_run_goes_on_and_no_finished_body_runs_twice(
    start: Callable[..., subprocess.Popen[str]], home: Path, after: int
) -> None:
    ran: collections.Counter[str] = collections.Counter()
    recorded: set[str] = set()
    process = start("main", "kill", "count=30")
    assert process.stdout is not None
    for _ in range(after):
        ran += effects(process.stdout.readline())
    os.kill(process.pid, signal.SIGKILL)
    ran += effects(process.stdout.read())
    process.wait()
    assert get("kill").status is State.LOST
    journal = Journal(home / "journal.db")
    for action in journal.actions(str(get("kill").id)):
        if action.state is State.FINISHED and action.task in {"steady.square", "steady.add"}:
            recorded.add(" ".join([action.task.removeprefix("steady."), *map(str, action.inputs.values())]))
    journal.close()
    second = start("main", "kill", "count=30")
    output, errors = second.communicate()
    assert f"outputs {sum(x * x for x in range(30))}" in output, errors
    again = effects(output)
    assert recorded & set(again) == set()
    assert set(ran + again) >= {f"square {x}" for x in range(30)}
    assert all(count == 1 for body, count in (ran + again).items() if body in recorded)


def test_a_dead_run_is_shown_as_lost_and_resumed_by_its_name_alone(
    start: Callable[..., subprocess.Popen[str]], home: Path
) -> None:
    process = start("main", "dead", "count=10")
    assert process.stdout is not None
    process.stdout.readline()
    process.kill()
    process.communicate()
    assert get("dead").status is State.LOST
    resumed = resume("dead")
    assert (resumed.outputs, resumed.status) == (285, State.FINISHED)
    assert home.exists()


def test_a_name_that_a_live_process_runs_is_refused(start: Callable[..., subprocess.Popen[str]], home: Path) -> None:
    process = start("wait", "taken")
    assert process.stdout is not None
    assert process.stdout.readline() == "waiting\n"
    with pytest.raises(ConflictError, match=f"is being run by process {process.pid} on") as caught:
        run_workflow(steady.wait, name="taken")
    assert "another name" in caught.value.hint
    assert home.exists()
    output, errors = process.communicate("said\n")
    assert "outputs said" in output, errors
    assert run_workflow(steady.wait, name="taken").outputs == "said"


def test_a_dead_holder_is_not_taken_for_a_later_process_of_its_number(
    run: Callable[..., Any], journal: Journal
) -> None:
    run(stairs, n=1)
    with journal.transaction() as database:
        database.execute("UPDATE run SET state = 'running', pid_started = 1")
    assert journal.run("default", "test").state is State.LOST
    assert run(stairs, n=1) == 1


def test_ctrl_c_stops_keeps_what_is_done_and_says_how_to_go_on(
    start: Callable[..., subprocess.Popen[str]], home: Path
) -> None:
    process = start("stuck", "stop", "x=3")
    assert process.stdout is not None
    assert process.stdin is not None
    assert [process.stdout.readline(), process.stdout.readline()] == ["square 3\n", "hanging\n"]
    process.stdin.write("hang\n")
    process.stdin.flush()
    os.kill(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode != 0
    assert "stopped the workflow run 'stop': 1 finished task is kept" in errors
    assert "name='stop'" in errors
    stopped = get("stop")
    assert stopped.status is State.STOPPED
    assert {action.task: action.state for action in stopped.actions()} == {
        "steady.stuck": State.STOPPED,
        "steady.square": State.FINISHED,
        "steady.hang": State.STOPPED,
    }
    output, errors = start("stuck", "stop", "x=3").communicate("go\n")
    assert output.splitlines() == ["hanging", "outputs 9"], errors
    assert home.exists()


def test_a_run_that_nobody_made_is_named(home: Path) -> None:
    with pytest.raises(NotFoundError, match="no workflow run is called 'nowhere'"):
        resume("nowhere")
    assert home.exists()
