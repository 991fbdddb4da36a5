"""One attempt at a call of a task, in this process, within its time."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from flyte.models import CheckpointPaths

from hendrix.workflows import seam
from hendrix.workflows.rows import now

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from flyte.models import TaskContext

    from hendrix.workflows.journal import Entry

    Around = Callable[["Task", Entry], AbstractAsyncContextManager[None]]

Task = seam.TaskTemplate[Any, Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call of a task: what is called with what, from where, and how it is recorded."""

    controller: seam.LocalController
    task: Task
    action: seam.ActionID
    inputs: seam.Inputs
    tctx: TaskContext
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How an attempt ended: with outputs, or with an error and what the body raised."""

    outputs: seam.Outputs | None = None
    error: seam.convert.Error | None = None
    raised: BaseException | None = None


class Body:
    """A task that flyte's runner takes for the task itself; it keeps the exception that the body raises."""

    def __init__(self, task: Task, entry: Entry, around: Around) -> None:
        self._task = task
        self._entry = entry
        self._around = around
        self.raised: BaseException | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._task, name)

    async def execute(self, **inputs: Any) -> Any:
        """Run the body."""
        self._entry.started, self._entry.ended = now(), None
        try:
            async with self._around(self._task, self._entry):
                outputs = await self._task.execute(**inputs)
        except Exception as error:
            self.raised = error
            raise
        except (SystemExit, KeyboardInterrupt) as error:
            # Either would end the event loop's thread, and everybody would wait for ever.
            self.raised = error
            message = f"the task ended with {type(error).__name__}({error})"
            raise RuntimeError(message) from error
        else:
            self._entry.ended = now()
            return outputs


async def attempt(call: Call, around: Around, *, limit: float | None, left: float | None) -> Outcome:
    """Run a task's body once.

    An async body is ended when its time is up. A plain function can't be interrupted, and to leave it behind
    would let two attempts run side by side: it is waited for, and its late result is not taken.

    Parameters
    ----------
    limit
        Seconds that an attempt may take.
    left
        Seconds that are left to all attempts together.
    """
    task = call.task
    bound = min((value for value in (limit, left) if value is not None), default=None)
    body = Body(task, call.entry, around)
    if bound is None:
        outputs, error = await _run(call, body)
        return Outcome(outputs=outputs, error=error, raised=body.raised)
    code = seam.TIMED_OUT if left is None or (limit is not None and limit <= left) else seam.PAST_DEADLINE
    late = Outcome(error=seam.timed_out(code, f"{task.name} ran for more than {bound:g} s"))
    if bound <= 0:
        return late
    begun = time.monotonic()
    try:
        async with asyncio.timeout(None if seam.runs_in_a_thread(task) else bound):
            outputs, error = await _run(call, body)
    except TimeoutError:
        return late
    if time.monotonic() - begun > bound:
        return late
    return Outcome(outputs=outputs, error=error, raised=body.raised)


async def _run(call: Call, body: Body) -> tuple[seam.Outputs | None, seam.convert.Error | None]:
    tctx, entry = call.tctx, call.entry
    folder = f"{tctx.raw_data_path.path.rstrip('/')}/{entry.name}"
    checkpoints = CheckpointPaths(f"{folder}/prev_checkpoint", f"{folder}/checkpoint")
    if entry.attempts > 1:
        seam.stage_checkpoint(checkpoints)
    return await seam.contextual_run(
        seam.convert_and_run,
        task=cast("Task", body),
        inputs=call.inputs,
        controller=call.controller,
        action=call.action,
        raw_data_path=tctx.raw_data_path,
        checkpoint_paths=checkpoints,
        code_bundle=None,
        version=tctx.version,
        output_path=f"{tctx.run_base_dir}/{entry.name}",
        run_base_dir=tctx.run_base_dir,
        run_start_time=tctx.run_start_time,
    )
