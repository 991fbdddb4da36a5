"""The worker's side of a job: opens the log, runs the body, measures it, and tells how it ended."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
import traceback
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import IO, TYPE_CHECKING, Any, Self

import msgspec

from hendrix.compute.family import Family
from hendrix.compute.log import log_path
from hendrix.compute.parcel import Parcel, pack, unpack
from hendrix.compute.records import Failure, Farewell, Hello, JobOrder, Usage
from hendrix.entities import State
from hendrix.session import Home, this_process

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType


ATTENDANT = """
import os
if os.fork():
    os._exit(0)
os.setsid()
from hendrix.compute.attendant import attend
attend()
"""
"""The attendant's program: first of all it leaves the worker's family, since Ray ends that with the worker."""


class RetryError(Exception):
    """Tells Ray to run the job again."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What comes back from the worker. `recorded` says whether the graph knows of it."""

    state: State
    value: Parcel | None = None
    failure: Failure | None = None
    cause: Parcel | None = None
    used: Usage | None = None
    recorded: bool = False


def run_job(order: JobOrder, call: Parcel) -> Outcome:
    """Run one attempt of a job in this worker process (one process per attempt).

    Raises
    ------
    RetryError
        When the body failed and the job has attempts left.
    """
    os.environ.update(order.environment)
    if order.path:
        sys.path[:] = [*order.path, *(entry for entry in sys.path if entry not in order.path)]
    if order.directory and os.path.isdir(order.directory):  # noqa: PTH112
        os.chdir(order.directory)
    log = log_path(Home.find(order.environment["HENDRIX_HOME"]), order.id)
    began, cpu_before = time.monotonic(), _cpu_seconds()
    with _captured(log), _Line(order, cpu_before) as line:
        told_to_stop = order.retries > 0 and line.listen() == "stop"
        outcome = Outcome(State.STOPPED) if told_to_stop else _interruptible(order, call)
        if outcome.state is not State.FINISHED:
            # At once: whoever submitted may leave, and Ray end this process, before its attendant looks.
            Family(this_process()).kill(head=False)
        used = Usage(
            wall_seconds=round(time.monotonic() - began, 3),
            cpu_seconds=round(_cpu_seconds() - cpu_before, 3),
            peak_rss=_peak_rss(),
        )
        recorded = line.finish(outcome, used)
        if recorded == "again":
            raise RetryError(outcome.failure.headline if outcome.failure else order.name)
    if recorded in {outcome.state, None}:
        return replace(outcome, used=used, recorded=recorded is not None)
    # A stop or the timeout came first: what the body made is not what it was asked for any more.
    return Outcome(State(recorded), used=used, recorded=True)


def _interruptible(order: JobOrder, call: Parcel) -> Outcome:
    """Run the body so that SIGINT, which Ray blocks in its workers, raises KeyboardInterrupt in it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        try:
            return _run(order, call)
        finally:
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    except KeyboardInterrupt:
        # It came between the body's end and the block.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        return Outcome(State.STOPPED)


def _run(order: JobOrder, call: Parcel) -> Outcome:
    try:
        fn, args, kwargs = unpack(call)
        value = fn(*args, **kwargs)
        packed = _pack_value(order, value)
    except KeyboardInterrupt:
        print(f"job {order.name!r} was interrupted", file=sys.stderr)  # noqa: T201 - the job's log
        return Outcome(State.STOPPED)
    except BaseException as error:  # noqa: BLE001 - sys.exit in a body is a failure of the job, too
        trail = _trail(error)
        sys.stderr.write(trail)
        failure = Failure(kind=type(error).__name__, text=str(error), traceback=trail)
        return Outcome(State.FAILED, failure=failure, cause=_pack_cause(error))
    return Outcome(State.FINISHED, value=packed)


def _pack_value(order: JobOrder, value: Any) -> Parcel:
    try:
        return pack(value)
    except Exception as error:
        message = f"what job {order.name!r} returned ({type(value).__name__}) can't be sent back: {error}"
        raise TypeError(message) from error


def _pack_cause(error: BaseException) -> Parcel | None:
    try:
        packed = pack(error)
        unpack(packed)
    except Exception:  # noqa: BLE001 - the text of the error goes back in any case
        return None
    return packed


def _trail(error: BaseException) -> str:
    """Write the traceback from the first frame that is the user's."""
    tail: TracebackType | None = error.__traceback__
    while tail is not None and tail.tb_frame.f_code.co_filename == __file__ and tail.tb_next is not None:
        tail = tail.tb_next
    return "".join(traceback.format_exception(type(error), error, tail))


@contextmanager
def _captured(path: Path) -> Iterator[None]:
    """Send all that this process and its children print to the job's log."""
    path.parent.mkdir(parents=True, exist_ok=True)
    log = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    kept = [os.dup(1), os.dup(2)]
    for fd in (1, 2):
        os.dup2(log, fd)
    os.close(log)
    try:
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        for fd, old in zip((1, 2), kept, strict=True):
            os.dup2(old, fd)
            os.close(old)


def _cpu_seconds() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _peak_rss() -> int:
    # In kB, except on macOS.
    unit = 1 if sys.platform == "darwin" else 1024
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return max(own.ru_maxrss, children.ru_maxrss) * unit


class _Line:
    """The worker's end of the line to its attendant."""

    def __init__(self, order: JobOrder, cpu_before: float) -> None:
        self.order = order
        self.cpu_before = cpu_before
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
        command = [sys.executable, "-P", "-c", ATTENDANT]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, env=environment)  # noqa: S603
        # It has left the family when its first process ends: from here on, every end is seen by somebody.
        self.process.wait()
        hello = Hello(
            order=self.order, worker=this_process(), python=sys.version.split()[0], cpu_before=self.cpu_before
        )
        self._send(msgspec.json.encode(hello))
        return self

    def __exit__(self, *_: object) -> None:
        process = self.process
        if process is not None:
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()

    def finish(self, outcome: Outcome, used: Usage) -> str | None:
        """Tell how the job ended. Returns the state that counts, "again", or None when nobody listens."""
        error = outcome.failure.headline if outcome.failure else None
        self._send(msgspec.json.encode(Farewell(state=outcome.state, error=error, used=used)))
        word = self.listen()
        return self.listen() if word in {"go", "stop"} else word

    def listen(self) -> str | None:
        """Wait for the attendant's next word."""
        answers: IO[bytes] | None = self.process.stdout if self.process else None
        word = answers.readline().decode().strip() if answers else ""
        return word or None

    def _send(self, line: bytes) -> None:
        if self.process is None or self.process.stdin is None:
            return
        try:
            self.process.stdin.write(line + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            # The attendant died; the submitting process records the end in its place.
            return
