"""Running a workflow: a plain Flyte 2 task, in this process, so that a kill costs only what was under way."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import logging
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hendrix.compute import stop_called_by
from hendrix.entities import DEFAULT_NAMESPACE, ConflictError, InvalidInputError, State, new_id
from hendrix.lazy import require
from hendrix.session import heed_interrupts
from hendrix.workflows.errors import TaskFailedError, kept_tasks
from hendrix.workflows.lease import Lease, Request, acquire
from hendrix.workflows.records import ROOT, TaskError

if TYPE_CHECKING:
    import concurrent.futures
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping

    from flyte._task import TaskTemplate

    from hendrix.workflows.journal import Entry, Journal
    from hendrix.workflows.live import LiveRun
    from hendrix.workflows.records import Action

PATIENCE = 5.0
"""Seconds that an ended run waits for the tasks that are still under way to notice."""


class Following:
    """What goes along with a run: nothing, unless a subclass says otherwise."""

    @contextlib.asynccontextmanager
    async def around(self, task: TaskTemplate[Any, Any, Any], entry: Entry) -> AsyncIterator[None]:  # noqa: ARG002
        """Surround a task's body."""
        yield

    def end(self) -> None:
        """Hear that the run has ended, or that this process has let go of it."""


def execute(
    journal: Journal,
    task: TaskTemplate[Any, Any, Any],
    inputs: Mapping[str, Any],
    *,
    name: str | None = None,
    project: str | None = None,
    namespace: str = DEFAULT_NAMESPACE,
    following: Callable[[Lease], Following] = lambda _: Following(),
) -> tuple[str, Any]:
    """Run a workflow, or go on with one; answer the run's id and what the task returned.

    Parameters
    ----------
    journal
        Where the run is recorded.
    task
        The root: what `@env.task` of a `flyte.TaskEnvironment` made.
    inputs
        Its inputs by name.
    name
        The run's name. One that exists is gone on with: what it finished is not run again.
    following
        Makes what goes along with the run once this process holds it.

    Raises
    ------
    InvalidInputError
        When `task` is no Flyte task, or can't take the inputs.
    ConflictError
        When a live process runs this name, or it belongs to another task or other inputs.
    TaskFailedError
        When a task failed and its parents did not catch it.
    """
    require("flyte", "workflows")
    from hendrix.workflows import controller, seam
    from hendrix.workflows.live import LiveRun

    _check(task, inputs)
    request = Request(
        namespace=namespace,
        name=name or f"{task.short_name}-{new_id().hex[-8:]}",
        project=project,
        task=task.name,
        program=_program(task),
        flyte=_version(),
    )
    lease = acquire(journal, request)
    along = Following()
    try:
        along = following(lease)
        run = LiveRun(journal, lease, along.around)
    except BaseException:
        if not lease.give_back():
            lease.release(State.STOPPED)
        along.end()
        raise
    lease.keep(lambda: run.close(f"another process took the workflow run {request.name!r} over"))
    controller.attach(run)
    try:
        with _quiet(seam.logger):
            started = seam.local_run(task, inputs, run=run.id, data=_data_folder(journal, run.id))
            _wait(asyncio.run_coroutine_threadsafe(_awaited(started), controller.loop()))
        _wind_down(run, "this workflow run has ended")
    except KeyboardInterrupt:
        stop_called_by(known.id for known in _all_actions(journal, str(run.id)))
        _wind_down(run, "this workflow run was stopped")
        lease.release(State.STOPPED)
        message = (
            f"stopped the workflow run {request.name!r}: {kept_tasks(run.finished())}; "
            f"run it again with name={request.name!r} to go on"
        )
        raise KeyboardInterrupt(message) from None
    except BaseException as error:
        _wind_down(run, "this workflow run has ended")
        failure = run.failure
        if failure is None:
            # Refused before anything ran. A new run stays, as one that failed: somebody asked for it.
            reason = TaskError(task=task.name, action=ROOT, type=type(error).__name__, message=str(error))
            if not lease.give_back():
                lease.release(State.FAILED, reason)
            raise
        lease.release(State.FAILED, failure.error)
        kept = run.finished()
        raised = TaskFailedError.of(failure.error, run=run.id, name=request.name, kept=kept)
        raise raised from failure.exception
    else:
        if run.executed or not lease.give_back():
            lease.release(State.FINISHED)
    finally:
        controller.detach(run)
        along.end()
    return run.id, run.result


async def _awaited(awaitable: Any) -> Any:
    return await awaitable


def _wait(future: concurrent.futures.Future[Any]) -> None:
    heed_interrupts()
    try:
        future.result()
    except KeyboardInterrupt:
        future.cancel()
        raise


def _all_actions(journal: Journal, run: str) -> Iterator[Action]:
    offset = 0
    while page := journal.actions(run, offset=offset):
        yield from page
        offset += len(page)


def _wind_down(run: LiveRun, why: str) -> None:
    run.cancel(PATIENCE)
    run.close(why)


def _check(task: Any, inputs: Mapping[str, Any]) -> None:
    from hendrix.workflows import live, seam

    if not isinstance(task, seam.TaskTemplate):
        message = f"{task!r} is no Flyte task"
        raise InvalidInputError(message, hint="Decorate it with @env.task of a flyte.TaskEnvironment.")
    known = task.native_interface.inputs
    takes = f"Its inputs are {live.signature(task)}."
    for name in inputs:
        if name not in known:
            message = f"{task.name!r} has no input {name!r}"
            raise InvalidInputError(message, hint=takes)
    for name in task.native_interface.required_inputs():
        if name not in inputs:
            message = f"{task.name!r} needs its input {name!r}"
            raise InvalidInputError(message, hint=takes)
    if seam.in_background_loop():
        message = "a workflow can't be run from inside an async task"
        raise ConflictError(message, hint="Await the task itself: it becomes a part of this run.")


def _program(task: TaskTemplate[Any, Any, Any]) -> str:
    func = getattr(task, "func", None)
    try:
        return str(Path(inspect.getsourcefile(func) or "").resolve()) if func else ""
    except TypeError:
        return ""


def _version() -> str:
    import flyte

    return flyte.version()


def _data_folder(journal: Journal, run: str) -> str:
    return str(journal.path.parent / "workflow-data" / run)


class _Silence(logging.Filter):
    """Drops what a logger says while any run asks for quiet. A level would be set again when flyte starts up."""

    def __init__(self) -> None:
        super().__init__()
        self.depth = 0
        self.lock = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002 - whatever it says
        return self.depth == 0


_SILENCE = _Silence()


@contextlib.contextmanager
def _quiet(logger: logging.Logger) -> Iterator[None]:
    """Keep flyte's own lines off the terminal: its failures come back as ours. `LOG_LEVEL` lets them out."""
    if "LOG_LEVEL" in os.environ:
        yield
        return
    logger.addFilter(_SILENCE)  # adding it twice adds it once
    with _SILENCE.lock:
        _SILENCE.depth += 1
    try:
        yield
    finally:
        with _SILENCE.lock:
            _SILENCE.depth -= 1
