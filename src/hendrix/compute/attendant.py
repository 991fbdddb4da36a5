"""The attendant: a small process beside each job's worker that measures it, keeps its record, and stops it.

It is a process of its own, so that it works while the body holds the interpreter's lock, and outlives
the worker to say how it ended. It reads messages from the worker on its standard input, one JSON
object a line, and answers on its standard output.
"""

from __future__ import annotations

import os
import select
import sys
import time
from typing import TYPE_CHECKING, TypeVar

import msgspec

from hendrix.compute.family import Family
from hendrix.compute.log import Uploads, log_path
from hendrix.compute.operations import beat_job, begin_job, finish_job, orders
from hendrix.compute.records import BeatJob, BeginJob, Farewell, FinishJob, Hello, JobOrders, JobQuery, Usage
from hendrix.entities import ENDED, State
from hendrix.session import client

if TYPE_CHECKING:
    from collections.abc import Callable

    from hendrix.compute.records import LogPiece
    from hendrix.session import Client

LOOK_EVERY = 0.5
"""Seconds between two looks at the stop request and the worker's processes."""
BEAT_EVERY = 4.0
"""Seconds between two heartbeats."""
GRACE = 5.0
"""Seconds that an interrupted body has to end by itself before it is killed."""
DRIVER_KNOWS = 5.0
"""Seconds left to the submitting process to say why a worker died: Ray tells only that one."""
INSIST = 60.0
"""Seconds for which the end of a job is told again while the server does not answer."""


A = TypeVar("A")


class Attendant:
    """Watches over one attempt of one job."""

    def __init__(self, hello: Hello, speaker: Client) -> None:
        self.hello = hello
        self.order = hello.order
        self.client = speaker
        self.family = Family(hello.worker, hello.cpu_before)
        self.uploads = Uploads(log_path(speaker.home, self.order.id), speaker.artifacts) if speaker.url else None
        self.began = time.monotonic()
        self.interrupted: float | None = None
        self.reason = ""

    def begin(self) -> str:
        """Record that the job runs. Returns "go", or "stop" when it is not to run."""
        told = BeginJob(job=self.order.id, worker=self.hello.worker, python=self.hello.python)
        answer = _insist("the beginning of the job", lambda: self.client.call(begin_job, told))
        if answer is None or answer.stop is None:
            return "go"
        self.reason = "stop"
        return "stop"

    def look(self) -> bool:
        """See to the worker once. Returns whether it still lives."""
        alive = self.family.look()
        stop = self._orders().stop
        elapsed = time.monotonic() - self.began
        if stop:
            self._end("stop", now=stop == "kill")
        elif self.order.timeout is not None and elapsed > self.order.timeout:
            self._end("timeout", now=False)
        elif self.reason:
            self._end(self.reason, now=False)
        return alive

    def beat(self) -> None:
        """Say that the job lives, and what it has used."""
        try:
            self.client.call(beat_job, BeatJob(job=self.order.id, used=self._used(), log=self._log()))
        except Exception as error:  # noqa: BLE001 - the next one may get through; the body need not suffer
            _complain("a heartbeat could not be recorded", error)

    def finish(self, told: Farewell) -> str:
        """Record the end that the worker tells of. Returns the state that counts, or "again"."""
        self.family.look()
        used = Usage(
            wall_seconds=told.used.wall_seconds,
            cpu_seconds=max(told.used.cpu_seconds, round(self.family.cpu_seconds, 3)),
            peak_rss=max(told.used.peak_rss, self.family.peak_rss),
        )
        state, error = told.state, told.error
        if self.reason == "stop" or (not self.reason and self._orders().stop):
            state, error = State.STOPPED, None
        elif self.reason == "timeout":
            state, error = State.FAILED, self._timed_out()
        if state is not State.FINISHED:
            self.family.kill(head=False)
        return self._record(state, error, used, may_retry=state is State.FAILED and not self.reason)

    def gone(self) -> None:
        """Record the end of a worker that could not tell of it."""
        self.family.kill()
        if self.reason:
            self._record_reason()
            return
        self.beat()
        used = self._used()
        until = time.monotonic() + DRIVER_KNOWS
        while time.monotonic() < until:
            if self._orders().state in ENDED:
                return
            time.sleep(LOOK_EVERY)
        driver, worker = self.order.driver, self.hello.worker
        if driver.here() and not driver.alive():
            error = f"the process that submitted it (pid {driver.pid} on {driver.host}) is gone"
            self._record(State.LOST, error, used)
        else:
            error = f"its worker process (pid {worker.pid} on {worker.host}) died"
            self._record(State.FAILED, error, used, may_retry=True)

    def _end(self, reason: str, *, now: bool) -> None:
        """Interrupt the body; kill it when it has had its grace, or at once."""
        self.reason = self.reason or reason
        if self.interrupted is None and not now:
            self.interrupted = time.monotonic()
            self.family.interrupt()
        elif now or time.monotonic() - (self.interrupted or 0.0) > GRACE:
            # Written down first: once the worker is dead, the submitting process knows only that.
            self._record_reason()
            self.family.kill()

    def _record_reason(self) -> None:
        if self.reason == "stop":
            self._record(State.STOPPED, None, self._used())
        else:
            self._record(State.FAILED, self._timed_out(), self._used())

    def _record(self, state: State, error: str | None, used: Usage, *, may_retry: bool = False) -> str:
        told = FinishJob(job=self.order.id, state=state, error=error, used=used, log=self._log(), may_retry=may_retry)
        record = _insist("the end of the job", lambda: self.client.call(finish_job, told))
        if record is None:
            return ""
        return "again" if record.state is State.QUEUED else str(record.state)

    def _orders(self) -> JobOrders:
        try:
            return self.client.call(orders, JobQuery(job=self.order.id.hex))
        except Exception as error:  # noqa: BLE001 - as above
            _complain("it could not be seen whether to stop", error)
            return JobOrders(state=State.RUNNING)

    def _used(self) -> Usage:
        return Usage(
            wall_seconds=round(time.monotonic() - self.began, 3),
            cpu_seconds=round(self.family.cpu_seconds, 3),
            peak_rss=self.family.peak_rss,
        )

    def _log(self) -> tuple[LogPiece, ...]:
        return self.uploads.catch_up() if self.uploads else ()

    def _timed_out(self) -> str:
        return f"TimeoutError: ran longer than its timeout of {self.order.timeout:g} s"


