"""Plain Flyte 2 programs do under the durable controller what they do anywhere, and all of it is recorded."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import flyte
import flyte.durable
import flyte.errors
import pytest
from flyte.io import DataFrame, File
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from hendrix.entities import InvalidInputError, State
from hendrix.workflows import TaskFailedError, engine
from hendrix.workflows.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

env = flyte.TaskEnvironment(name="execution")
calls: list[str] = []
barrier = threading.Barrier(4)


@pytest.fixture(autouse=True)
def _forget() -> None:
    calls.clear()
    barrier.reset()


@env.task
async def add(x: int, y: int = 1) -> int:
    calls.append(f"add {x} {y}")
    return x + y


@env.task
def double(x: int) -> int:
    calls.append(f"double {x}")
    return 2 * x


@env.task
async def chain(n: int) -> int:
    value = 0
    for _ in range(n):
        value = await add(value)
    return value


@env.task
def sync_chain(n: int) -> int:
    value = 1
    for _ in range(n):
        value = double(value)
    return value


@env.task
async def gather(n: int) -> list[int]:
    return await asyncio.gather(*[add(x) for x in range(n)])


def test_a_chain_is_run_and_recorded(run: Callable[..., Any], journal: Journal) -> None:
    assert run(chain, n=3) == 3
    root, *steps = journal.actions(str(journal.run("default", "test").id))
    assert (root.name, root.parent, root.inputs, root.outputs) == ("a0", None, {"n": 3}, {"o0": 3})
    assert [(step.task, step.parent, step.inputs, step.outputs) for step in steps] == [
        ("execution.add", "a0", {"x": x, "y": 1}, {"o0": x + 1}) for x in range(3)
    ]
    assert all(step.state is State.FINISHED and step.attempts == 1 for step in steps)
    assert all(step.started_at <= step.ended_at for step in steps)  # type: ignore[operator]


def test_plain_functions_call_each_other(run: Callable[..., Any]) -> None:
    assert run(sync_chain, n=5) == 32


@env.task
def with_a_loop_of_its_own(n: int) -> list[int]:
    async def all_of_them() -> list[int]:
        return await asyncio.gather(*[add(x) for x in range(n)])

    return asyncio.run(all_of_them())


def test_a_plain_function_may_run_async_tasks_on_its_own_loop(run: Callable[..., Any], journal: Journal) -> None:
    assert run(with_a_loop_of_its_own, n=5) == [1, 2, 3, 4, 5]
    assert journal.run("default", "test").tasks == {"finished": 5}


def test_a_gather_keeps_its_order(run: Callable[..., Any]) -> None:
    assert run(gather, n=30) == list(range(1, 31))


@env.task
def meet(x: int) -> int:
    barrier.wait(timeout=20)
    return x


@env.task
def map_sync(n: int) -> list[int]:
    return list(flyte.map(meet, range(n)))


@env.task
async def map_async(n: int) -> list[int]:
    return [value async for value in flyte.map.aio(meet, range(n), concurrency=4, group_name="met")]


@pytest.mark.parametrize("task", [map_sync, map_async])
def test_a_map_runs_in_parallel_and_keeps_its_order(run: Callable[..., Any], task: Any) -> None:
    # Four bodies wait for each other: one after the other, they would never go on.
    assert run(task, n=4) == [0, 1, 2, 3]


def test_a_group_is_recorded(run: Callable[..., Any], journal: Journal) -> None:
    run(map_async, n=4)
    groups = {action.group for action in journal.actions(str(journal.run("default", "test").id))[1:]}
    assert groups == {"execution.meet_met"}


@env.task
def meet_twice(x: int) -> list[int]:
    return list(flyte.map(meet, [x, x + 1]))


def test_two_runs_in_one_process_do_not_disturb_each_other(run: Callable[..., Any], journal: Journal) -> None:
    # Two bodies of either run wait for those of the other.
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda x: run(meet_twice, name=f"run {x}", x=x), [1, 5]))
    assert results == [[1, 2], [5, 6]]
    assert {record.name: record.tasks for record in journal.runs("default")} == {
        "run 1": {"finished": 2},
        "run 5": {"finished": 2},
    }


@env.task
def odd_fails(x: int) -> int:
    if x % 2:
        message = f"{x} is odd"
        raise ValueError(message)
    return x


@env.task
def map_failing(n: int) -> list[str]:
    return [str(value) for value in flyte.map(odd_fails, range(n))]


def test_a_map_gives_errors_as_values(run: Callable[..., Any]) -> None:
    assert run(map_failing, n=3) == ["0", "1 is odd", "2"]


@env.task(retries=2)
async def third_time() -> int:
    calls.append("try")
    if len(calls) < 3:
        message = "not yet"
        raise ConnectionError(message)
    return len(calls)


@env.task(retries=flyte.RetryStrategy(count=3, backoff=flyte.Backoff(base=timedelta(0))))
async def never() -> int:
    calls.append("try")
    if len(calls) == 2:
        message = "it is of no use"
        raise flyte.errors.NonRecoverableError(message)
    message = "try again"
    raise ConnectionError(message)


def test_retries_are_made_and_counted(run: Callable[..., Any], journal: Journal) -> None:
    assert run(third_time) == 3
    assert journal.actions(str(journal.run("default", "test").id))[0].attempts == 3


def test_an_error_that_is_final_is_not_tried_again(run: Callable[..., Any]) -> None:
    with pytest.raises(TaskFailedError, match="it is of no use"):
        run(never)
    assert len(calls) == 2


class LedgerError(RuntimeError):
    """An error of the user's own."""


