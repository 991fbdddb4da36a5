"""The jobs that this process submitted and that have not ended: who waits for them, what became of them."""

from __future__ import annotations

import atexit
import queue
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from hendrix.compute.attendant import BEAT_EVERY
from hendrix.compute.envelope import Outcome
from hendrix.compute.operations import beat_job, finish_job, orders, show_job, stop_job
from hendrix.compute.records import BeatJob, Failure, FinishJob, JobOrder, JobQuery, StopJob
from hendrix.entities import State
from hendrix.lazy import require

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from uuid import UUID

    from hendrix.session import Client

LEAVING = 10.0
"""Seconds that stopped jobs have to end before their Ray is left."""
TICK = 1.0
"""Seconds between two looks at the jobs that wait for resources."""


class Pending:
    """One submitted job in the process that submitted it."""

    def __init__(self, order: JobOrder, reference: Any, speaker: Client, parent: UUID | None = None) -> None:
        self.order = order
        self.parent = parent
        self.client = speaker
        self.begun = False
        self.reference = reference
        self.outcome: Outcome | None = None
        self.done = threading.Event()

    def wait(self, seconds: float | None) -> bool:
        """Wait for the job's end. Returns whether it came."""
        ray = require("ray", "compute")
        until = None if seconds is None else time.monotonic() + seconds
        # Inside a job, waiting by Ray gives this job's CPUs to the one that is waited for.
        # (Where Ray was left meanwhile, asking it would start another.)
        while ray.is_initialized() and not ray.wait([self.reference], timeout=_left(until, 0.5), fetch_local=False)[0]:
            if until is not None and time.monotonic() >= until:
                return False
        return self.done.wait(_left(until, None))

    def cancel(self, *, force: bool) -> None:
        """Have Ray drop the job when it has not begun; with `force`, end its worker."""
        ray = require("ray", "compute")
        ray.cancel(self.reference, force=force)

    def settle(self, future: Any) -> None:
        """Take what came back from Ray, and see to it that the job's record has an end."""
        ray = require("ray", "compute")
        try:
            outcome = future.result()
        except ray.exceptions.TaskCancelledError:
            outcome = Outcome(State.STOPPED)
        except ray.exceptions.RayTaskError as error:
            text = str(error.cause or error)
            outcome = Outcome(State.FAILED, failure=Failure(kind=type(error.cause).__name__, text=text))
        except ray.exceptions.WorkerCrashedError:
            text = "its process was killed from outside, or native code crashed in it"
            outcome = Outcome(State.FAILED, failure=Failure(kind="WorkerDied", text=text))
        except Exception as error:  # noqa: BLE001 - Ray's many ways to say that a worker was lost
            outcome = Outcome(State.FAILED, failure=Failure(kind=type(error).__name__, text=str(error)))
        try:
            self.outcome = self._on_record(outcome)
        finally:
            self.done.set()

    def _on_record(self, outcome: Outcome) -> Outcome:
        """Bring the record and the outcome into accord: what was recorded first counts."""
        job = JobQuery(job=self.order.id.hex)
        if not outcome.recorded:
            state = State.STOPPED if self.client.call(orders, job).stop else outcome.state
            error = outcome.failure.headline if outcome.failure and state is State.FAILED else None
            self.client.call(finish_job, FinishJob(job=self.order.id, state=state, error=error, used=outcome.used))
        record = self.client.call(show_job, job)
        return outcome if record.state is outcome.state else Outcome(record.state, recorded=True)


def _left(until: float | None, most: float | None) -> float | None:
    if until is None:
        return most
    left = max(0.0, until - time.monotonic())
    return left if most is None else min(left, most)


class Watcher:
    """The thread that settles this process's jobs as Ray finishes them, and keeps those that wait alive."""

    def __init__(self) -> None:
        self._inbox: queue.SimpleQueue[tuple[UUID, Any]] = queue.SimpleQueue()
        self._pending: dict[UUID, Pending] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def watch(self, pending: Pending) -> None:
        """Take charge of a job that was just handed to Ray."""
        with self._lock:
            self._pending[pending.order.id] = pending
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="hendrix-jobs", daemon=True)
                self._thread.start()
        # Registered last, it runs first: before a local Ray is shut down.
        atexit.unregister(self.wait_at_exit)
        atexit.register(self.wait_at_exit)
        identity = pending.order.id
        pending.reference.future().add_done_callback(lambda future: self._inbox.put((identity, future)))

    def find(self, job: UUID) -> Pending | None:
        """Return a job of this process that has not ended."""
        return self._pending.get(job)

    def wait_at_exit(self) -> None:
        """Before the interpreter ends, wait for jobs that still run: they would end with it."""
        left = list(self._pending.values())
        if not left:
            return
        names = ", ".join(repr(pending.order.name) for pending in left)
        say(f"waiting for {names} before leaving (Ctrl-C stops {'it' if len(left) == 1 else 'them'}) ...")
        try:
            for pending in left:
                pending.wait(None)
        except KeyboardInterrupt:
            self.stop_all()

    def stop_all(self, of: Collection[UUID] | None = None) -> None:
        """Stop this process's jobs, at once; with `of`, only those that these runs submitted."""
        left = [pending for pending in self._pending.values() if of is None or pending.parent in of]
        for pending in left:
            pending.client.call(stop_job, StopJob(job=pending.order.id.hex, force=True))
        for pending in left:
            if not pending.wait(LEAVING):
                say(f"job {pending.order.name!r} did not stop within {LEAVING:g} s")

    def _run(self) -> None:
        beat_at = time.monotonic() + BEAT_EVERY
        tick_at = time.monotonic() + TICK
        while True:
            try:
                identity, future = self._inbox.get(timeout=max(0.05, tick_at - time.monotonic()))
            except queue.Empty:
                pass
            else:
                self._settle(identity, future)
            now = time.monotonic()
            if now >= tick_at:
                self._tick(beat=now >= beat_at)
                beat_at = now + BEAT_EVERY if now >= beat_at else beat_at
                tick_at = now + TICK

    def _settle(self, identity: UUID, future: Any) -> None:
        pending = self._pending[identity]
        try:
            pending.settle(future)
        except Exception as error:  # noqa: BLE001 - one job's trouble must not end the watch over the others
            say(f"the end of job {pending.order.name!r} could not be recorded: {error}")
        finally:
            with self._lock:
                del self._pending[identity]

    def _tick(self, *, beat: bool) -> None:
        """Look after the jobs that no worker has begun: they have no attendant yet."""
        for pending in list(self._pending.values()):
            if pending.begun and not beat:
                continue
            try:
                told = pending.client.call(orders, JobQuery(job=pending.order.id.hex))
                pending.begun = told.state is not State.QUEUED
                if not pending.begun and told.stop:
                    pending.cancel(force=False)
                elif not pending.begun and beat:
                    pending.client.call(beat_job, BeatJob(job=pending.order.id))
            except Exception as error:  # noqa: BLE001 - as above; the next tick tries again
                say(f"job {pending.order.name!r} could not be looked after: {error}")


def say(line: str) -> None:
    """Say something to the person at the terminal."""
    print(line, file=sys.stderr)  # noqa: T201 - a person's terminal


WATCHER = Watcher()
"""One for this process."""


def stop_called_by(runs: Iterable[UUID]) -> None:
    """Stop the jobs of this process that these runs submitted, and wait until they have ended."""
    WATCHER.stop_all(of=set(runs))
