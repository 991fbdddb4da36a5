"""One deployment in the agent's hands: from what should be to what is, a step at a time.

A step never waits. The agent holds the listening socket and hands it to each worker, so connections wait in the
socket's queue while a worker is replaced or restarted, and the port is never anybody else's.
"""

from __future__ import annotations

import dataclasses
import logging
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hendrix.agent.ports import reserve, reserve_any
from hendrix.agent.workers import Worker, new_worker_id
from hendrix.entities import HendrixError
from hendrix.serving.operations import log_path
from hendrix.serving.records import Observed, Sample, Served, WorkerOrder

if TYPE_CHECKING:
    import socket
    from pathlib import Path
    from uuid import UUID

    from hendrix.serving.records import ServingStats
    from hendrix.session import Home

_LOG = logging.getLogger(__name__)
HOST = "127.0.0.1"
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 30.0
"""Pauses before a worker that died is started again: doubled from the first to the longest."""
CALM_AFTER_S = 60.0
"""After this long without dying, the pauses begin anew."""
PORT_AGAIN_S = 2.0
SAMPLES = 150
"""How many samples of live numbers are kept: five minutes of them."""
TRIES = 3
"""How often a replacement may die before the version before it is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """What the graph says of a deployment."""

    deployment: UUID
    name: str
    namespace: str
    generation: int
    running: bool
    served: Served
    port: int | None


class Unit:
    """A deployment's socket and workers.

    Parameters
    ----------
    agent
        The agent's id, for observations.
    home, folder
        The state folder, and where the workers' files lie.
    found
        Workers of this deployment that an agent before left alive.
    """

    def __init__(self, agent: str, home: Home, folder: Path, found: list[Worker]) -> None:
        self._agent = agent
        self._home = home
        self._folder = folder
        self._listener: socket.socket | None = None
        self._current: Worker | None = None
        self._next: Worker | None = None
        self._leaving: list[Worker] = []
        self._pause = FIRST_PAUSE_S
        self._not_before = 0.0
        self._up_since = time.monotonic()
        self._died_replacing = 0
        self._given_up: int | None = None
        self._failure: HendrixError | None = None
        self._port_trouble: HendrixError | None = None
        self.restarts = 0
        self.last_exit: str | None = None
        self.healthy: bool | None = None
        self.stats: ServingStats | None = None
        self._history: deque[Sample] = deque(maxlen=SAMPLES)
        self._adopt(found)

    @property
    def port(self) -> int | None:
        """The port that is reserved."""
        return None if self._listener is None else int(self._listener.getsockname()[1])

    @property
    def idle(self) -> bool:
        """Whether nothing runs any more."""
        return self._current is None and self._next is None and not self._leaving

    @property
    def settled(self) -> bool:
        """Whether nothing comes and nothing goes."""
        return self._next is None and not self._leaving

    @property
    def ready(self) -> bool:
        """Whether a worker says that it serves its model."""
        return self._current is not None and self._says(self._current) == "ready"

    def heard(self, stats: ServingStats | None) -> None:
        """Take what the worker said of itself; None: it did not answer."""
        self.healthy, self.stats = stats is not None, stats
        if stats is not None:
            minute = stats.last_minute
            self._history.append(
                Sample(t=time.time(), rate=minute.rate, p95_ms=minute.latency_ms.p95, errors=minute.errors)
            )

    def restart_unhealthy(self) -> None:
        """End a worker that does not answer; it is started again as one that died."""
        if self._current is not None:
            _LOG.warning("worker %s does not answer and is ended", self._current.pid)
            self._current.kill()

    def step(self, desired: Desired) -> Observed:
        """Go one step towards what should be, and say what is."""
        self._leaving = [worker for worker in self._leaving if not worker.gone()]
        self._bury()
        if not desired.running:
            return self.wind_down(desired)
        if not self._reserved(desired):
            return self._observe(desired, "port-in-use")
        if self._next is not None:
            self._watch_next(desired)
        elif self._current is None or self._useless(self._current, desired):
            if time.monotonic() >= self._not_before:
                if self._current is not None:
                    self._leave(self._current)
                self._current = self._start(desired, at_once=True)
                self._up_since = time.monotonic()
        elif self._outdated(desired) and time.monotonic() >= self._not_before:
            self._next = self._start(desired, at_once=False)
        return self._observe(desired, self._state(desired))

    def wind_down(self, desired: Desired) -> Observed:
        """Go one step towards nothing."""
        for worker in (self._current, self._next):
            if worker is not None:
                worker.end()
                self._leaving.append(worker)
        self._current = self._next = None
        self._given_up = self._failure = self._port_trouble = None
        self._leaving = [worker for worker in self._leaving if not worker.gone()]
        if self.idle and self._listener is not None:
            self._listener.close()
            self._listener = None
        return self._observe(desired, "stopped" if self.idle else "stopping")

    def _adopt(self, found: list[Worker]) -> None:
        """Take over what an agent before left: the newest that is ready serves, one that loads is next."""
        ranked = sorted(found, key=lambda w: (self._says(w) == "ready", w.order.generation), reverse=True)
        for worker in ranked:
            if worker.kill_at is None and self._says(worker) == "stopping":
                worker.end()
                self._leaving.append(worker)
            elif self._current is None:
                self._current = worker
            elif self._next is None and worker.order.generation > self._current.order.generation:
                self._next = worker
            else:
                worker.end()
                self._leaving.append(worker)
        if self._current is not None:
            _LOG.info("took over worker %s of %s", self._current.pid, self._current.order.served.deployment)

    def _says(self, worker: Worker) -> str:
        status = worker.look()
        return "starting" if status is None else status.state

    def _bury(self) -> None:
        """Note a serving worker that died, and when it may be started again."""
        worker = self._current
        if worker is None or worker.alive():
            return
        self.last_exit = worker.exit()
        self.restarts += 1
        if time.monotonic() - self._up_since > CALM_AFTER_S:
            self._pause = FIRST_PAUSE_S
        self._not_before = time.monotonic() + self._pause
        self._pause = min(2 * self._pause, LONGEST_PAUSE_S)
        _LOG.warning("worker %s of %s %s", worker.pid, worker.order.served.deployment, self.last_exit)
        worker.forget()
        self._current = self.healthy = None
        if self._next is not None:
            # Nothing serves any more: what was to come after it is what there is.
            self._current, self._next = self._next, None

    def _reserved(self, desired: Desired) -> bool:
        """Hold the port that is wanted; one that has changed is taken before the old one is given back."""
        if self._listener is not None and desired.port in (None, self.port):
            self._port_trouble = None
            return True
        trouble = self._port_trouble
        if trouble is not None and trouble.details.get("port") == desired.port and time.monotonic() < self._not_before:
            return False
        serving = self._current
        join = serving is not None and desired.port == serving.order.port
        try:
            if desired.port is not None:
                listener = reserve(HOST, desired.port, join=join)
            elif serving is not None:
                listener = reserve(HOST, serving.order.port, join=True)
            else:
                listener = reserve_any(HOST)
        except HendrixError as error:
            self._port_trouble = error
            self._not_before = time.monotonic() + PORT_AGAIN_S
            return False
        if self._listener is not None:
            self._listener.close()
        self._listener = listener
        self._port_trouble = None
        self._not_before = 0.0
        return True

    def _useless(self, worker: Worker, desired: Desired) -> bool:
        """Whether a worker serves nothing: one that is outdated and not ready, or failed and does not say so."""
        says = self._says(worker)
        return (self._outdated(desired) and says != "ready") or (says == "failed" and not worker.order.at_once)

    def _outdated(self, desired: Desired) -> bool:
        worker = self._current
        wanted = desired.generation
        return worker is not None and wanted not in {worker.order.generation, self._given_up}

    def _start(self, desired: Desired, *, at_once: bool) -> Worker | None:
        listener = self._listener
        if listener is None:
            return None
        order = WorkerOrder(
            worker=new_worker_id(),
            deployment=desired.deployment,
            generation=desired.generation,
            served=desired.served,
            home=str(self._home.root),
            namespace=desired.namespace,
            host=HOST,
            port=int(listener.getsockname()[1]),
            at_once=at_once,
        )
        _LOG.info("starting %s for %s on port %d", desired.served.ref, desired.name, order.port)
        return Worker.start(self._folder, order, listener, log_path(self._home.logs, desired.deployment))

    def _watch_next(self, desired: Desired) -> None:
        """Let a replacement take over when it is ready; keep the version before when it fails."""
        worker = self._next
        if worker is None:
            return
        if worker.order.generation != desired.generation:
            # Something newer is wanted by now.
            self._leave(worker)
            self._next = None
            return
        says = self._says(worker)
        if not worker.alive():
            self.last_exit = worker.exit()
            worker.forget()
            self._next = None
            self._died_replacing += 1
            self._not_before = time.monotonic() + self._pause
            if self._died_replacing >= TRIES:
                self._give_up(desired, HendrixError(f"the new process {self.last_exit}"))
        elif says == "ready":
            if self._current is not None:
                self._leave(self._current)
            self._current, self._next = worker, None
            self._up_since = time.monotonic()
            self._died_replacing = 0
            self.healthy = None
        elif says == "failed":
            status = worker.look()
            error, hint = (status.error, status.hint) if status else ("", "")
            self._leave(worker)
            self._next = None
            self._give_up(desired, HendrixError(error, hint=hint))

    def _give_up(self, desired: Desired, why: HendrixError) -> None:
        self._given_up = desired.generation
        self._died_replacing = 0
        self._failure = why
        _LOG.warning("%s could not be replaced: %s", desired.name, why.message)

    def _leave(self, worker: Worker) -> None:
        worker.end()
        self._leaving.append(worker)

    def _state(self, desired: Desired) -> str:
        if self._current is None:
            return "restarting"
        if self._given_up == desired.generation:
            return "failed"
        says = self._says(self._current)
        if says == "failed":
            return "failed"
        if self._outdated(desired):
            return "replacing"
        if says == "ready":
            return "ready"
        return "restarting" if self.restarts else "starting"

    def _observe(self, desired: Desired, state: str) -> Observed:
        worker = self._current
        error, hint = "", ""
        status = worker.look() if worker is not None else None
        if state == "failed" and status is not None and status.state == "failed":
            error, hint = status.error, status.hint
        elif state == "failed" and self._failure is not None:
            error, hint = self._failure.message, self._failure.hint
            if worker is not None:
                error = f"{error} ({worker.order.served.ref} goes on answering)"
        elif state == "port-in-use" and self._port_trouble is not None:
            error, hint = self._port_trouble.message, self._port_trouble.hint
        elif state == "restarting":
            error, hint = f"the process {self.last_exit}", f"hendrix deployment logs {desired.name}"
        port = self.port
        base = Observed(deployment=desired.deployment, agent=self._agent, generation=desired.generation, state=state)
        return dataclasses.replace(
            base,
            port=port,
            host=HOST,
            url=None if port is None else f"http://{HOST}:{port}",
            pid=None if worker is None else worker.pid,
            version=None if worker is None else int(worker.order.served.version),
            restarts=self.restarts,
            last_exit=self.last_exit,
            healthy=self.healthy,
            stats=self.stats if worker is not None else None,
            history=tuple(self._history),
            error=error or None,
            hint=hint or None,
        )
