"""All deployments of a state folder: reads what should be, steps each towards it, and writes what is."""

from __future__ import annotations

import dataclasses
import http.client
import logging
import threading
import time
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from hendrix.agent.holding import folder_of
from hendrix.agent.unit import HOST, Desired, Unit
from hendrix.agent.workers import all_of
from hendrix.entities import Kind, NotFoundError, State
from hendrix.graph import schema
from hendrix.serving.operations import assign_port, observe
from hendrix.serving.records import AssignPort, Observed, Served, ServingStats

if TYPE_CHECKING:
    from uuid import UUID

    from hendrix.agent.workers import Worker
    from hendrix.entities import Entity
    from hendrix.session import EmbeddedClient

_LOG = logging.getLogger(__name__)
OBSERVE_EVERY_S = 10.0
"""An observation is written when it changes, and this often to say that somebody looks."""
HEALTH_WITHIN_S = 5.0
CALM = frozenset({"ready", "failed", "stopped"})
"""States that last until something is asked or happens."""
UNHEALTHY_AFTER = 8
"""Health checks in a row that fail before a worker is ended and started anew."""


class Reconciler:
    """Keeps deployments as the graph says they should be.

    Parameters
    ----------
    client
        The state folder's client.
    agent
        The agent's id.
    """

    def __init__(self, client: EmbeddedClient, agent: str) -> None:
        self._client = client
        self._agent = agent
        self._folder = folder_of(client.home.root)
        self._units: dict[UUID, Unit] = {}
        self._desired: dict[UUID, Desired] = {}
        self._told: dict[UUID, tuple[Observed, float]] = {}
        self._unhealthy: dict[UUID, int] = {}
        self._lock = threading.Lock()
        found: dict[UUID, list[Worker]] = {}
        for worker in all_of(self._folder):
            found.setdefault(worker.order.deployment, []).append(worker)
        for deployment, workers in found.items():
            self._units[deployment] = Unit(agent, client.home, self._folder, workers)

    @property
    def busy(self) -> bool:
        """Whether anything runs or should run."""
        return bool(self._units)

    def step(self) -> bool:
        """Go one step with every deployment; says whether any is still on its way."""
        moving = False
        wanted = {desired.deployment: desired for desired in self._read()}
        for deployment, desired in wanted.items():
            if desired.running and deployment not in self._units:
                with self._lock:
                    self._units[deployment] = Unit(self._agent, self._client.home, self._folder, [])
        for deployment, unit in list(self._units.items()):
            desired = wanted.get(deployment) or self._gone(deployment)
            observed = unit.step(desired)
            moving = moving or observed.state not in CALM or not unit.settled
            with self._lock:
                self._desired[deployment] = desired
                if not desired.running and unit.idle:
                    del self._units[deployment]
            if desired.running and desired.port is None and observed.port is not None:
                self._client.call(assign_port, AssignPort(deployment=deployment, port=observed.port))
            self._tell(observed)
        for deployment, desired in wanted.items():
            # What nobody runs and nobody wants is said to be stopped, once.
            if deployment not in self._units and deployment not in self._told:
                self._tell(
                    Observed(deployment=deployment, agent=self._agent, generation=desired.generation, state="stopped")
                )
            elif deployment not in self._units and self._told[deployment][0].generation != desired.generation:
                self._tell(
                    dataclasses.replace(self._told[deployment][0], generation=desired.generation, state="stopped")
                )
        return moving

    def wind_down(self, seconds: float) -> None:
        """End all workers gracefully; what should run stays written, for the next agent."""
        until = time.monotonic() + seconds
        while self._units and time.monotonic() < until:
            for deployment, unit in list(self._units.items()):
                desired = self._desired.get(deployment) or self._gone(deployment)
                self._tell(unit.wind_down(desired))
                if unit.idle:
                    del self._units[deployment]
            time.sleep(0.02)

    def check_health(self) -> None:
        """Ask every worker that says it is ready whether it lives; runs beside `step`, in a thread of its own."""
        with self._lock:
            asked = [(key, unit, unit.port) for key, unit in self._units.items() if unit.ready and unit.port]
        for deployment, unit, port in asked:
            unit.heard(_ask(port))
            failures = 0 if unit.healthy else self._unhealthy.get(deployment, 0) + 1
            self._unhealthy[deployment] = failures
            if failures >= UNHEALTHY_AFTER:
                self._unhealthy[deployment] = 0
                unit.restart_unhealthy()

    def _read(self) -> list[Desired]:
        e = schema.entity.c
        o = schema.observation.c
        # A deleted one is of interest until it is said to be stopped.
        ended = sa.func.coalesce(o.body, "").contains('"state":"stopped"')
        living = (
            sa.select(e.key)
            .outerjoin(schema.observation, o.entity == e.key)
            .where(e.kind == Kind.DEPLOYMENT, sa.or_(e.deleted_at.is_(None), sa.not_(ended)))
        )
        principal = self._client.principal
        with self._client.host.store.read("agent", principal.namespace) as graph:
            entities = graph.by_keys(graph.connection.scalars(living).all())
        return [_desired(entity) for entity in entities.values()]

    def _gone(self, deployment: UUID) -> Desired:
        """Say what should be of a deployment that was deleted: nothing."""
        before = self._desired.get(deployment)
        if before is not None:
            return dataclasses.replace(before, running=False)
        served = Served(deployment="", model="", version="0")
        return Desired(
            deployment=deployment, name="", namespace="", generation=0, running=False, served=served, port=None
        )

    def _tell(self, observed: Observed) -> None:
        told = self._told.get(observed.deployment)
        now = time.monotonic()
        if told is not None and told[0] == observed and now - told[1] < OBSERVE_EVERY_S:
            return
        try:
            self._client.call(observe, observed)
        except NotFoundError:
            # A worker of a deployment that this graph does not know: it is ended all the same.
            _LOG.warning("deployment %s is not in the graph", observed.deployment.hex)
        self._told[observed.deployment] = (observed, now)


def _desired(entity: Entity) -> Desired:
    facts = entity.facts
    return Desired(
        deployment=entity.id,
        name=entity.name,
        namespace=entity.namespace,
        generation=int(facts["generation"]),
        running=entity.state is State.RUNNING,
        served=Served(
            deployment=entity.name,
            model=str(facts["model"]),
            version=str(facts["version"]),
            ref=str(facts["version_ref"]),
            digest=str(facts["version_digest"]),
        ),
        port=facts.get("port"),
    )


def _ask(port: int) -> ServingStats | None:
    """Return what a worker says of itself, None where it does not answer."""
    connection = http.client.HTTPConnection(HOST, port, timeout=HEALTH_WITHIN_S)
    try:
        connection.request("GET", "/stats")
        return msgspec.json.decode(connection.getresponse().read(), type=ServingStats)
    except (OSError, http.client.HTTPException, msgspec.MsgspecError):
        return None
    finally:
        connection.close()
