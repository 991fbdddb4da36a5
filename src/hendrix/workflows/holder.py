"""Who holds a run: a process, told from a later one with the same number by the time it started."""

from __future__ import annotations

import functools
import os
import platform
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A process on a host."""

    host: str
    pid: int
    started: str

    def is_alive(self) -> bool:
        """Whether this very process still runs. Only to be asked on its own host."""
        return started(self.pid) == self.started


@functools.lru_cache(maxsize=1)
def _myself(pid: int) -> Holder:
    return Holder(host=platform.node(), pid=pid, started=started(pid) or "")


def myself() -> Holder:
    """Name the calling process (after a fork: the child)."""
    return _myself(os.getpid())


def started(pid: int) -> str | None:
    """Tell when a process started, in the system's own words; None if it is gone or a zombie."""
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            text = stat.read_text()
        except (FileNotFoundError, ProcessLookupError):
            return None
        # The name in parentheses may hold spaces: count behind it (the state is the 1st, the start the 20th).
        fields = text.rpartition(")")[2].split()
        return None if fields[0] in {"Z", "X"} else fields[19]
    answer = subprocess.run(  # noqa: S603 - a number is all that is given
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)],  # noqa: S607 - ps has no one place
        capture_output=True,
        text=True,
        check=False,
    )
    state, _, start = answer.stdout.strip().partition(" ")
    return None if not state or state.startswith("Z") else start.strip()
