"""What can be asked about deployments. The graph holds what should be; the agent makes it so and reports."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from hendrix.entities import ConflictError, EdgeType, Entity, InvalidInputError, Kind, Page, State
from hendrix.serving.records import (
    AssignPort,
    Deploy,
    Deployed,
    DeploymentList,
    DeploymentLogs,
    DeploymentRef,
    Live,
    LiveQuery,
    Observed,
    Sample,
    ServingStats,
)
from hendrix.session import LogPart, Session, log_parts, operation
from hendrix.session.operations import list_entities
from hendrix.session.records import List, Nothing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOWEST_PORT, HIGHEST_PORT = 1024, 65535


@operation("deployments.create", permission="deployments:run")
def create(session: Session, request: Deploy) -> Deployed:
    """Serve a model version under a name: a new deployment, or another version behind the one that is there.

    The same version under the same name again changes nothing.
    """
    graph = session.graph
    version = graph.resolve(request.model, Kind.MODEL)
    if version.kind is Kind.MODEL:
        message = f"{request.model!r} names a model, not a version of it"
        raise InvalidInputError(message, hint=f"Say which: {version.name}@champion, or {version.name}@latest.")
    if version.kind is not Kind.MODEL_VERSION:
        message = f"{version.ref} is a {version.kind}, which can't be deployed"
        raise InvalidInputError(message, hint="Give a model version, such as delay@champion.")
    port = request.port
    if port is not None and not (isinstance(port, int) and LOWEST_PORT <= port <= HIGHEST_PORT):
        message = f"the port is {port!r}"
        raise InvalidInputError(message, hint=f"Take one from {LOWEST_PORT} to {HIGHEST_PORT}.")
    name = request.name or version.name
    views = _views(session, version)
    pinned: dict[str, Any] = {
        "model": version.name,
        "version": version.version,
        "version_id": version.id.hex,
        "version_ref": version.ref,
        "version_digest": version.digest,
        "asked": request.model,
        "views": [f"{view.name}@{view.version}" for view in views],
    }
    known = graph.find(Kind.DEPLOYMENT, name)
    if known is None:
        facts = {**pinned, "port": request.port, "generation": 1}
        made = graph.create(
            Kind.DEPLOYMENT,
            name,
            project=version.project,
            state=State.RUNNING,
            description=request.description or "",
            facts={key: value for key, value in facts.items() if value is not None},
        )
    else:
        same = known.facts.get("version_id") == version.id.hex
        same_port = request.port is None or request.port == known.facts.get("port")
        if same and same_port and known.state is State.RUNNING:
            return Deployed(deployment=known, changed=False)
        changes: dict[str, Any] = {**pinned, "generation": known.facts["generation"] + 1}
        if request.port is not None:
            changes["port"] = request.port
        described: dict[str, Any] = {} if request.description is None else {"description": request.description}
        made = graph.update(known, state=State.RUNNING, facts=changes, verb="deployed", **described)
    graph.link(EdgeType.DEPLOYED, version, made)
    for view in views:
        graph.link(EdgeType.SERVED, view, made)
    return Deployed(deployment=made, changed=True)


@operation("deployments.list", permission="deployments:read", kind="read")
def list_deployments(session: Session, request: DeploymentList) -> Page[Entity]:
    """Return a part of the list of deployments, newest first."""
    return list_entities(session, List(kind=Kind.DEPLOYMENT, limit=request.limit, cursor=request.cursor))


@operation("deployments.show", permission="deployments:read", kind="read")
def show(session: Session, request: DeploymentRef) -> Entity:
    """Return a deployment: what it should serve (`facts`) and what the agent sees (`observed`)."""
    return _deployment(session, request.ref)


@operation("deployments.stop", permission="deployments:run")
def stop(session: Session, request: DeploymentRef) -> Entity:
    """Stop serving; the deployment keeps its name and its port's number. Stopping again changes nothing."""
    found = _deployment(session, request.ref)
    if found.state is State.STOPPED:
        return found
    facts = {"generation": found.facts["generation"] + 1}
    return session.graph.update(found, state=State.STOPPED, facts=facts, verb="stopped")


