"""How much memory a program and all that it started take together, at their peak."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

PROC = Path("/proc")
EVERY_S = 0.5
MARK = "HENDRIX_FOOTPRINT"


class Footprint:
    """Samples the memory of this process and of all that inherit its mark, until the block ends.

    The mark is an environment variable, so that detached processes (the agent, Ray) count too, and those that
    an earlier program of the same mark left running. Pages that processes share count once (their proportional
    set size). Without /proc (as on macOS) nothing is known, and `peak` stays None.

    Parameters
    ----------
    mark
        What to call the processes that belong together, such as the state folder.
    """

    def __init__(self, mark: str) -> None:
        self.peak: int | None = None
        self._mark = mark
        self._before = os.environ.get(MARK)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="footprint", daemon=True)

    def __enter__(self) -> Self:
        os.environ[MARK] = self._mark
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()
        if self._before is None:
            os.environ.pop(MARK, None)
        else:
            os.environ[MARK] = self._before

    def _watch(self) -> None:
        while True:
            if (now := sum(self._sizes())) > (self.peak or 0):
                self.peak = now
            if self._done.wait(EVERY_S):
                return

    def _sizes(self) -> Iterator[int]:
        if not (PROC / "self" / "smaps_rollup").exists():
            return
        wanted = f"{MARK}={self._mark}".encode()
        for folder in PROC.iterdir():
            if not folder.name.isdecimal():
                continue
            # A process may end, or belong to someone else, at any moment.
            with contextlib.suppress(OSError):
                own = int(folder.name) == os.getpid()
                if own or wanted in (folder / "environ").read_bytes().split(b"\0"):
                    yield _proportional_size(folder / "smaps_rollup")


def _proportional_size(rollup: Path) -> int:
    for line in rollup.read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0
