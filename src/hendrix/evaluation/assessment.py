"""From scores and a table with outcomes to an evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hendrix.data import as_table
from hendrix.entities import InvalidInputError
from hendrix.evaluation.binary import metrics
from hendrix.evaluation.counts import ScoreCounts, as_labels, as_scores, as_weights
from hendrix.evaluation.digest import table_digest
from hendrix.evaluation.records import Evaluation, Slice
from hendrix.evaluation.reliability import calibration
from hendrix.evaluation.slicing import split
from hendrix.models import require_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hendrix.evaluation.counts import Floats


def report(
    scores: Any,
    frame: Any,
    *,
    label: str,
    name: str,
    slices: Sequence[str | Sequence[str]] = (),
    weight: str | None = None,
    keys: Sequence[str] | None = None,
    threshold: float = 0.5,
    bins: int = 10,
    level: float = 0.95,
    most_slices: int = 50,
) -> Evaluation:
    """Evaluate the probabilities of a binary outcome.

    Parameters
    ----------
    scores
        Probabilities of the positive class, shape (rows,), in the order of the frame.
    frame
        The rows, with the outcome and what to slice by: an Arrow, pandas or Polars table.
    label
        The column with the outcome: booleans, 0 and 1. Rows where it is null or NaN are left out and counted.
    name
        What is evaluated, such as `delay@3` or `carrier average`.
    slices
        Columns to slice by; a tuple of columns slices by their combinations.
    weight
        A column of weights; by default each row counts once.
    keys
        Columns that identify the rows in `frame_digest` (with label and weight); by default all columns, so
        that evaluations are comparable when they were made on equal frames.
    threshold
        A score from here up counts as positive.
    bins
        How many bins of equal width the calibration has.
    level
        The level of the intervals.
    most_slices
        How many slices to keep apart for each entry of `slices`; the smallest beyond are merged into one.

    Raises
    ------
    InvalidInputError
        For a column that the frame does not have, an outcome other than 0 and 1, a score outside [0, 1],
        scores of another length, or no row with an outcome.
    """
    table = as_table(frame, "the frame")
    columns = [[part] if isinstance(part, str) else list(part) for part in slices]
    named = [label, *([weight] if weight else []), *(keys or ()), *(name for part in columns for name in part)]
    require_columns(table, named, "the frame")
    known = _known(table, label)
    score = as_scores(_all_scores(scores, table.num_rows, known), rows=int(known.sum()))
    rows = table.filter(pa.array(known))
    outcome = as_labels(_numbers(rows, label))
    if not outcome.size:
        message = f"none of the {table.num_rows:,} rows has a value in the label {label!r}"
        raise InvalidInputError(message, hint="Evaluate on rows whose outcome is known.")
    weights = as_weights(_numbers(rows, weight) if weight else None, rows=outcome.size)
    counts = ScoreCounts.of(outcome, score, weights)
    parts = [
        Slice(
            columns=by,
            values=part.values,
            rows=part.counts.rows,
            positives=part.positives,
            metrics=metrics(part.counts, threshold=threshold, bins=bins, level=level),
            merged=part.merged,
        )
        for by in columns
        for part in split(rows, by, labels=outcome, scores=score, weights=weights, most=most_slices)
    ]
    identity = None if keys is None else [*keys, label, *([weight] if weight else [])]
    return Evaluation(
        name=name,
        label=label,
        rows=counts.rows,
        left_out=table.num_rows - counts.rows,
        positives=int(outcome.sum()),
        threshold=threshold,
        level=level,
        weight=weight,
        frame_digest=table_digest(table, identity),
        metrics=metrics(counts, threshold=threshold, bins=bins, level=level),
        slices=parts,
        calibration=calibration(counts, bins, level),
    )


def _known(table: pa.Table, label: str) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.asarray(pc.invert(pc.is_null(table.column(label), nan_is_null=True)))


def _all_scores(scores: Any, rows: int, known: np.ndarray[Any, np.dtype[np.bool_]]) -> Any:
    values = np.asarray(scores)
    if values.shape != (rows,):
        message = f"the scores have the shape {values.shape}, the frame has {rows:,} rows"
        raise InvalidInputError(message, hint="Pass one probability of the positive class for each row.")
    return values[known]


def _numbers(table: pa.Table, name: str) -> Floats:
    column = table.column(name)
    try:
        return np.asarray(pc.cast(column, pa.float64()), dtype=np.float64)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        message = f"the column {name!r} of type {column.type} can't be read as numbers"
        raise InvalidInputError(message, hint="A label is 0 or 1 (or a boolean), a weight a number.") from error