@operation("deployments.restart", permission="deployments:run")
def restart(session: Session, request: DeploymentRef) -> Entity:
    """Serve the same version from a new process, which takes over when it is ready; a stopped one is started."""
    found = _deployment(session, request.ref)
    facts = {"generation": found.facts["generation"] + 1}
    return session.graph.update(found, state=State.RUNNING, facts=facts, verb="restarted")


@operation("deployments.delete", permission="deployments:run")
def delete(session: Session, request: DeploymentRef) -> Entity:
    """Stop serving and delete the deployment softly: its name is free again."""
    return session.graph.delete(_deployment(session, request.ref))


@operation("deployments.assign_port", permission="deployments:run")
def assign_port(session: Session, request: AssignPort) -> Entity:
    """Keep the port that was reserved for a deployment that had none."""
    found = session.graph.get(request.deployment)
    if found.facts.get("port") is not None:
        message = f"{found.ref} has the port {found.facts['port']} already"
        raise ConflictError(message, hint="Read the deployment again.")
    return session.graph.update(found, facts={"port": request.port}, verb="given_port")


@operation("deployments.observe", permission="deployments:run")
def observe(session: Session, request: Observed) -> Nothing:
    """Note what the agent sees of a deployment."""
    found = session.graph.get(request.deployment)
    body = dataclasses.asdict(request)
    del body["deployment"]
    session.graph.observe(found, **body)
    return Nothing()


@operation("serving.live", permission="deployments:read", kind="read")
def live(session: Session, request: LiveQuery) -> Live:
    """Return the live numbers of a deployment, as its agent read them last."""
    found = _deployment(session, request.deployment)
    told = found.observed or {}
    stats = msgspec.convert(told.get("stats"), ServingStats | None)
    minute = stats.last_minute if stats else None
    total = stats.since_start if stats else None
    return Live(
        state=str(told.get("state", "waiting for the agent")),
        url=told.get("url"),
        port=told.get("port"),
        pid=told.get("pid"),
        restarts=told.get("restarts", 0),
        version_ref=found.facts["version_ref"],
        started_at=stats.started_at if stats else None,
        rate=minute.rate if minute else None,
        requests=total.requests if total else None,
        errors=total.errors if total else None,
        rows=total.rows if total else None,
        p50_ms=minute.latency_ms.p50 if minute else None,
        p95_ms=minute.latency_ms.p95 if minute else None,
        p99_ms=minute.latency_ms.p99 if minute else None,
        unseen_keys=total.unseen_keys if total else None,
        history=msgspec.convert(told.get("history", []), tuple[Sample, ...]),
    )


@operation("deployments.logs", permission="deployments:read", kind="stream")
def logs(session: Session, request: DeploymentLogs) -> Iterator[LogPart | None]:
    """Yield what a deployment's processes printed, and with `follow` what they will."""
    with session.reading() as graph:
        found = graph.resolve(request.ref, Kind.DEPLOYMENT)
    path = log_path(session.host.home.logs, found.id)
    offset = request.offset
    while True:
        if path.exists():
            if path.stat().st_size < offset:  # it was begun anew in between
                offset = 0
            for part in log_parts(path, offset):
                offset = part.next
                yield part
        if not request.follow:
            return
        yield None


def log_path(folder: Path, deployment: UUID) -> Path:
    """Say where a deployment's processes write, below the folder of logs."""
    return folder / f"deployment-{deployment.hex}.log"


def _deployment(session: Session, ref: str) -> Entity:
    found = session.graph.resolve(ref, Kind.DEPLOYMENT)
    if found.kind is not Kind.DEPLOYMENT:
        message = f"{found.ref} is no deployment"
        raise InvalidInputError(message, hint="`hendrix deployment list` shows what there is.")
    return found


def _views(session: Session, version: Entity) -> list[Entity]:
    """Find the feature view versions that the model was trained with, as its version pins them."""
    lookup = version.facts.get("features") or {}
    return [session.graph.get(UUID(str(view["id"]))) for view in lookup.get("views", ())]
