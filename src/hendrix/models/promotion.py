"""Promotions: what gates are told, what they say, and what follows from it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import msgspec

from hendrix import plugins
from hendrix.entities import EdgeType, Entity, InvalidInputError, Kind, NotFoundError, RefusedError
from hendrix.models.records import Candidacy, Evaluated, Judgement, ModelFacts, Promote, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hendrix.graph import Transaction
    from hendrix.models.seams import Gate

GATED = frozenset({"champion"})
"""The aliases that only a promotion gives."""

MOST_BASELINES = 50


def version_of(graph: Transaction, ref: str) -> Entity:
    """Find a model's version by reference or id; the name alone is the latest one.

    Raises
    ------
    NotFoundError
        When there is none.
    InvalidInputError
        When it is something else.
    """
    found = graph.resolve(ref, Kind.MODEL)
    if found.kind is Kind.MODEL:
        found = graph.version(found, "latest")
    if found.kind is not Kind.MODEL_VERSION:
        message = f"{found.ref} is a {str(found.kind).replace('_', ' ')}, not a version of a model"
        raise InvalidInputError(message, hint="Give a model's version, such as delay@3.")
    return found


def holder_of(graph: Transaction, version: Entity, alias: str) -> Entity | None:
    """Return the living version of the same model that has an alias now, or None."""
    container = graph.by_key(graph.container_key(version))
    try:
        found = graph.version(container, alias)
    except NotFoundError:
        return None
    return found if found.deleted_at is None else None


def evaluations_of(graph: Transaction, version: Entity) -> list[Evaluated]:
    """Return the evaluations of a version, newest first."""
    from hendrix.graph import neighbours

    found = {
        other.id: evaluated(other, version)
        for kind, upstream, other in neighbours(graph, version)
        if kind is EdgeType.EVALUATED and not upstream and other.deleted_at is None
    }
    return sorted(found.values(), key=lambda one: (one.created_at, one.id), reverse=True)


def evaluated(entity: Entity, version: Entity | None) -> Evaluated:
    """Read what gates and lists need of a stored evaluation."""
    metrics = entity.facts.get("metrics", {})
    return Evaluated(
        id=entity.id,
        ref=entity.ref,
        name=entity.name,
        version=version.id if version else None,
        frame_digest=str(entity.facts.get("frame_digest", "")),
        rows=int(entity.facts.get("rows", 0)),
        metrics={name: metric.get("value") for name, metric in metrics.items()},
        digest=entity.digest or "",
        created_at=entity.created_at,
    )


def candidacy_of(graph: Transaction, asked: Promote, version: Entity, holder: Entity | None) -> Candidacy:
    """Gather all that gates decide on."""
    own = evaluations_of(graph, version)
    others = evaluations_of(graph, holder) if holder else []
    for frame in dict.fromkeys(one.frame_digest for one in own):
        page = graph.list(
            kind=Kind.EVALUATION, facts={"frame_digest": frame, "subject": "baseline"}, limit=MOST_BASELINES
        )
        others += [evaluated(entity, None) for entity in page.items]
    return Candidacy(
        version=version.id,
        ref=version.ref,
        digest=version.digest or "",
        facts=facts_of(version),
        alias=asked.alias,
        holder=holder.id if holder else None,
        holder_ref=holder.ref if holder else None,
        baseline=asked.baseline,
        metric=asked.metric,
        evaluations=(*own, *others),
    )


def facts_of(version: Entity) -> ModelFacts:
    """Read what a version says of itself."""
    return msgspec.convert(version.facts, ModelFacts)


def judge_candidacy(candidacy: Candidacy) -> Judgement:
    """Ask every gate; one that raises, or whose module can't be loaded, has said no."""
    from hendrix.graph import canonical, digest

    verdicts = tuple(_ask(gate, candidacy) for gate in _gates(plugins.GATES))
    return Judgement(
        passed=all(verdict.passed for verdict in verdicts),
        verdicts=verdicts,
        digest=digest(canonical(candidacy)),
    )


def refuse(candidacy: Candidacy, verdicts: Sequence[Verdict]) -> RefusedError:
    """Make the error that names the gates that said no, why, and the way out."""
    against = [verdict for verdict in verdicts if not verdict.passed]
    name = candidacy.ref.rpartition("/")[2]
    said = "; ".join(f"the gate {verdict.gate!r} says: {verdict.reason}" for verdict in against)
    message = f"{name} can't become {candidacy.alias}: {said}"
    hint = " ".join(verdict.hint for verdict in against if verdict.hint)
    return RefusedError(message, hint=hint, gates=[verdict.gate for verdict in against])


@functools.lru_cache(maxsize=8)  # to look for entry points reads files, which no transaction should wait for
def _gates(own: tuple[str, ...]) -> tuple[Gate, ...]:
    try:
        found = plugins.objects("hendrix.gates", own)
        return tuple(one() if isinstance(one, type) else one for one in found)
    except Exception as error:
        message = f"a gate can't be loaded, so nothing can be promoted: {type(error).__name__}: {error}"
        hint = "mend or uninstall the package that offers it under hendrix.gates"
        raise RefusedError(message, hint=hint) from error


def _ask(gate: Gate, candidacy: Candidacy) -> Verdict:
    name = str(getattr(gate, "name", type(gate).__name__))
    try:
        verdict = gate.check(candidacy)
    except Exception as error:  # noqa: BLE001 - a gate that breaks has said no, whatever broke it
        return Verdict(gate=name, passed=False, reason=f"it failed with {type(error).__name__}: {error}")
    if not isinstance(verdict, Verdict):
        return Verdict(gate=name, passed=False, reason=f"it answered {verdict!r}, which is no verdict")
    return verdict
