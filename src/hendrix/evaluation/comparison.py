"""Two evaluations side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hendrix.entities import InvalidInputError
from hendrix.evaluation.better import is_better
from hendrix.evaluation.records import Comparison, Difference, Evaluation

if TYPE_CHECKING:
    from hendrix.evaluation.records import Metric
    from hendrix.evaluation.verbs import Report


def compare(candidate: Evaluation | Report, baseline: Evaluation | Report, *, primary: str = "auc") -> Comparison:
    """Compare two evaluations, metric by metric and slice by slice.

    Parameters
    ----------
    candidate, baseline
        The evaluations; to say much, both of the same rows (`Comparison.same_rows` tells).
    primary
        The metric that is compared in each slice.

    Raises
    ------
    InvalidInputError
        When the two use different thresholds or levels, which makes precision, recall and intervals differ
        for no reason of the model's.
    NotFoundError
        When there is no metric of that name.
    """
    candidate, baseline = _evaluation(candidate), _evaluation(baseline)
    for what in ("threshold", "level"):
        first, second = getattr(candidate, what), getattr(baseline, what)
        if first != second:
            message = f"{candidate.name} was evaluated with {what} {first:g}, {baseline.name} with {second:g}"
            raise InvalidInputError(message, hint=f"Evaluate both with the same {what}.")
    candidate.metric(primary)
    others = {(tuple(part.columns), tuple(part.values)): part for part in baseline.slices if not part.merged}
    slices = []
    for part in candidate.slices:
        other = others.get((tuple(part.columns), tuple(part.values)))
        if other is not None and not part.merged:
            slices.append(_difference(part.title, part.metric(primary), other.metric(primary)))
    return Comparison(
        candidate=candidate.name,
        baseline=baseline.name,
        same_rows=candidate.frame_digest == baseline.frame_digest,
        metrics=[_difference("all rows", metric, baseline.metric(metric.name)) for metric in candidate.metrics],
        slices=slices,
    )


def _evaluation(given: Evaluation | Report) -> Evaluation:
    return given if isinstance(given, Evaluation) else given.evaluation


def _difference(title: str, candidate: Metric, baseline: Metric) -> Difference:
    difference, better = None, None
    if candidate.value is not None and baseline.value is not None:
        difference = candidate.value - baseline.value
        better = is_better(candidate.name, candidate.value, baseline.value)
    return Difference(
        title=title,
        metric=candidate.name,
        candidate=candidate.value,
        baseline=baseline.value,
        difference=difference,
        better=better,
        apart=_apart(candidate, baseline),
    )


def _apart(first: Metric, second: Metric) -> bool:
    if first.low is None or first.high is None or second.low is None or second.high is None:
        return False
    return first.low > second.high or second.low > first.high
