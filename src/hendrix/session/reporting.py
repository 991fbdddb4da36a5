"""Progress: a quiet bar in a terminal and a notebook, nothing in a pipe; over 0.3 s it shows, then one line stays."""

from __future__ import annotations

import contextlib
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

SHOWN_AFTER_S = 0.3


class Progress:
    """What a long work reports to."""

    def __init__(self, title: str, total: float | None, bar: Any) -> None:
        self.title = title
        self._bar = bar
        self._task = bar.add_task(title, total=total) if bar is not None else None

    def advance(self, amount: float = 1) -> None:
        """Say that some more is done."""
        if self._bar is not None:
            self._bar.advance(self._task, amount)

    def say(self, doing: str) -> None:
        """Say what is being done now."""
        if self._bar is not None:
            self._bar.update(self._task, description=f"{self.title}: {doing}")


@contextlib.contextmanager
def progress(title: str, total: float | None = None) -> Iterator[Progress]:
    """Show that work goes on: `with progress("Reading flights", total=12) as bar: bar.advance()`."""
    if not sys.stderr.isatty():
        yield Progress(title, total, None)
        return
    from rich.console import Console
    from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns: list[Any] = [SpinnerColumn(), TextColumn("{task.description}")]
    if total is not None:
        columns += [BarColumn(), TimeRemainingColumn()]
    bar = Bar(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True)
    begun = time.monotonic()
    with bar:
        yield Progress(title, total, bar)
    if time.monotonic() - begun > SHOWN_AFTER_S:
        bar.console.print(f"[dim]{title}: {time.monotonic() - begun:.1f} s[/dim]")
