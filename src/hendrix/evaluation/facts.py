"""An evaluation as the facts of its entity, and back, without loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from hendrix.evaluation.better import HIGHER_IS_BETTER
from hendrix.evaluation.records import Evaluation, Metric

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION, BASELINE = "version", "baseline"


def to_facts(evaluation: Evaluation, subject: str) -> dict[str, Any]:
    """Turn an evaluation into JSON: as the record, with metrics by name.

    Parameters
    ----------
    evaluation
        What was found.
    subject
        `version` or `baseline`.
    """
    facts: dict[str, Any] = msgspec.to_builtins(evaluation)
    facts["metrics"] = _by_name(evaluation.metrics)
    facts["slices"] = [msgspec.to_builtins(part) | {"metrics": _by_name(part.metrics)} for part in evaluation.slices]
    return facts | {"subject": subject}


def from_facts(facts: Mapping[str, Any]) -> Evaluation:
    """Read an evaluation back from the facts of its entity."""
    slices = [part | {"metrics": _listed(part["metrics"])} for part in facts["slices"]]
    whole = {**facts, "metrics": _listed(facts["metrics"]), "slices": slices}
    return msgspec.convert(whole, Evaluation)


def _by_name(metrics: list[Metric]) -> dict[str, Any]:
    return {one.name: {"value": one.value, "low": one.low, "high": one.high} for one in metrics}


def _listed(metrics: Mapping[str, Any]) -> list[dict[str, Any]]:
    # Canonical JSON sorts names; a report has an order of its own.
    order = [*HIGHER_IS_BETTER, *metrics]
    return [{"name": name, **metrics[name]} for name in sorted(metrics, key=order.index)]
