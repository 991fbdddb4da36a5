"""Group commit: the changes of many tasks in one transaction, without a timer in the way of any of them.

A change is committed at once when the last commit is older than 5 ms, else on the next turn of the event
loop, together with what arrived meanwhile. A thread commits whatever a blocked event loop leaves behind.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from typing import TYPE_CHECKING

from hendrix.entities import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

YOUNG = 0.005
"""Seconds after a commit in which the next one waits for the event loop's next turn."""

OVERDUE = 0.01
"""Seconds after which the thread commits what nobody else did."""

Change = tuple[str | int | bytes | None, ...]


class GroupCommit:
    """Collects changes by key (a later one replaces an earlier one) and writes them together.

    Parameters
    ----------
    write
        Writes a batch in one transaction, or raises and leaves nothing behind.
    """

    def __init__(self, write: Callable[[list[Change]], None]) -> None:
        self._write = write
        self._lock = threading.RLock()
        self._changes: dict[tuple[str, str], Change] = {}
        self._waiters: list[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]] = []
        self._last = 0.0
        self._oldest = 0.0
        self._error: UnavailableError | None = None
        self._wake = threading.Event()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._backstop, name="hendrix-journal", daemon=True)

    def put(self, key: tuple[str, str], change: Change) -> None:
        """Hand in a change; it is on disk after the next `settle` or `commit`, or within some 20 ms."""
        with self._lock:
            if not self._changes:
                self._oldest = time.monotonic()
            self._changes[key] = change
            if not self._thread.is_alive() and not self._closed.is_set():
                self._thread.start()
        if not self._wake.is_set():
            self._wake.set()

    async def settle(self) -> None:
        """Wait until all that was handed in so far is committed.

        Raises
        ------
        UnavailableError
            When the database can't be written. The changes stay and are tried again.
        """
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        with self._lock:
            self._waiters.append((loop, future))
            first = len(self._waiters) == 1
            young = time.monotonic() - self._last < YOUNG
        if not young:
            self.commit()
        elif first:
            loop.call_soon(self.commit)
        await future

    def commit(self) -> None:
        """Write everything now and tell those who wait; an error is theirs, or the next `check`'s."""
        with self._lock:
            changes, self._changes = self._changes, {}
            waiters, self._waiters = self._waiters, []
            if not changes and not waiters:
                return
            self._error = None
            try:
                if changes:
                    self._write(list(changes.values()))
            except sqlite3.Error as error:
                self._changes = changes | self._changes
                self._error = UnavailableError(
                    f"the workflow journal can't be written: {error}",
                    hint="Make room on its disk or mend its folder's rights; unfinished tasks will run again.",
                )
            self._last = time.monotonic()
            failure = self._error
        here = asyncio._get_running_loop()  # noqa: SLF001 - the documented call raises where there is no loop
        for loop, future in waiters:
            if loop is here:
                _resolve(future, failure)
            elif not loop.is_closed():
                loop.call_soon_threadsafe(_resolve, future, failure)

    def check(self) -> None:
        """Commit what is left and raise what no waiter was told."""
        self.commit()
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        """Commit what is left and end the thread."""
        self._closed.set()
        self._wake.set()
        self.check()

    def _backstop(self) -> None:
        while not self._closed.is_set():
            self._wake.wait()
            self._closed.wait(OVERDUE)
            with self._lock:
                self._wake.clear()
                waiting = bool(self._changes or self._waiters)
                overdue = waiting and time.monotonic() - self._oldest > OVERDUE
            if overdue:
                self.commit()
            if waiting:
                self._wake.set()


def _resolve(future: asyncio.Future[None], error: UnavailableError | None) -> None:
    if future.done():
        return
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(None)
