"""The steps of the demo as they are told: what begins, how long it took, what was reused."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

import click

import hendrix as hx
from hendrix.cli import output
from hendrix.entities import NotFoundError, State
from hendrix.workflows.records import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from hendrix.workflows import Action

LOOK_EVERY_S = 0.25
WIDTH = 9


@dataclass(slots=True)
class Step:
    """A step that is under way; `reused` says at its end that nothing had to be done."""

    reused: bool = False


class Steps:
    """Tells steps as lines: one when it begins, one when it has ended, with its time."""

    def __init__(self) -> None:
        self.worked = False
        """Whether a task of the workflow ran in this process."""
        self._began = datetime.now(UTC)
        self._begun: set[str] = set()
        self._ended: set[str] = set()

    def __enter__(self) -> Self:
        click.echo()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, Exception):
            click.echo(click.style("✗ this step did not hold", fg="red"), err=True)

    @contextlib.contextmanager
    def step(self, name: str, about: str) -> Iterator[Step]:
        """Tell a step of our own."""
        self._begin(name, about)
        began = time.monotonic()
        step = Step()
        yield step
        self._end(name, time.monotonic() - began, reused=step.reused)

    def note(self, text: str) -> None:
        """Say something of the step before."""
        click.echo(f"  {'':{WIDTH}} {text}")

    @contextlib.contextmanager
    def following(self, run: str) -> Iterator[None]:
        """Tell the tasks of a workflow run while it goes on in the block."""
        ended = threading.Event()
        thread = threading.Thread(target=self._follow, args=(run, ended), name="demo-steps", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _follow(self, run: str, ended: threading.Event) -> None:
        while not ended.wait(LOOK_EVERY_S):
            self._look(run)
        self._look(run)

    def _look(self, run: str) -> None:
        # Before the first task, there is no run of that name yet.
        with contextlib.suppress(NotFoundError):
            for action in hx.workflows.get(run).actions():
                if action.kind == "task" and action.name != ROOT and not action.superseded:
                    self._tell(action)

    def _tell(self, action: Action) -> None:
        name = action.task.rpartition(".")[2]
        # What ended before we began was told of then, be it as a failure: it is told again when it runs again.
        reused = action.ended_at is not None and action.ended_at < self._began
        if not reused and action.name not in self._begun:
            self._begun.add(action.name)
            self.worked = True
            self._begin(name, "")
        if action.state is State.FINISHED and action.ended_at is not None and action.name not in self._ended:
            self._ended.add(action.name)
            self._end(name, (action.ended_at - action.started_at).total_seconds(), reused=reused)

    def _begin(self, name: str, about: str) -> None:
        click.echo(f"{click.style('▸', fg='blue')} {name:{WIDTH}} {click.style(about, dim=True)}".rstrip())

    def _end(self, name: str, seconds: float, *, reused: bool) -> None:
        took = "reused: nothing that it depends on has changed" if reused else output.duration(seconds)
        click.echo(f"{click.style('✓', fg='green')} {name:{WIDTH}} {took}")
