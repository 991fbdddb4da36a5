"""Metrics of a binary classifier's probabilities, each a function of the counts."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from hendrix.entities import InvalidInputError
from hendrix.evaluation.intervals import UNKNOWN, logit_normal, mean_variance, normal, wilson
from hendrix.evaluation.records import Metric
from hendrix.evaluation.reliability import calibration_error

if TYPE_CHECKING:
    from hendrix.evaluation.counts import Floats, ScoreCounts

EPSILON = float(np.finfo(np.float64).eps)
"""How far the log loss keeps a probability from 0 and 1, as scikit-learn does."""


def auc(counts: ScoreCounts, level: float = 0.95) -> Metric:
    """Area under the ROC curve: the chance that a positive scores above a negative, ties half.

    Exact by ranks (Mann and Whitney 1947); the standard error is DeLong's (DeLong, DeLong and Clarke-Pearson
    1988) from the placement of each row, the interval is taken on the log odds.
    """
    negatives, positives = counts.negatives, counts.positives
    if negatives <= 0 or positives <= 0:
        return Metric(name="auc", value=None, low=None, high=None)
    below = _placement(counts.weights[0]) / negatives
    above = 1 - _placement(counts.weights[1]) / positives
    value = float((counts.weights[1] * below).sum()) / positives
    sides = (
        mean_variance(below, counts.weights[1], counts.squares[1]),
        mean_variance(above, counts.weights[0], counts.squares[0]),
    )
    error = None if sides[0] is None or sides[1] is None else sqrt(sides[0] + sides[1])
    return _metric("auc", min(value, 1.0), logit_normal(value, error, level))


def log_loss(counts: ScoreCounts, level: float = 0.95) -> Metric:
    """Mean negative log likelihood of the outcomes, in nats; the interval is normal."""
    score = np.clip(counts.scores, EPSILON, 1 - EPSILON)
    return _mean("log_loss", counts, np.stack([-np.log1p(-score), -np.log(score)]), level)


def brier(counts: ScoreCounts, level: float = 0.95) -> Metric:
    """Mean squared distance of score and outcome (Brier 1950); the interval is normal."""
    return _mean("brier", counts, np.stack([counts.scores**2, (1 - counts.scores) ** 2]), level)


def accuracy(counts: ScoreCounts, threshold: float = 0.5, level: float = 0.95) -> Metric:
    """Share of rows on the right side; a score that is not below the threshold counts as positive."""
    called = _called(counts, threshold)
    right = np.stack([1 - called[0], called[1]])
    return _share("accuracy", right, np.ones_like(counts.weights), counts, level)


def precision(counts: ScoreCounts, threshold: float = 0.5, level: float = 0.95) -> Metric:
    """Share of true positives among the rows called positive; None when none is."""
    called = _called(counts, threshold)
    return _share("precision", _positive_side(counts), called, counts, level)


def recall(counts: ScoreCounts, threshold: float = 0.5, level: float = 0.95) -> Metric:
    """Share of the positives that is called positive; None when there are none."""
    called = _called(counts, threshold)
    return _share("recall", called, _positive_side(counts), counts, level)


def base_rate(counts: ScoreCounts, level: float = 0.95) -> Metric:
    """Share of positives."""
    return _share("base_rate", _positive_side(counts), np.ones_like(counts.weights), counts, level)


def metrics(counts: ScoreCounts, *, threshold: float = 0.5, bins: int = 10, level: float = 0.95) -> list[Metric]:
    """Compute every metric, in the order of a report.

    Raises
    ------
    InvalidInputError
        When the threshold or the level is no share.
    """
    if not 0 <= threshold <= 1:
        message = f"the threshold must be in [0, 1], not {threshold:g}"
        raise InvalidInputError(message, hint="A score from the threshold up counts as positive.")
    if not 0 < level < 1:
        message = f"the level of confidence must be between 0 and 1, not {level:g}"
        raise InvalidInputError(message, hint="`level=0.95` gives 95% intervals.")
    return [
        auc(counts, level),
        log_loss(counts, level),
        brier(counts, level),
        accuracy(counts, threshold, level),
        precision(counts, threshold, level),
        recall(counts, threshold, level),
        Metric(name="calibration_error", value=calibration_error(counts, bins), low=None, high=None),
        base_rate(counts, level),
    ]


def _placement(weights: Floats) -> Floats:
    # Of one side's weight, how much lies below each score, ties half.
    return np.cumsum(weights) - weights / 2


def _called(counts: ScoreCounts, threshold: float) -> Floats:
    return np.broadcast_to(np.where(counts.scores >= threshold, 1.0, 0.0), counts.weights.shape)


def _positive_side(counts: ScoreCounts) -> Floats:
    return np.broadcast_to(np.array([[0.0], [1.0]]), counts.weights.shape)


def _share(name: str, hit: Floats, among: Floats, counts: ScoreCounts, level: float) -> Metric:
    trials = float((counts.weights * among).sum())
    if trials <= 0:
        return Metric(name=name, value=None, low=None, high=None)
    successes = float((counts.weights * among * hit).sum())
    effective = trials * trials / float((counts.squares * among).sum())
    return _metric(name, successes / trials, wilson(successes, trials, effective, level))


def _mean(name: str, counts: ScoreCounts, losses: Floats, level: float) -> Metric:
    if counts.weight <= 0:
        return Metric(name=name, value=None, low=None, high=None)
    value = float((counts.weights * losses).sum()) / counts.weight
    variance = mean_variance(losses.ravel(), counts.weights.ravel(), counts.squares.ravel())
    return _metric(name, value, normal(value, None if variance is None else sqrt(variance), level))


def _metric(name: str, value: float, bounds: tuple[float | None, float | None] = UNKNOWN) -> Metric:
    return Metric(name=name, value=value, low=bounds[0], high=bounds[1])
