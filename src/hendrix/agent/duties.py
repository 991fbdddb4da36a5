"""Duties: what the agent does every so often, each in a thread of its own, and shared ones by one agent at a time."""

from __future__ import annotations

import importlib
import logging
import socket
import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from hendrix.entities import utc_now
from hendrix.graph import micros, schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hendrix.session import EmbeddedClient

_LOG = logging.getLogger(__name__)
DUTIES: tuple[str, ...] = ("hendrix.agent.duties:REAP", "hendrix.agent.duties:LOST_JOBS")
"""The platform's own duties, by dotted path and name."""


@dataclass(frozen=True, slots=True)
class Duty:
    """Something to be done again and again.

    Attributes
    ----------
    name
        Its name, in logs and leases.
    every
        The pause between two times.
    work
        What is done; an error is logged, and the next time comes all the same.
    shared
        Whether only one agent of a database may do it at a time (a lease of the graph sees to that). False for what
        concerns this host alone.
    """

    name: str
    every: timedelta
    work: Callable[[EmbeddedClient], object]
    shared: bool = True


def _reap(client: EmbeddedClient) -> object:
    from hendrix.session.records import Nothing
    from hendrix.session.runs import reap

    return client.call(reap, Nothing())


REAP = Duty("reap", timedelta(seconds=10), _reap)
"""Runs that have been silent for too long are marked as lost."""


def _mark_lost(client: EmbeddedClient) -> object:
    from hendrix.compute import mark_lost

    return mark_lost(client)


LOST_JOBS = Duty("lost-jobs", timedelta(seconds=10), _mark_lost)
"""Jobs whose processes are gone are marked as lost, queued ones too."""


def own_duties() -> list[Duty]:
    """Import the platform's own duties."""
    found: list[Duty] = []
    for path in DUTIES:
        module, _, name = path.partition(":")
        found.append(getattr(importlib.import_module(module), name))
    return found


class Rounds:
    """Does duties until it is stopped."""

    def __init__(self, client: EmbeddedClient, agent: str, duties: Iterable[Duty]) -> None:
        self._client = client
        self._holder = f"{socket.gethostname()}:{agent}"
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._keep, args=(duty,), name=f"duty-{duty.name}", daemon=True) for duty in duties
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self, seconds: float = 5.0) -> None:
        """Begin nothing more, and wait for what is being done."""
        self._stop.set()
        for thread in self._threads:
            thread.join(seconds)

    def _keep(self, duty: Duty) -> None:
        while not self._stop.is_set():
            try:
                if not duty.shared or lease(self._client, duty, self._holder):
                    duty.work(self._client)
            except Exception:  # noqa: BLE001 - whatever it is, it is logged
                # One that fails is tried again next time: nothing else may end with it.
                _LOG.exception("the duty %s failed", duty.name)
            self._stop.wait(duty.every.total_seconds())


def lease(client: EmbeddedClient, duty: Duty, holder: str) -> bool:
    """Take or renew the lease of a duty for three times its pause; says whether it is held.

    A holder that dies is followed when its lease runs out. The fence grows with each new holder.
    """
    table = schema.lease
    name = f"duty:{duty.name}"
    now = utc_now()
    until = micros(now + max(3 * duty.every, timedelta(seconds=10)))
    with client.host.store.write("agent", client.principal.namespace) as graph:
        known = graph.connection.execute(sa.select(table).where(table.c.name == name).with_for_update()).first()
        if known is None:
            graph.connection.execute(
                sa.insert(table).values(
                    name=name, namespace=graph.namespace_key, holder=holder, fence=1, expires_at=until
                )
            )
            return True
        if known.holder != holder and known.expires_at > micros(now):
            return False
        fence = known.fence + (known.holder != holder)
        graph.connection.execute(
            sa.update(table).where(table.c.name == name).values(holder=holder, fence=fence, expires_at=until)
        )
        return True
