"""Processes by identity: a number, told from a later one by the time it started."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    import signal

SAME_START_S = 2.0
"""Two readings of one start may differ by a step of the clock; no number comes back so soon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessId:
    """One process of this host, and no later one with the same number."""

    pid: int
    started: float

    @classmethod
    def own(cls) -> ProcessId:
        """Identify the calling process."""
        return cls(pid=os.getpid(), started=psutil.Process().create_time())

    def alive(self) -> bool:
        """Whether it still runs; one that has ended and waits to be noticed does not."""
        try:
            found = psutil.Process(self.pid)
            same = abs(found.create_time() - self.started) < SAME_START_S
            return bool(same and found.status() != psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            return False

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, if it still runs."""
        if self.alive():
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return  # it ended in between, which is what was wanted

    def wait(self, seconds: float) -> bool:
        """Wait until it has ended; says whether it has."""
        until = time.monotonic() + seconds
        while self.alive():
            if time.monotonic() > until:
                return False
            time.sleep(0.02)
        return True
