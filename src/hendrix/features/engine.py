"""The point-in-time join: a view's features for each row of a spine, as they were known at the row's time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pyarrow as pa

from hendrix.data import to_arrow
from hendrix.entities import InvalidInputError
from hendrix.features.columns import FactColumns
from hendrix.features.keys import NULL, canonical, family, match
from hendrix.features.records import Misses
from hendrix.features.sums import Spans
from hendrix.features.timeline import Facts, Timeline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hendrix.features.records import Feature, TimeColumns, ViewDefinition

    Ints: TypeAlias = NDArray[np.int64]
    Flags: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ViewColumns:
    """A view's features for a spine: one Arrow array a feature, in the definition's order; and the misses."""

    arrays: list[pa.Array]
    misses: Misses


def point_in_time(
    view: ViewDefinition, source: pa.Table, times: TimeColumns, keys: Sequence[pa.ChunkedArray], at: Ints
) -> ViewColumns:
    """Compute a view's features for rows of keys and times.

    Parameters
    ----------
    view
        What to compute; its columns are in the source.
    source
        The facts, in file order.
    times
        Which columns of the source hold its times.
    keys
        The spine's key columns, in the entity's order.
    at
        The rows' times, microseconds UTC.
    """
    names, owner = view.entity.keys, f"dataset {view.source!r}"
    families = [family(source.schema.field(name).type, name, owner) for name in names]
    spine = [
        canonical(column, kind, name, "the spine") for column, kind, name in zip(keys, families, names, strict=True)
    ]
    known = [canonical(source[name], kind, name, owner) for name, kind in zip(names, families, strict=True)]
    codes, source_codes, number = match(spine, known)
    timeline = Timeline.of(Facts.of(source, times, source_codes, number, owner))
    question = _Question.of(timeline, codes, at)
    columns = FactColumns(source, timeline.facts)
    arrays = [question.answer(view, feature, columns) for feature in view.features]
    nulls = int((codes == NULL).sum())
    unseen = int((~question.seen).sum()) - nulls
    return ViewColumns(arrays, Misses(unseen=unseen, null_keys=nulls))


@dataclass(frozen=True, slots=True)
class _Question:
    """Keys and times held against a timeline.

    Parameters
    ----------
    timeline
        The facts.
    codes, at
        The rows' keys (0 where there is none) and times.
    order
        Sorts the rows by key and time.
    entered
        How many facts by start come up to each row.
    seen
        Which rows have a fact of their key by then.
    picked
        For each span that was asked for: where in the source each row's latest fact is.
    """

    timeline: Timeline
    codes: Ints
    at: Ints
    order: Ints
    entered: Ints
    seen: Flags
    picked: dict[int | None, pa.Array] = field(default_factory=dict)

    @classmethod
    def of(cls, timeline: Timeline, codes: Ints, at: Ints) -> _Question:
        keyed = codes >= 0
        codes = np.where(keyed, codes, 0)
        if not len(timeline.facts):
            nothing = np.zeros(len(codes), np.int64)
            return cls(timeline, codes, at, np.arange(len(codes)), nothing, nothing > 0)
        order = np.argsort(timeline.starts.pack(codes, at))
        entered = timeline.starts.reached(codes, at, order)
        own = timeline.starts.code_at(np.maximum(entered - 1, 0)) == codes
        return cls(timeline, codes, at, order, entered, keyed & (entered > 0) & own)

    def answer(self, view: ViewDefinition, feature: Feature, columns: FactColumns) -> pa.Array:
        span = view.span_us(feature)
        if feature.aggregate == "last":
            return self._last(columns.whole(_name(feature)), span)
        if span is None:
            message = f"feature {feature.name!r} of view {view.name!r} has no window"
            raise InvalidInputError(message, hint=f'Write window.{feature.aggregate}(..., "7d").')
        return self._windowed(feature, columns, span)

    def _last(self, column: pa.Array, span: int | None) -> pa.Array:
        if not len(self.timeline.facts):
            return pa.nulls(len(self.at), column.type)
        if span not in self.picked:
            self.picked[span] = self._pick(span)
        return column.take(self.picked[span])

    def _pick(self, span: int | None) -> pa.Array:
        """Give the position in the source of each row's latest fact, null where it has none in the span."""
        facts = self.timeline.facts
        fact = self.timeline.by_event[self.timeline.latest_of(np.maximum(self.entered, 1))]
        there = self.seen
        if span is not None and facts.timed:
            there = there & (facts.event[fact] > self.at - span)
        return to_arrow(facts.positions(fact), ~there)

    def _windowed(self, feature: Feature, columns: FactColumns, span: int) -> pa.Array:
        line = self.timeline
        counting = feature.aggregate == "count"
        if not len(line.facts):
            return pa.nulls(len(self.at), pa.int64() if counting else pa.float64())
        left = line.events.reached(self.codes, self.at - span, self.order)
        spans = Spans(line.by_start, line.by_event, self.entered, left)
        late = columns.known_after(span)
        counted = columns.valid(feature.column)
        if late is not None:
            counted = ~late if counted is None else counted & ~late
        number = self.entered - left if counted is None else spans.total(counted)
        if counting:
            return to_arrow(number, ~self.seen)
        scaled = columns.scaled(_name(feature))
        total = spans.sum(scaled if late is None else scaled.without(late))
        there = self.seen & (number > 0)
        return to_arrow(total / np.where(there, number, 1), ~there)


def _name(feature: Feature) -> str:
    if feature.column is None:
        message = f"feature {feature.name!r} names no column"
        raise InvalidInputError(message, hint=f'Write window.{feature.aggregate}("column", "7d").')
    return feature.column
