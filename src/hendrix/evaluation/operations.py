"""What can be asked of this room: keeping an evaluation."""

from __future__ import annotations

from hendrix.entities import EdgeType, InvalidInputError, Kind, check_name
from hendrix.evaluation.facts import BASELINE, VERSION, to_facts
from hendrix.evaluation.records import Store, Stored
from hendrix.session import Session, operation, short


@operation("evaluation.store", permission="evaluation:log")
def store(session: Session, request: Store) -> Stored:
    """Keep an evaluation of a model version, or of a stated baseline; the same findings are kept once.

    It is joined to the version, to the dataset that its rows are, and to the run that made it.
    """
    from hendrix.graph import canonical, digest

    graph = session.graph
    evaluation = request.evaluation
    version = graph.get(request.version) if request.version else None
    if version is not None and (version.kind is not Kind.MODEL_VERSION or evaluation.name != short(version.ref)):
        message = f"an evaluation of {evaluation.name!r} is none of {short(version.ref)}"
        raise InvalidInputError(message, hint="Give the version that was evaluated.")
    if version is None:
        check_name(evaluation.name, "name of a baseline")
    facts = to_facts(evaluation, VERSION if version else BASELINE)
    identity = digest(canonical({**facts, "version": version.id if version else None}))
    like = {"frame_digest": evaluation.frame_digest, "name": evaluation.name}
    known = [one for one in graph.list(kind=Kind.EVALUATION, facts=like).items if one.digest == identity]
    entity = (
        known[0]
        if known
        else graph.create(
            Kind.EVALUATION,
            evaluation.name,
            project=version.project if version else None,
            facts=facts,
            digest=identity,
        )
    )
    if version is not None:
        graph.link(EdgeType.EVALUATED, version, entity, run=request.run)
    if request.dataset is not None:
        graph.link(EdgeType.CONSUMED, graph.get(request.dataset), entity, run=request.run)
    if request.run is not None:
        graph.link(EdgeType.PRODUCED, graph.get(request.run), entity, run=request.run)
    return Stored(entity=entity, made=not known)
