"""Whether probabilities mean what they say: reliability bins and their summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hendrix.entities import InvalidInputError
from hendrix.evaluation.intervals import wilson
from hendrix.evaluation.records import CalibrationBin

if TYPE_CHECKING:
    from hendrix.evaluation.counts import Floats, ScoreCounts

MOST_BINS = 100


def calibration(counts: ScoreCounts, bins: int = 10, level: float = 0.95) -> list[CalibrationBin]:
    """Group rows by score into equal widths and compare mean score and rate of positives.

    Parameters
    ----------
    counts
        The scored rows.
    bins
        How many bins between 0 and 1; each holds the scores from its low up to, but without, its high, the
        last one 1 too. Empty bins are left out.
    level
        The level of the rate's interval (Wilson 1927).
    """
    weight, positive, score, square = _binned(counts, bins)
    table = []
    for place in np.flatnonzero(weight > 0):
        total = float(weight[place])
        low, high = wilson(float(positive[place]), total, total * total / float(square[place]), level)
        table.append(
            CalibrationBin(
                low=float(place / bins),
                high=float((place + 1) / bins),
                weight=total,
                mean_score=float(score[place]) / total,
                rate=float(positive[place]) / total,
                rate_low=low,
                rate_high=high,
            )
        )
    return table


def calibration_error(counts: ScoreCounts, bins: int = 10) -> float | None:
    """Compute the expected calibration error over equal widths (Guo et al. 2017, eq. 3); None without rows."""
    weight, positive, score, _ = _binned(counts, bins)
    total = float(weight.sum())
    return float(np.abs(positive - score).sum()) / total if total > 0 else None


def _binned(counts: ScoreCounts, bins: int) -> tuple[Floats, Floats, Floats, Floats]:
    if not 1 <= bins <= MOST_BINS:
        message = f"calibration needs between 1 and {MOST_BINS} bins, not {bins}"
        raise InvalidInputError(message, hint="`bins=10` is the usual choice.")
    place = np.minimum((counts.scores * bins).astype(np.intp), bins - 1)
    both = counts.weights.sum(axis=0)
    columns = (both, counts.weights[1], both * counts.scores, counts.squares.sum(axis=0))
    binned: list[Floats] = [np.bincount(place, column, bins).astype(np.float64) for column in columns]
    weight, positive, score, square = binned
    return weight, positive, score, square
