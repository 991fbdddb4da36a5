"""What can be asked of the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from hendrix.entities import ConflictError, EdgeType, Entity, InvalidInputError, Kind, check_alias
from hendrix.models.promotion import (
    GATED,
    candidacy_of,
    evaluations_of,
    holder_of,
    judge_candidacy,
    refuse,
    version_of,
)
from hendrix.models.records import (
    DeleteAlias,
    Judgement,
    Promote,
    Promotion,
    Register,
    Registered,
    SetAlias,
    ShowVersion,
    VersionDetail,
)
from hendrix.session import Session, operation
from hendrix.session.runs import run_of

if TYPE_CHECKING:
    from uuid import UUID

    from hendrix.graph import Transaction


@operation("models.register", permission="models:log")
def register(session: Session, request: Register) -> Registered:
    """Make the next version of a model out of an uploaded folder, or return the latest if it is the same.

    The model is made when there is none of the name. The version is produced by the run and derived from what
    the run has read, and from the feature views that it was trained with.
    """
    session.artifacts.path(request.digest)
    graph = session.graph
    model, _ = graph.ensure(Kind.MODEL, request.name, project=request.project, description=request.description)
    facts = msgspec.to_builtins(request.facts) | {"size": request.size}
    version, made = graph.add_version(model, digest=request.digest, facts=facts, tags=request.tags)
    for view in request.facts.features.views if request.facts.features else ():
        graph.link(EdgeType.DERIVED_FROM, graph.get(view.id), version, run=request.run)
    if request.run is not None:
        _join(graph, request.run, version)
    return Registered(version=version, made=made)


@operation("models.show", permission="models:read", kind="read")
def show_version(session: Session, request: ShowVersion) -> VersionDetail:
    """Return a version with its evaluations; a model's name alone is its latest version."""
    version = version_of(session.graph, request.ref)
    evaluations = tuple(evaluations_of(session.graph, version))
    metrics = evaluations[0].metrics if evaluations else {}
    return VersionDetail(entity=version, evaluations=evaluations, metrics=metrics)


@operation("models.set_alias", permission="models:write")
def set_alias(session: Session, request: SetAlias) -> Entity:
    """Point an alias at a version. `champion` is given by a promotion, so this is one, gates included."""
    if request.alias in GATED:
        return promote_version(session, Promote(ref=request.ref, alias=request.alias)).version
    return session.graph.set_alias(version_of(session.graph, request.ref), request.alias)


@operation("models.delete_alias", permission="models:write")
def delete_alias(session: Session, request: DeleteAlias) -> Entity:
    """Take an alias away from the version that has it."""
    graph = session.graph
    model = graph.resolve(request.model, Kind.MODEL)
    if model.kind is not Kind.MODEL:
        message = f"{request.model!r} is no model"
        raise InvalidInputError(message, hint="Give the model's name without a version.")
    return graph.delete_alias(graph.version(model, check_alias(request.alias)), request.alias)


@operation("models.judge", permission="models:read", kind="read", method="POST")
def judge(session: Session, request: Promote) -> Judgement:
    """Say what the gates would say of a promotion, and change nothing."""
    graph = session.graph
    version = version_of(graph, request.ref)
    holder = holder_of(graph, version, check_alias(request.alias))
    return judge_candidacy(candidacy_of(graph, request, version, holder))


@operation("models.promote", permission="models:write")
def promote_version(session: Session, request: Promote) -> Promotion:
    """Give a version an alias, if every gate lets it pass.

    Promoting the version that has the alias already is a success that changes nothing.
    """
    graph = session.graph
    version = version_of(graph, request.ref)
    holder = holder_of(graph, version, check_alias(request.alias))
    if holder is not None and holder.id == version.id:
        return Promotion(version=version, alias=request.alias, replaced=version.ref, changed=False)
    if version.deleted_at is not None:
        message = f"{version.ref} was deleted"
        raise ConflictError(message, hint="Promote a version that lives.")
    candidacy = candidacy_of(graph, request, version, holder)
    judgement = judge_candidacy(candidacy)
    if request.expected is not None and request.expected != judgement.digest:
        message = f"what the gates stood on has changed since {version.ref} was judged"
        raise ConflictError(message, hint="Promote it again.")
    if not judgement.passed:
        raise refuse(candidacy, judgement.verdicts)
    promoted = graph.set_alias(version, request.alias)
    graph.event(
        "promoted",
        promoted,
        before=version,
        facts={
            "alias": request.alias,
            "replaced": holder.ref if holder else None,
            "judgement": judgement.digest,
            "verdicts": msgspec.to_builtins(judgement.verdicts),
        },
    )
    return Promotion(
        version=promoted,
        alias=request.alias,
        replaced=holder.ref if holder else None,
        changed=True,
        verdicts=judgement.verdicts,
    )


def _join(graph: Transaction, run: UUID, version: Entity) -> None:
    from hendrix.graph import neighbours

    made_by = run_of(graph, run)
    graph.link(EdgeType.PRODUCED, made_by, version, run=run)
    for kind, upstream, other in neighbours(graph, made_by):
        if kind is EdgeType.CONSUMED and upstream:
            graph.link(EdgeType.DERIVED_FROM, other, version, run=run)