@env.task
async def book(account: str) -> str:
    message = f"account {account!r} is closed"
    raise LedgerError(message)


@env.task
def book_plainly(account: str) -> str:
    return f"{account}: {book_it(account)}"


def book_it(account: str) -> int:
    return int(account)


@env.task
async def bookings(account: str) -> str:
    await add(1)
    return await book(account)


@env.task
def plain_bookings(account: str) -> str:
    return book_plainly(account)


def test_a_failure_names_the_task_and_the_error(run: Callable[..., Any], journal: Journal) -> None:
    with pytest.raises(TaskFailedError) as caught:
        run(bookings, account="x1")
    error = caught.value
    assert error.message == "task 'execution.book' failed: LedgerError: account 'x1' is closed"
    assert "hendrix workflow resume test" in error.hint
    assert "1 finished task is kept" in error.hint
    assert isinstance(error.__cause__, LedgerError)
    assert "raise LedgerError(message)" in error.details["traceback"]
    assert "site-packages/flyte" not in error.details["traceback"]
    record = journal.run("default", "test")
    assert record.state is State.FAILED
    assert record.error is not None
    assert record.error.task == "execution.book"


def test_a_failure_below_plain_functions_is_the_same(run: Callable[..., Any]) -> None:
    with pytest.raises(TaskFailedError, match=r"'execution\.book_plainly' failed: ValueError") as caught:
        run(plain_bookings, account="x1")
    assert isinstance(caught.value.__cause__, ValueError)
    assert "in book_it" in caught.value.details["traceback"]


@env.task
async def endless(x: int) -> int:
    calls.append("endless")
    try:
        await asyncio.Event().wait()
    finally:
        calls.append("ended")
    return x


@env.task
async def one_falls(account: str) -> list[object]:
    return await asyncio.gather(endless(1), book(account))


def test_what_runs_beside_a_failure_is_stopped(run: Callable[..., Any], journal: Journal) -> None:
    with pytest.raises(TaskFailedError):
        run(one_falls, account="x1")
    assert calls == ["endless", "ended"]
    states = {action.task: action.state for action in journal.actions(str(journal.run("default", "test").id))}
    assert states == {
        "execution.one_falls": State.FAILED,
        "execution.endless": State.STOPPED,
        "execution.book": State.FAILED,
    }


@env.task
async def careful(account: str) -> str:
    try:
        return await book(account)
    except flyte.errors.RuntimeUserError as error:
        return f"{error.code}: {error}"


def test_a_parent_sees_the_error_that_flyte_promises(run: Callable[..., Any]) -> None:
    assert run(careful, account="x1") == "LedgerError: account 'x1' is closed"


@env.task
def leaves() -> int:
    raise SystemExit(3)


def test_a_task_that_exits_fails_and_nothing_hangs(run: Callable[..., Any]) -> None:
    with pytest.raises(TaskFailedError, match=r"SystemExit"):
        run(leaves)


@env.task(timeout=timedelta(milliseconds=50))
async def slow() -> int:
    await asyncio.Event().wait()
    return 1


@env.task(timeout=timedelta(milliseconds=10))
def slow_plainly() -> int:
    calls.append("began")
    time.sleep(0.05)
    calls.append("ended")
    return 1


@env.task(timeout=flyte.Timeout(deadline=timedelta(milliseconds=50)), retries=1_000_000)
async def fails_for_ever() -> int:
    message = "again"
    raise ValueError(message)


def test_an_async_body_is_ended_at_its_timeout(run: Callable[..., Any]) -> None:
    with pytest.raises(TaskFailedError, match=r"MAX_RUNTIME_EXCEEDED: execution.slow ran for more than 0.05 s"):
        run(slow)


def test_a_plain_function_that_is_late_is_waited_for_and_not_taken(run: Callable[..., Any]) -> None:
    with pytest.raises(TaskFailedError, match="MAX_RUNTIME_EXCEEDED"):
        run(slow_plainly)
    assert calls == ["began", "ended"]


def test_a_deadline_ends_all_attempts(run: Callable[..., Any]) -> None:
    with pytest.raises(TaskFailedError, match="DEADLINE_EXCEEDED"):
        run(fails_for_ever)


@dataclass
class Point:
    x: int
    tags: dict[str, list[float]]


class Plan(BaseModel):
    day: datetime
    steps: list[str]