def attend() -> None:
    """Watch over the worker's job until it ends."""
    messages = _Messages(sys.stdin.fileno())
    first = messages.wait()
    if first is None:
        return
    attendant = _attendant(first)
    _say(attendant.begin())
    beat_at = time.monotonic() + BEAT_EVERY
    while True:
        last = messages.wait(LOOK_EVERY)
        alive = last is not None or attendant.look()
        # The last words of a worker that is gone may have come in between.
        last = last or (None if alive else messages.wait(0))
        if last is not None:
            _say(attendant.finish(_farewell(last)))
            return
        if not alive:
            attendant.gone()
            return
        if time.monotonic() >= beat_at:
            attendant.beat()
            beat_at = time.monotonic() + BEAT_EVERY


def _attendant(first: bytes) -> Attendant:
    hello = msgspec.json.decode(first, type=Hello)
    os.environ.update(hello.order.environment)
    return Attendant(hello, client())


def _farewell(message: bytes) -> Farewell:
    return msgspec.json.decode(message, type=Farewell)


def _say(word: str) -> None:
    try:
        os.write(sys.stdout.fileno(), f"{word}\n".encode())
    except BrokenPipeError:
        # The worker is gone; the record says the rest.
        return


def _insist(what: str, tell: Callable[[], A]) -> A | None:
    """Tell again for a minute when it can't be recorded; None when it never could."""
    until = time.monotonic() + INSIST
    while True:
        try:
            return tell()
        except Exception as error:  # noqa: BLE001 - whatever it is, the body must not suffer for it
            _complain(f"{what} could not be recorded", error)
            if time.monotonic() > until:
                return None
            time.sleep(1)


def _complain(what: str, error: Exception) -> None:
    # Standard error is the job's log.
    print(f"hendrix: {what}: {error}", file=sys.stderr)  # noqa: T201


class _Messages:
    """Whole lines from a pipe, waited for with a time limit."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._rest = b""
        self._open = True

    def wait(self, seconds: float | None = None) -> bytes | None:
        """Return the next message, or None when none came in time. Without a limit, None is the end."""
        until = None if seconds is None else time.monotonic() + seconds
        while b"\n" not in self._rest:
            left = None if until is None else max(0.0, until - time.monotonic())
            if not self._open:
                time.sleep(left or 0)
                return None
            ready, _, _ = select.select([self._fd], [], [], left)
            if not ready:
                return None
            some = os.read(self._fd, 1 << 16)
            self._open = bool(some)
            self._rest += some
        line, _, self._rest = self._rest.partition(b"\n")
        return line
