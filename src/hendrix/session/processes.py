"""Processes by identity: a number, told from a later one by the time it started."""

from __future__ import annotations

import functools
import os
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import signal

    import psutil

SAME_START_S = 2.0
"""By how much two readings of one start may differ: a step of the clock moves them, and no number is back so soon."""
LOOK_EVERY_S = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process that no later one of its number is taken for. `started` is in Unix seconds."""

    host: str
    pid: int
    started: float

    def here(self) -> bool:
        """Whether it is, or was, one of this host; of another's, nothing else can be asked here."""
        return self.host == this_process().host

    def find(self) -> psutil.Process | None:
        """Return its handle while it lives; one that has ended and waits to be noticed (a zombie) does not."""
        import psutil

        try:
            found = psutil.Process(self.pid)
            same = abs(found.create_time() - self.started) < SAME_START_S
            return found if same and found.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None

    def alive(self) -> bool:
        """Whether it still runs."""
        return self.find() is not None

    def send(self, number: signal.Signals) -> bool:
        """Send it a signal, if it still runs; says whether it did."""
        import psutil

        found = self.find()
        if found is None:
            return False
        try:
            found.send_signal(number)
        except psutil.NoSuchProcess:
            return False
        return True

    def wait(self, seconds: float) -> bool:
        """Wait until it has ended, whoever started it; says whether it has."""
        until = time.monotonic() + seconds
        while self.alive():
            if time.monotonic() > until:
                return False
            time.sleep(LOOK_EVERY_S)
        return True


def this_process() -> Process:
    """Identify the calling process (after a fork: the child)."""
    return _own(os.getpid())


@functools.lru_cache(maxsize=1)
def _own(pid: int) -> Process:
    return identify(pid)


def identify(pid: int) -> Process:
    """Identify a living process of this host by its number.

    Raises
    ------
    psutil.NoSuchProcess
        When there is none.
    """
    import psutil

    return Process(host=socket.gethostname(), pid=pid, started=psutil.Process(pid).create_time())
