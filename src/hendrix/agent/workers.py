"""Worker processes: started on a socket, found again after an agent was killed, ended gracefully."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING
from uuid import uuid4

from hendrix.serving.orders import order_path, status_path
from hendrix.serving.records import WorkerOrder, WorkerStatus
from hendrix.session import read_record, write_record

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from hendrix.session import Process

END_WITHIN_S = 15.0
"""How long a worker may finish what is under way before it is killed."""
FIRST_WORD_WITHIN_S = 30.0
"""How long a worker may take to say its first word before it is taken for lost."""
LOG_MOST = 16 << 20
"""Bytes above which a log is put aside when a worker starts; one older log is kept."""
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")
"""Read by NumPy and the models' libraries when they are imported: requests are what runs in parallel."""


class Worker:
    """One worker process, whoever started it."""

    def __init__(self, folder: Path, order: WorkerOrder, process: subprocess.Popen[bytes] | None) -> None:
        self.order = order
        self._folder = folder
        self._child = process
        self._process: Process | None = None
        self._since = time.monotonic()
        self._status: WorkerStatus | None = None
        self.kill_at: float | None = None

    @classmethod
    def start(cls, folder: Path, order: WorkerOrder, listener: socket.socket, log: Path) -> Worker:
        """Start a worker on a socket.

        Parameters
        ----------
        folder
            Where its order and status lie.
        order
            What it serves.
        listener
            The socket, which it inherits.
        log
            The file that it prints to.
        """
        write_record(order_path(folder, order.worker), order)
        log.parent.mkdir(parents=True, exist_ok=True)
        if log.exists() and log.stat().st_size > LOG_MOST:
            log.replace(log.with_suffix(".1.log"))
        descriptor = listener.fileno()
        with log.open("ab") as out:
            process = subprocess.Popen(  # noqa: S603 - our own module
                [
                    sys.executable,
                    "-P",
                    "-m",
                    "hendrix.serving.worker",
                    str(order_path(folder, order.worker)),
                    str(status_path(folder, order.worker)),
                    str(descriptor),
                ],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                pass_fds=(descriptor,),
                start_new_session=True,
                cwd=order.home,
                env={**os.environ, **_ONE_THREAD, "PYTHONUNBUFFERED": "1"},
            )
        return cls(folder, order, process)

    @property
    def pid(self) -> int | None:
        """The process's number, once it is known."""
        if self._child is not None:
            return self._child.pid
        return self._process.pid if self._process else None

    def look(self) -> WorkerStatus | None:
        """Read what it last said."""
        status = read_record(status_path(self._folder, self.order.worker), WorkerStatus)
        if status is not None:
            self._status = status
            self._process = status.process
        return self._status

    def alive(self) -> bool:
        """Whether the process still runs."""
        if self._child is not None:
            return self._child.poll() is None
        self.look()
        if self._process is None:
            # Its agent was killed between starting it and its first word.
            return time.monotonic() - self._since < FIRST_WORD_WITHIN_S
        return self._process.alive()

    def exit(self) -> str:
        """Say how it ended, as far as is known."""
        code = None if self._child is None else self._child.poll()
        if code is None:
            return "ended while no agent looked"
        return f"ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"

    def end(self) -> None:
        """Ask it to finish what is under way and end; it is killed when it takes too long (`see_out`)."""
        if self.kill_at is None:
            self._send(signal.SIGTERM)
            self.kill_at = time.monotonic() + END_WITHIN_S

    def kill(self) -> None:
        """End it at once."""
        self._send(signal.SIGKILL)

    def gone(self) -> bool:
        """Whether one that was asked to end has ended; past its time it is killed."""
        if not self.alive():
            self.forget()
            return True
        if self.kill_at is not None and time.monotonic() > self.kill_at:
            self.kill()
        return False

    def see_out(self, until: float) -> None:
        """Wait for the end of one that was asked to end, and kill it when the time is over."""
        while not self.gone():
            if time.monotonic() > until:
                self.kill()
            time.sleep(0.02)

    def forget(self) -> None:
        """Take its files away."""
        order_path(self._folder, self.order.worker).unlink(missing_ok=True)
        status_path(self._folder, self.order.worker).unlink(missing_ok=True)

    def _send(self, number: signal.Signals) -> None:
        if self._child is not None:
            if self._child.poll() is None:
                self._child.send_signal(number)
            return
        self.look()
        if self._process is not None:
            self._process.send(number)


def new_worker_id() -> str:
    """Make an id for a worker."""
    return uuid4().hex


def all_of(folder: Path) -> list[Worker]:
    """Find the workers that an agent before left; those that ended are forgotten."""
    found: list[Worker] = []
    for path in sorted(folder.glob("*.order.json")):
        order = read_record(path, WorkerOrder)
        if order is None:
            continue
        worker = Worker(folder, order, None)
        if worker.alive():
            found.append(worker)
        else:
            worker.forget()
    return found
