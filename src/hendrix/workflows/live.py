"""A run while this process works on it: what is replayed, what is run, and what of it is recorded."""

from __future__ import annotations

import asyncio
import concurrent.futures
import itertools
import threading
import time
from typing import TYPE_CHECKING, Any

from hendrix.entities import ConflictError, InvalidInputError, State
from hendrix.workflows import seam
from hendrix.workflows.attempt import Call, attempt
from hendrix.workflows.failure import Failure, describe, mark
from hendrix.workflows.identity import Identities, name_call, name_root, same_inputs
from hendrix.workflows.journal import Entry, Known
from hendrix.workflows.records import ROOT
from hendrix.workflows.rows import now

if TYPE_CHECKING:
    from flyte.models import TaskContext

    from hendrix.workflows.attempt import Around, Task
    from hendrix.workflows.journal import Journal
    from hendrix.workflows.lease import Lease


class LiveRun:
    """The state of one run in this process. Its methods are called from several event loops and threads.

    Parameters
    ----------
    journal
        Where everything is recorded.
    lease
        The right to work on this run.
    around
        Makes the context in which a task's body runs.
    """

    def __init__(self, journal: Journal, lease: Lease, around: Around) -> None:
        self.id = lease.run
        self.namespace = lease.request.namespace
        self.name = lease.request.name
        self.executed = 0
        self.result: Any = None
        self.failure: Failure | None = None
        self._journal = journal
        self._around = around
        self._identities = Identities()
        self._known = journal.known(self.id)
        self._edited = self._above_edits()
        self._earlier: dict[str, set[str]] = {}
        for name, known in self._known.items():
            self._earlier.setdefault(known.parent or "", set()).add(name)
        self._flights: dict[str, concurrent.futures.Future[None]] = {}
        self._under_way: dict[str, tuple[asyncio.AbstractEventLoop, asyncio.Task[Any] | None]] = {}
        self._idle = threading.Event()
        self._idle.set()
        self._entries: dict[str, Entry] = {}
        self._lock = threading.Lock()
        self._positions = max((known.position for known in self._known.values()), default=-1)
        self._closed = ""

    # Calls of tasks

    async def submit(
        self, controller: seam.LocalController, task: Task, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Answer a call of a task: from the journal if it is recorded as finished, else by running it."""
        self._check_open()
        context = seam.internal_ctx()
        tctx = context.data.task_context
        assert tctx is not None  # noqa: S101 - the controller found this run by it
        is_root = tctx.action.name == tctx.action.run_name
        with seam.converting():
            try:
                inputs = await seam.convert.convert_from_native_to_inputs(task.native_interface, *args, **kwargs)
            except Exception as error:
                if not is_root:
                    raise
                message = f"{task.name!r} can't take these inputs: {error}"
                raise InvalidInputError(message, hint=f"Its inputs are {signature(task)}.") from None
        identity = self._identities.of(task)
        if is_root:
            action, ordinal, group = name_root(tctx), 1, None
            self._check_root(inputs)
        else:
            action, ordinal, group = name_call(tctx, identity, inputs, seam.ignored_inputs(task))
        outputs = await self._recorded(action.name, identity)
        if outputs is None:
            entry = self._entry(action, tctx, inputs, is_root=is_root)
            entry.task, entry.identity, entry.ordinal, entry.group = task.name, identity, ordinal, group
            outputs = await self._fly(
                Call(controller=controller, task=task, action=action, inputs=inputs, tctx=tctx, entry=entry)
            )
        value = None
        if task.native_interface.outputs:
            value = await seam.convert.convert_outputs_to_native(task.native_interface, outputs)
        if is_root:
            self.result = value
        return value

    async def _recorded(self, name: str, identity: str) -> seam.Outputs | None:
        # The same call may be under way still, from an attempt of its parent that failed meanwhile.
        while (flight := self._flights.get(name)) is not None:
            await asyncio.shield(asyncio.wrap_future(flight))
            self._check_open()
        known = self._known.get(name)
        if known is None or known.state != State.FINISHED or known.identity != identity or name in self._edited:
            return None
        self._called(name, known)
        return seam.parse_outputs(self._journal.values(self.id, name)[1])

    async def _fly(self, call: Call) -> seam.Outputs:
        entry = call.entry
        flight: concurrent.futures.Future[None] = concurrent.futures.Future()
        with self._lock:
            self._flights[entry.name] = flight
            self._under_way[entry.name] = (asyncio.get_running_loop(), asyncio.current_task())
            self._idle.clear()
            self._entries[entry.name] = entry
            self.executed += 1
        try:
            return await self._run(call)
        except asyncio.CancelledError:
            self._end(entry, State.STOPPED)
            raise
        finally:
            with self._lock:
                del self._flights[entry.name]
                del self._under_way[entry.name]
                if not self._flights:
                    self._idle.set()
                self._entries.pop(entry.name, None)
                self._known[entry.name] = _known(entry)
            flight.set_result(None)

    async def _run(self, call: Call) -> seam.Outputs:
        entry = call.entry
        entry.started = now()
        begun = time.monotonic()
        limit, deadline = seam.limits(call.task)
        again, delay = seam.retries(call.task)
        error: seam.convert.Error
        for number in itertools.count():
            self._check_open()
            entry.attempts += 1
            self._journal.put(entry)
            if entry.name == ROOT:
                await self._journal.settle()  # its inputs are what the run can be resumed with
            left = None if deadline is None else deadline - (time.monotonic() - begun)
            outcome = await attempt(call, self._around, limit=limit, left=left)
            if outcome.outputs is not None:
                entry.outputs = outcome.outputs.proto_outputs.SerializeToString()
                self._supersede(entry.name)
                await self._finish(entry)
                return outcome.outputs
            assert outcome.error is not None  # noqa: S101 - flyte answers one or the other
            error = outcome.error
            failure = describe(entry, error, outcome.raised)
            entry.error = failure.error
            if number == again or not error.recoverable:
                break
            await asyncio.sleep(delay(number))
        self._end(entry, State.FAILED)
        await self._journal.settle()
        if entry.name == ROOT:
            self.failure = failure
        exception = seam.native(error)
        mark(exception, failure)
        raise exception

    # Traces

    def open_trace(
        self, name: str, identity: str, inputs: seam.Inputs, tctx: TaskContext
    ) -> tuple[seam.ActionID, bytes | None]:
        """Name a traced call; give its recorded outputs if it is recorded as finished."""
        self._check_open()
        action, ordinal, group = name_call(tctx, identity, inputs, [])
        known = self._known.get(action.name)
        if known is not None and known.state == State.FINISHED:
            self._called(action.name, known)
            return action, self._journal.values(self.id, action.name)[1]
        entry = self._entry(action, tctx, inputs, is_root=False)
        entry.task, entry.identity, entry.ordinal, entry.group = name, identity, ordinal, group
        entry.kind, entry.started = "trace", now()
        entry.attempts += 1
        with self._lock:
            self._entries[action.name] = entry
        self._journal.put(entry)
        return action, None

    async def close_trace(self, name: str, outputs: bytes | None, raised: BaseException | None) -> None:
        """Record how a traced call ended."""
        with self._lock:
            entry = self._entries.pop(name, None)
        if entry is None:  # flyte runs a recorded call again if it answered None
            return
        entry.outputs = outputs
        if raised is not None:
            entry.error = describe(entry, seam.convert.convert_from_native_to_error(raised), raised).error
            self._end(entry, State.FAILED)
        else:
            await self._finish(entry)
        await self._journal.settle()
        self._known[name] = _known(entry)

    # The end

    def close(self, why: str) -> None:
        """Take no more calls and record nothing more, but what was under way as stopped."""
        with self._lock:
            left = list(self._entries.values())
            for entry in left:
                self._end(entry, State.STOPPED)
            self._closed = why
        self._journal.check()

    def cancel(self, patience: float) -> None:
        """End what is still under way, and wait so many seconds for it.

        A plain function can't be ended: it runs on in its thread, and its result is not taken.
        """
        with self._lock:
            under_way = list(self._under_way.values())
        for loop, task in under_way:
            if task is not None and not loop.is_closed():
                loop.call_soon_threadsafe(task.cancel)
        self._idle.wait(patience)

    def finished(self) -> int:
        """Count the tasks that are recorded as finished, without the root."""
        return sum(
            known.kind == "task" and known.state == State.FINISHED
            for name, known in self._known.items()
            if name != ROOT
        )

    def _entry(self, action: seam.ActionID, tctx: TaskContext, inputs: seam.Inputs, *, is_root: bool) -> Entry:
        known = self._known.get(action.name)
        if known is not None and (earlier := self._earlier.get(known.parent or "")) is not None:
            earlier.discard(action.name)
        return Entry(
            run=self.id,
            namespace=self.namespace,
            name=action.name,
            parent=None if is_root else (tctx.task_action or tctx.action).name,
            task="",
            kind="task",
            identity="",
            group=None,
            ordinal=1,
            position=self._place() if known is None else known.position,
            inputs=inputs.proto_inputs.SerializeToString(),
            attempts=0 if known is None else known.attempts,
        )

    def _called(self, name: str, known: Known) -> None:
        earlier = self._earlier.get(known.parent or "")
        if earlier is not None:
            earlier.discard(name)
        if known.superseded:
            self._journal.supersede(self.namespace, self.id, [name], superseded=False)

    def _supersede(self, parent: str) -> None:
        names = [name for name in self._earlier.pop(parent, ()) if not self._known[name].superseded]
        if names:
            self._journal.supersede(self.namespace, self.id, names)

    def _place(self) -> int:
        with self._lock:
            self._positions += 1
            return self._positions

    async def _finish(self, entry: Entry) -> None:
        entry.error = None
        self._end(entry, State.FINISHED)
        # Not before this is on disk does the caller see the result: what it builds on will not run again.
        await self._journal.settle()

    def _end(self, entry: Entry, state: State) -> None:
        if self._closed:
            return
        entry.state = state
        entry.ended = now() if entry.ended is None else entry.ended  # a body's own end, before its values are kept
        self._journal.put(entry)

    def _check_open(self) -> None:
        if self._closed:
            raise ConflictError(self._closed, hint=f"Run the workflow again with name={self.name!r}.")

    def _check_root(self, inputs: seam.Inputs) -> None:
        if ROOT in self._known and not same_inputs(self._journal.values(self.id, ROOT)[0], inputs):
            message = f"the workflow run {self.name!r} was begun with other inputs"
            raise ConflictError(message, hint="Run it with those, or give this run another name.", run=self.id)

    def _above_edits(self) -> set[str]:
        """Name the recorded actions below which a task's body was edited since: they must run again."""
        current = seam.loaded_tasks()
        above: set[str] = set()
        for known in self._known.values():
            task = current.get(known.task) if known.kind == "task" else None
            if task is None or known.superseded or self._identities.of(task) == known.identity:
                continue
            parent = known.parent
            while parent is not None and parent not in above:
                above.add(parent)
                parent = self._known[parent].parent if parent in self._known else None
        return above


def signature(task: Task) -> str:
    """Show a task's inputs for people."""
    inputs = task.native_interface.inputs
    return ", ".join(f"{name}: {getattr(kind, '__name__', kind)}" for name, (kind, _) in inputs.items()) or "none"


def _known(entry: Entry) -> Known:
    return Known(
        parent=entry.parent,
        task=entry.task,
        kind=entry.kind,
        identity=entry.identity,
        state=entry.state,
        attempts=entry.attempts,
        superseded=False,
        position=entry.position,
    )
