"""Telling the graph what a run does: in the background and at its end, never in the way of a task."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import logging
import threading
import time
from typing import TYPE_CHECKING, Any
from uuid import UUID

from hendrix.entities import HendrixError
from hendrix.session import running
from hendrix.session.runs import BEAT_EVERY_S
from hendrix.workflows.engine import Following
from hendrix.workflows.operations import tell
from hendrix.workflows.reach import reaches_hendrix
from hendrix.workflows.records import Fact, Tell
from hendrix.workflows.told import action_id

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from flyte._task import TaskTemplate

    from hendrix.session import Client
    from hendrix.workflows.journal import Entry, Journal
    from hendrix.workflows.lease import Lease

EVERY_S = 0.5
"""How often the outbox is looked at."""

WAIT_S = 1.0
"""How long the end of a run waits for the rest to be told; what takes longer is told in the background."""

PIECE = 5
"""Facts in one transaction of the graph, so that none is long."""

_log = logging.getLogger("hendrix.workflows")


class Telling(Following):
    """Delivers a journal's outbox while a run goes on, and makes a task's run the one at hand in its body."""

    def __init__(self, journal: Journal, client: Client, lease: Lease) -> None:
        self._journal = journal
        self._client = client
        self._run = lease.run
        self._told: set[UUID] = set()
        self._reaching: dict[int, tuple[bool, Any]] = {}
        self._ended = threading.Event()
        self._trouble: HendrixError | None = None
        self._deliver(journal.undelivered(run=lease.run, name=""))
        self._thread = threading.Thread(target=self._keep_telling, name="hendrix-workflow-telling", daemon=True)
        self._thread.start()

    @contextlib.asynccontextmanager
    async def around(self, task: TaskTemplate[Any, Any, Any], entry: Entry) -> AsyncIterator[None]:
        """Make the task's run the one at hand, known to the graph if the body may join anything to it."""
        if self._reaches(task):
            await asyncio.to_thread(self._announce, entry)
        with running(action_id(UUID(self._run), entry.name)):
            yield

    def end(self) -> None:
        """Tell how the run ended, and the rest of it, in the background if that takes long.

        What can't be delivered stays in the journal, and goes with the next run.
        """
        self._ended.set()
        self._thread.join(WAIT_S)
        if self._thread.is_alive():
            self._guarded(lambda: self._deliver(self._journal.undelivered(run=self._run, name="")))
            atexit.register(self._thread.join)

    def _reaches(self, task: TaskTemplate[Any, Any, Any]) -> bool:
        found = self._reaching.get(id(task))
        if found is None:
            found = self._reaching[id(task)] = (reaches_hendrix(getattr(task, "func", None)), task)
        return found[0]

    def _announce(self, entry: Entry) -> None:
        entry.touches = True
        self._journal.put(entry)
        self._journal.check()
        self._deliver(self._journal.undelivered(run=entry.run, name=entry.name))

    def _keep_telling(self) -> None:
        beat = time.monotonic()
        while not self._ended.wait(EVERY_S):
            self._guarded(lambda: self._journal.drain(self._deliver))
            if time.monotonic() - beat >= BEAT_EVERY_S:
                beat = time.monotonic()
                self._guarded(self._beat)
        self._guarded(lambda: self._journal.drain(self._deliver))
        if self._trouble is not None:
            _log.warning("the graph was not told all of this workflow run yet: %s", self._trouble.message)

    def _beat(self) -> None:
        alive = [fact for fact in self._journal.running(self._run) if _id(fact) in self._told]
        self._deliver(alive)

    def _guarded(self, act: Callable[[], object]) -> None:
        try:
            act()
            self._trouble = None
        except HendrixError as error:  # the next round tries again
            self._trouble = error

    def _deliver(self, facts: Sequence[Fact]) -> None:
        # By the run's own thread and by those of tasks that announce themselves: to tell a thing twice is harmless.
        for start in range(0, len(facts), PIECE):
            piece: dict[UUID, list[Fact]] = {}
            for fact in facts[start : start + PIECE]:
                for above in self._missing_above(fact):
                    piece.setdefault(_id(above), [above])
                piece.setdefault(_id(fact), []).append(fact)
            self._client.call(tell, Tell(facts=tuple(fact for told in piece.values() for fact in told)))
            self._told.update(piece)

    def _missing_above(self, fact: Fact) -> list[Fact]:
        if fact.action is None or fact.action.parent is None:
            return []
        if action_id(fact.run.id, fact.action.parent) in self._told:
            return []
        above = [Fact(sequence=0, run=fact.run, action=action) for action in self._journal.ancestors(fact.action)]
        return [one for one in above if _id(one) not in self._told]


def _id(fact: Fact) -> UUID:
    return fact.run.id if fact.action is None else fact.action.id