@env.task
async def shapes(  # noqa: PLR0917 - one of each kind
    text: str, number: float, point: Point, plan: Plan, table: dict[str, int], file: File
) -> tuple[Point, Plan, dict[str, int], str]:
    async with file.open("rb") as opened:
        content = bytes(await opened.read()).decode()
    return point, plan, table, f"{text}{number}{content}"


@env.task
async def frame(rows: int) -> DataFrame:
    import pandas as pd

    return DataFrame.from_df(pd.DataFrame({"a": list(range(rows))}))


@env.task
async def total(frame: DataFrame) -> int:
    import pandas as pd

    return int((await frame.open(pd.DataFrame).all())["a"].sum())


@env.task
async def values(path: str) -> int:
    point = Point(x=1, tags={"a": [0.5]})
    plan = Plan(day=datetime(2013, 6, 1), steps=["b"])  # noqa: DTZ001 - as a user might
    file = await File.from_local(path)
    back = await shapes("t", 0.5, point, plan, {"k": 2}, file)
    assert back == (point, plan, {"k": 2}, "t0.5hello")
    return await total(await frame(4))


def test_values_of_every_kind_pass_between_tasks(run: Callable[..., Any], journal: Journal, tmp_path: Path) -> None:
    path = tmp_path / "hello.txt"
    path.write_text("hello")
    assert run(values, path=str(path)) == 6
    shown = journal.actions(str(journal.run("default", "test").id))[1]
    assert shown.inputs["point"] == {"x": 1, "tags": {"a": [0.5]}}
    assert shown.inputs["plan"]["steps"] == ["b"]
    assert shown.outputs["o2"] == {"k": 2}
    assert shown.outputs["o3"] == "t0.5hello"


@flyte.trace
async def noted(x: int) -> int:
    calls.append(f"noted {x}")
    return x + 10


@flyte.trace
def noted_plainly(x: int) -> int:
    calls.append(f"plain {x}")
    return x + 20


@env.task
async def traced(fail: bool) -> float:  # noqa: FBT001 - an input of a task
    value = await noted(1) + await asyncio.to_thread(noted_plainly, 1)
    await flyte.durable.sleep.aio(0.001)
    moment = await flyte.durable.time.aio()
    if len([call for call in calls if call == "ran"]) == 0 and fail:
        calls.append("ran")
        message = "once"
        raise ValueError(message)
    return value + moment


def test_traces_are_recorded_and_replayed(run: Callable[..., Any], journal: Journal) -> None:
    with pytest.raises(TaskFailedError):
        run(traced, fail=True)
    actions = journal.actions(str(journal.run("default", "test").id))
    moments = [action.outputs["o0"] for action in actions if action.task == "durable_time"]
    assert run(traced, fail=True) == 32 + moments[0]
    assert calls.count("noted 1") == calls.count("plain 1") == 1
    assert {action.task for action in actions if action.kind == "trace"} >= {
        "noted",
        "noted_plainly",
        "durable_time",
    }


@settings(max_examples=15, deadline=None)
@given(tree=st.recursive(st.integers(-5, 5), lambda inner: st.lists(inner, min_size=1, max_size=4), max_leaves=12))
def test_any_tree_of_calls_sums_to_what_plain_python_says(tmp_path_factory: pytest.TempPathFactory, tree: Any) -> None:
    journal = Journal(tmp_path_factory.mktemp("journal") / "journal.db")
    _, result = engine.execute(journal, sum_tree, {"tree": {"value": tree}}, name="tree")
    assert result == plain_sum(tree)
    before = len(calls)
    assert engine.execute(journal, sum_tree, {"tree": {"value": tree}}, name="tree")[1] == result
    assert len(calls) == before
    journal.close()


@env.task
async def sum_tree(tree: dict[str, Any]) -> int:
    calls.append("sum")
    value = tree["value"]
    if isinstance(value, list):
        return sum(await asyncio.gather(*[sum_tree({"value": inner}) for inner in value]))
    return int(value)


def plain_sum(tree: Any) -> int:
    return sum(plain_sum(inner) for inner in tree) if isinstance(tree, list) else int(tree)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({}, "needs its input 'n'"),
        ({"n": 1, "m": 2}, "has no input 'm'"),
        ({"n": "three"}, "can't take these inputs"),
    ],
)
def test_wrong_inputs_are_refused_before_anything_runs(
    run: Callable[..., Any], inputs: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidInputError, match=message) as caught:
        run(chain, **inputs)
    assert caught.value.hint == "Its inputs are n: int."
    assert calls == []


def test_what_is_no_task_is_refused(run: Callable[..., Any]) -> None:
    with pytest.raises(InvalidInputError, match="is no Flyte task"):
        run(print)


def test_a_run_of_flytes_own_stays_as_it_is(run: Callable[..., Any], journal: Journal) -> None:
    run(chain, n=1)
    assert flyte.with_runcontext(mode="local").run(chain, n=3).outputs()[0] == 3
    assert len(journal.runs("default")) == 1


def test_nothing_of_flytes_is_printed(run: Callable[..., Any], capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(TaskFailedError):
        run(bookings, account="x1")
    captured = capfd.readouterr()
    assert captured.out + captured.err == ""
