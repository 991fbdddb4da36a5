"""Counts for the parts of a table that share a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hendrix.entities import InvalidInputError
from hendrix.evaluation.counts import ScoreCounts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hendrix.evaluation.counts import Floats

    Codes: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """The rows that share a value: their values as text, counts, and how many smaller parts were merged."""

    values: list[str | None]
    counts: ScoreCounts
    positives: int
    merged: int = 0


def split(
    table: pa.Table, columns: Sequence[str], *, labels: Floats, scores: Floats, weights: Floats, most: int
) -> list[Part]:
    """Count each combination of values, ordered by value, null last.

    Parameters
    ----------
    table
        The rows, in the order of labels, scores and weights.
    columns
        What to slice by, one column or several together.
    labels, scores, weights
        Outcomes, probabilities and weights, shape (rows,).
    most
        How many parts to keep apart; the smallest ones beyond are merged into one last part.
    """
    found = [_column(table, name) for name in columns]
    group, first = _groups(found)
    order = np.argsort(group, kind="stable")
    rows = np.split(order, np.cumsum(np.bincount(group, minlength=first.size))[:-1])
    parts = [
        Part(
            values=[texts[codes[place]] for codes, texts in found],
            counts=ScoreCounts.of(labels[at], scores[at], weights[at]),
            positives=int(labels[at].sum()),
        )
        for place, at in zip(first, rows, strict=True)
    ]
    if len(parts) <= most:
        return parts
    ranked = sorted(range(len(parts)), key=lambda place: -parts[place].counts.rows)
    kept, small = sorted(ranked[:most]), [parts[place] for place in ranked[most:]]
    rest = Part(
        values=[None] * len(columns),
        counts=ScoreCounts.merge(*(part.counts for part in small)),
        positives=sum(part.positives for part in small),
        merged=len(small),
    )
    return [*(parts[place] for place in kept), rest]


def _groups(columns: Sequence[tuple[Codes, list[str | None]]]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Give each combination of values a number, in order: return each row's, and a row for each number."""
    group = np.zeros(len(columns[0][0]), dtype=np.intp)
    first = group[:1]
    for codes, texts in columns:
        _, first, group = np.unique(group * len(texts) + codes, return_index=True, return_inverse=True)
    return group, first


def _column(table: pa.Table, name: str) -> tuple[Codes, list[str | None]]:
    values = table.column(name)
    if pa.types.is_dictionary(values.type):
        values = pc.cast(values, values.type.value_type)
    if pa.types.is_nested(values.type):
        message = f"the column {name!r} of type {values.type} can't be sliced by"
        raise InvalidInputError(message, hint="Slice by columns of text, numbers, booleans or times.")
    distinct = pc.unique(values).drop_null()
    distinct = distinct.take(pc.sort_indices(distinct))
    found = pc.index_in(values, value_set=distinct)
    code = pc.fill_null(found, len(distinct)).to_numpy().astype(np.int64)
    return code, [*(_text(value) for value in distinct.to_pylist()), None]


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
