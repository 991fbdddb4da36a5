"""What a set of scored rows comes down to: how often each score met each outcome.

Every metric of this room is a function of these counts, so they are what partitions, files or workers
hand on. They keep each distinct score rather than bins: the ranks, and with them the AUC, stay exact, and
merging the parts gives the same counts as the whole. A distinct score costs 40 bytes, so ten million rows
fit in 400 MB at worst; models that give few distinct scores (trees, averages) need far less.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hendrix.entities import InvalidInputError

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class ScoreCounts:
    """Weighted outcomes per distinct score, mergeable without loss.

    Parameters
    ----------
    scores
        Distinct scores in ascending order, shape (k,).
    weights
        Sums of weights, shape (2, k): row 0 the negatives, row 1 the positives.
    squares
        Sums of squared weights, shape (2, k), from which the intervals get their effective sample size.
    rows
        How many rows were counted.
    """

    scores: Floats
    weights: Floats
    squares: Floats
    rows: int

    @classmethod
    def of(cls, labels: Any, scores: Any, weights: Any = None) -> ScoreCounts:
        """Count rows.

        Parameters
        ----------
        labels
            Outcomes, 0 or 1 (or booleans), shape (n,).
        scores
            Probabilities of the positive class, in [0, 1], shape (n,).
        weights
            Weights of the rows, not negative, shape (n,); by default 1 each.

        Raises
        ------
        InvalidInputError
            For a label other than 0 and 1, a score outside [0, 1], a negative weight or unequal lengths.
        """
        outcome = as_labels(labels)
        score = as_scores(scores, rows=outcome.size)
        weight = as_weights(weights, rows=outcome.size)
        distinct, position = np.unique(score, return_inverse=True)
        return cls(
            scores=distinct,
            weights=_sums(outcome, position, weight, distinct.size),
            squares=_sums(outcome, position, weight * weight, distinct.size),
            rows=int(outcome.size),
        )

    @classmethod
    def merge(cls, *parts: ScoreCounts) -> ScoreCounts:
        """Join the counts of disjoint parts; without parts, the counts of no rows."""
        if not parts:
            return cls(scores=np.empty(0), weights=np.empty((2, 0)), squares=np.empty((2, 0)), rows=0)
        distinct, position = np.unique(np.concatenate([part.scores for part in parts]), return_inverse=True)
        return cls(
            scores=distinct,
            weights=_regroup([part.weights for part in parts], position, distinct.size),
            squares=_regroup([part.squares for part in parts], position, distinct.size),
            rows=sum(part.rows for part in parts),
        )

    def __add__(self, other: ScoreCounts) -> ScoreCounts:
        return ScoreCounts.merge(self, other)

    @property
    def negatives(self) -> float:
        """The weight of all negative rows."""
        return float(self.weights[0].sum())

    @property
    def positives(self) -> float:
        """The weight of all positive rows."""
        return float(self.weights[1].sum())

    @property
    def weight(self) -> float:
        """The weight of all rows."""
        return float(self.weights.sum())


def as_labels(labels: Any) -> Floats:
    """Read outcomes as 0.0 and 1.0, shape (n,); any other value is an InvalidInputError."""
    values = _vector(labels, "labels")
    wrong = ~((values == 0) | (values == 1))
    if wrong.any():
        message = f"a label must be 0 or 1, row {int(wrong.argmax())} has {values[wrong.argmax()]:g}"
        raise InvalidInputError(message, hint="Make the label binary, or leave rows without a label out.")
    return values


def as_scores(scores: Any, *, rows: int) -> Floats:
    """Read probabilities, shape (rows,); a value outside [0, 1] or NaN is an InvalidInputError."""
    values = _vector(scores, "scores")
    _same_length(values, rows, "scores")
    wrong = ~((values >= 0) & (values <= 1))
    if wrong.any():
        value = values[wrong.argmax()]
        message = f"a score must be a probability in [0, 1], row {int(wrong.argmax())} has {value:g}"
        hint = f"{int(wrong.sum()):,} of {rows:,} rows are outside; pass the probability of the positive class"
        raise InvalidInputError(message, hint=hint)
    return values + 0.0  # -0.0 and 0.0 are one score


def as_weights(weights: Any, *, rows: int) -> Floats:
    """Read weights, shape (rows,), by default ones; negative or infinite ones are an InvalidInputError."""
    if weights is None:
        return np.ones(rows)
    values = _vector(weights, "weights")
    _same_length(values, rows, "weights")
    wrong = ~((values >= 0) & np.isfinite(values))
    if wrong.any():
        value = values[wrong.argmax()]
        message = f"a weight must be a finite number from 0, row {int(wrong.argmax())} has {value:g}"
        raise InvalidInputError(message, hint="Fill missing weights, or leave those rows out.")
    return values


def _vector(values: Any, what: str) -> Floats:
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        message = f"{what} must be numbers: {error}"
        raise InvalidInputError(message, hint=f"Pass {what} as one column of numbers.") from error
    if array.ndim != 1:
        message = f"{what} must have one dimension, not the shape {array.shape}"
        raise InvalidInputError(message, hint=f"Pass {what} as one column of numbers.")
    return array


def _same_length(values: Floats, rows: int, what: str) -> None:
    if values.size != rows:
        message = f"there are {values.size:,} {what} for {rows:,} labels"
        raise InvalidInputError(message, hint=f"Pass one of the {what} for each row.")


def _sums(outcome: Floats, position: NDArray[np.intp], values: Floats, size: int) -> Floats:
    sides = [np.bincount(position, np.where(outcome == side, values, 0.0), size) for side in (0, 1)]
    return np.stack(sides)


def _regroup(parts: list[Floats], position: NDArray[np.intp], size: int) -> Floats:
    joined = np.concatenate(parts, axis=1)
    return np.stack([np.bincount(position, joined[side], size) for side in (0, 1)])
