"""Facts in time: when each begins and ceases to count, in the two orders that every question needs.

A fact begins to count at `start`, the later of its event time and its known-at time. Sorted by key and
start, and by key and event time, the facts of a key that count at a time are two binary searches away:
those that have started, less those whose event has left the window.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from hendrix.data import BEGINNING, column_micros

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from hendrix.features.records import TimeColumns

    Ints: TypeAlias = NDArray[np.int64]
    Flags: TypeAlias = NDArray[np.bool_]

_WORD_BITS = 63


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of a source that can ever count, with their times in microseconds.

    Parameters
    ----------
    rows
        Positions in the source, ascending; None: all of it.
    code
        The number of each fact's key.
    event, known, start
        Its event time, when it was known, and the later of the two.
    codes
        How many numbers of keys there may be.
    timed
        Whether facts have event times; else they are `BEGINNING`, and no fact grows old.
    """

    rows: Ints | None
    code: Ints
    event: Ints
    known: Ints
    start: Ints
    codes: int
    timed: bool

    @classmethod
    def of(cls, source: pa.Table, times: TimeColumns, code: Ints, codes: int, owner: str) -> Facts:
        """Take the facts whose key has a code, whose event has a time and that are known at some time."""
        marks = [code >= 0]
        event = known = None
        if times.timestamp is not None:
            event, dated = column_micros(source[times.timestamp], times.timestamp, owner)
            marks += [] if dated is None else [dated]
        if times.known_at is not None:
            known, told = column_micros(source[times.known_at], times.known_at, owner)
            marks += [] if told is None else [told]
        rows = _all(marks)
        number = len(code) if rows is None else len(rows)

        def take(column: Ints) -> Ints:
            return column if rows is None else column[rows]

        event = take(event) if event is not None else np.full(number, BEGINNING)
        known = take(known) if known is not None else event
        start = event if known is event else np.maximum(event, known)
        return cls(rows, take(code), event, known, start, codes, times.timestamp is not None)

    def positions(self, facts: Ints) -> Ints:
        """Give the positions of facts in the source."""
        return facts if self.rows is None else self.rows[facts]

    def __len__(self) -> int:
        return len(self.code)


def _all(marks: list[Flags]) -> Ints | None:
    """Give the positions where all marks are set; None: everywhere."""
    everywhere = marks[0]
    for mark in marks[1:]:
        everywhere = everywhere & mark
    return None if everywhere.all() else np.flatnonzero(everywhere)


@dataclass(frozen=True, slots=True)
class Axis:
    """Keys and times as one sorted column of 64-bit integers.

    Where the key's number and the microseconds don't fit side by side, times count as ranks: `ranks` are
    sorted times, and a time's rank is how many of them have come by then.
    """

    packed: Ints
    bits: int
    first: int
    ranks: Ints | None

    @classmethod
    def of(cls, code: Ints, codes: int, time: Ints) -> tuple[Axis, Ints]:
        """Pack (unsorted) facts; the sorted axis is `with_order` of what comes back."""
        first, last = (int(time.min()), int(time.max())) if len(time) else (0, 0)
        span = last - first + 1
        ranks = None
        if span.bit_length() + (codes - 1).bit_length() > _WORD_BITS:
            ranks = np.unique(time)
            span = len(ranks)
        axis = cls(np.empty(0, np.int64), span.bit_length(), first, ranks)
        if ranks is not None:
            return axis, axis.pack(code, time)
        packed = code << axis.bits
        packed += time
        packed -= first - 1
        return axis, packed

    def with_order(self, packed: Ints, order: Ints) -> Axis:
        """Give the axis that holds packed facts in an order."""
        return Axis(packed[order], self.bits, self.first, self.ranks)

    def pack(self, code: Ints, time: Ints) -> Ints:
        """Pack keys and any times; those before the first fact come before all of their key's facts."""
        if self.ranks is not None:
            order = np.argsort(time)
            ticks = np.empty(len(time), np.int64)
            ticks[order] = np.searchsorted(self.ranks, time[order], "right")
        else:
            ticks = np.clip(time - (self.first - 1), 0, (1 << self.bits) - 1)
        return (code << self.bits) | ticks

    def reached(self, code: Ints, time: Ints, order: Ints) -> Ints:
        """Count the facts up to (key, time), all facts of lower keys among them.

        `order` sorts the questions, as neighbours in memory are answered faster.
        """
        out = np.empty(len(code), np.int64)
        out[order] = np.searchsorted(self.packed, self.pack(code[order], time[order]), "right")
        return out

    def code_at(self, position: Ints) -> Ints:
        """Give the key's number at positions of the axis."""
        return self.packed[position] >> self.bits


@dataclass(frozen=True, slots=True)
class Timeline:
    """Facts in their two orders.

    Parameters
    ----------
    facts
        What is ordered.
    by_event, by_start
        Orders of the facts: by (key, event, known, position), and by (key, start).
    events, starts
        The axes in these orders.
    latest
        For each position of `starts`: which position of `by_event` is the latest fact so far; None: the same.
    """

    facts: Facts
    by_event: Ints
    by_start: Ints
    events: Axis
    starts: Axis
    latest: Ints | None

    @classmethod
    def of(cls, facts: Facts) -> Timeline:
        """Sort facts."""
        if facts.known is facts.event and _ascends(facts.event):
            return cls._of_log(facts)
        axis, packed = Axis.of(facts.code, facts.codes, facts.event)
        by_event = _order(packed, None if facts.known is facts.event else facts.known)
        events = axis.with_order(packed, by_event)
        if facts.start is facts.event or np.array_equal(facts.start, facts.event):
            return cls(facts, by_event, by_event, events, events, None)
        axis, packed = Axis.of(facts.code, facts.codes, facts.start)
        by_start = np.argsort(packed)
        rank = np.empty(len(facts), np.int64)
        rank[by_event] = np.arange(len(facts))
        # ranks of a later key are higher than all of an earlier one's, so the maximum never crosses keys
        latest = np.maximum.accumulate(rank[by_start])
        return cls(facts, by_event, by_start, events, axis.with_order(packed, by_start), latest)

    @classmethod
    def _of_log(cls, facts: Facts) -> Timeline:
        """Sort facts that come in the order of their times, each known at once: positions stand for times.

        Key and position in one integer are sorted as they are, twice as fast as finding an order.
        """
        number = len(facts)
        bits = number.bit_length()
        packed = facts.code << bits
        packed += np.arange(1, number + 1)
        packed.sort()
        order = packed & ((1 << bits) - 1)
        order -= 1
        axis = Axis(packed, bits, 0, facts.event)
        return cls(facts, order, order, axis, axis, None)

    def latest_of(self, entered: Ints) -> Ints:
        """Give the position in `by_event` of the latest among the first facts by start; their number is above 0."""
        last = entered - 1
        return last if self.latest is None else self.latest[last]


def _ascends(values: Ints) -> bool:
    return bool((values[1:] >= values[:-1]).all())


def _order(packed: Ints, known: Ints | None) -> Ints:
    """Sort by the packed key and event, ties by known-at, then by position."""
    if known is None and _ascends(packed):
        return np.arange(len(packed))
    order = np.argsort(packed)  # not stable, and three times as fast; ties are put right below
    ordered = packed[order]
    same = ordered[1:] == ordered[:-1]
    if same.any():
        tied = np.flatnonzero(np.append(same, False) | np.insert(same, 0, False))
        members = order[tied]
        ties = (members, ordered[tied]) if known is None else (members, known[members], ordered[tied])
        order[tied] = members[np.lexsort(ties)]
    return order
