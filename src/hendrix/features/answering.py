"""From a key's stored value to its features at a moment, by the rules of the point-in-time join."""

from __future__ import annotations

import math
import struct
from bisect import bisect_left, bisect_right
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from hendrix.features.layout import HEADER
from hendrix.features.sums import exact_sum
from hendrix.features.values import CHARS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hendrix.features.layout import Layout, Served

_facts = struct.Struct("<I").unpack_from


class Taken(NamedTuple):
    """The places of some facts: those from `begin` to before `end`, and the later ones in `more`."""

    begin: int
    end: int
    more: list[int]

    @property
    def number(self) -> int:
        """How many they are."""
        return self.end - self.begin + len(self.more)


class Value:
    """One key's stored facts, and which of them count at a moment.

    Parameters
    ----------
    buffer
        The stored value.
    layout
        How it is packed.
    at_us
        The moment, microseconds UTC.
    """

    __slots__ = ("_at", "_buffer", "_events", "_known", "_more", "_places", "_taken", "facts", "latest")

    def __init__(self, buffer: memoryview, layout: Layout, at_us: int) -> None:
        self._buffer = buffer
        self._places = places = layout.places
        self._at = at_us
        self._taken: dict[int, Taken] = {}
        self.facts: int = _facts(buffer)[0]
        self._events: Sequence[int] | None = self.block("event") if "event" in places else None
        reached = self.facts if self._events is None else bisect_right(self._events, at_us)
        # all facts before this place are known; of those after it, each must be looked at
        self._known = reached
        self._more: list[int] = []
        if "start" in places and reached:
            self._known = bisect_right(self.block("reach"), at_us, 0, reached)
            if self._known < reached:
                starts = self.block("start")
                self._more = [place for place in range(self._known, reached) if starts[place] <= at_us]
        self.latest = self._more[-1] if self._more else self._known - 1
        """The place of the latest fact that counts; -1: none does, so the key is unseen."""

    def block(self, name: str) -> Sequence[Any]:
        """Give all entries of a block."""
        offset, width, char, _ = self._places[name]
        begin = HEADER + offset * self.facts
        return self._buffer[begin : begin + width * self.facts].cast(char)  # type: ignore[call-overload, no-any-return]

    def at(self, name: str, place: int) -> Any:
        """Give one entry of a block."""
        offset, width, _, unpack = self._places[name]
        return unpack(self._buffer, HEADER + offset * self.facts + width * place)[0]

    def within(self, span_us: int | None) -> bool:
        """Whether the latest fact is young enough."""
        return span_us is None or self._events is None or self._events[self.latest] > self._at - span_us

    def counting(self, span_us: int) -> Taken:
        """Give the facts that count in a window."""
        taken = self._taken.get(span_us)
        if taken is None:
            first = bisect_right(self._events or (), self._at - span_us)
            end = max(first, self._known)
            more = self._more[bisect_left(self._more, first) :] if self._more else self._more
            taken = self._taken[span_us] = Taken(min(first, end), end, more)
        return taken

    def gained(self, name: str, taken: Taken) -> int:
        """Add up what a block of running totals gained at some facts."""
        total = 0
        if taken.end > taken.begin:
            total = self.at(name, taken.end - 1) - (self.at(name, taken.begin - 1) if taken.begin else 0)
        if taken.more:
            totals = self.block(name)
            total += sum(totals[place] - (totals[place - 1] if place else 0) for place in taken.more)
        return int(total)


class Single:
    """Answers for a key of one stored fact that is all of its view: its record is unpacked at once.

    Parameters
    ----------
    layout
        How values are packed; all features are plain columns of one TTL.
    """

    def __init__(self, layout: Layout) -> None:
        order = [block.name for block in layout.blocks]
        self._unpack = struct.Struct("<I" + "".join(CHARS[block.type] for block in layout.blocks)).unpack_from
        self._event = order.index("event") + 1 if "event" in order else None
        self._start = order.index("start") + 1 if "start" in order else self._event
        self._span = layout.features[0].span_us
        places = [order.index(f"v{served.column}") + 1 for served in layout.features]
        self._take = itemgetter(*places) if len(places) > 1 else itemgetter(slice(places[0], places[0] + 1))
        self._checks = [
            (place, order.index(f"n{served.column}") + 1)
            for place, served in enumerate(layout.features)
            if f"n{served.column}" in order
        ]
        self._nothing = (None,) * len(places)

    @staticmethod
    def suits(layout: Layout) -> bool:
        """Whether a view's features are all plain columns of one TTL."""
        return {served.aggregate for served in layout.features} == {"last"} and len(
            {served.span_us for served in layout.features}
        ) == 1

    def answer(self, buffer: memoryview, at_us: int) -> tuple[Any, ...] | None:
        """Give the features at a moment; None: the key is unseen by then."""
        row = self._unpack(buffer)
        if self._start is not None and row[self._start] > at_us:
            return None
        if self._span is not None and self._event is not None and row[self._event] <= at_us - self._span:
            return self._nothing
        found: tuple[Any, ...] = self._take(row)
        if self._checks:
            kept = list(found)
            for place, valid in self._checks:
                if not row[valid]:
                    kept[place] = None
            found = tuple(kept)
        return found


def answerer(served: Served, layout: Layout) -> Callable[[Value], Any]:
    """Make the function that answers one feature for a key that is seen."""
    number, span = served.column, served.span_us
    if served.aggregate == "last":
        return _last(f"v{number}", f"n{number}" if _has(layout, f"n{number}") else None, span)
    if span is None:
        message = f"the stored feature {served.name!r} has no window"
        raise ValueError(message)
    present = f"c{number}" if number is not None and _has(layout, f"c{number}") else None
    count = _count(present, span)
    if served.aggregate == "count":
        return count
    if _has(layout, f"s{number}"):
        return _mean_of_totals(f"s{number}", layout.scales[str(number)], count, span)
    return _mean_of_values(f"x{number}", count, span)


def _has(layout: Layout, name: str) -> bool:
    return name in layout.places


def _last(values: str, valid: str | None, span: int | None) -> Callable[[Value], Any]:
    def answer(value: Value) -> Any:
        if not value.within(span) or (valid is not None and not value.at(valid, value.latest)):
            return None
        return value.at(values, value.latest)

    return answer


def _count(present: str | None, span: int) -> Callable[[Value], int]:
    def answer(value: Value) -> int:
        taken = value.counting(span)
        return taken.number if present is None else value.gained(present, taken)

    return answer


def _mean_of_totals(totals: str, scale: int, count: Callable[[Value], int], span: int) -> Callable[[Value], Any]:
    def answer(value: Value) -> float | None:
        number = count(value)
        if not number:
            return None
        return math.ldexp(float(value.gained(totals, value.counting(span))), scale) / number

    return answer


def _mean_of_values(values: str, count: Callable[[Value], int], span: int) -> Callable[[Value], Any]:
    def answer(value: Value) -> float | None:
        number = count(value)
        if not number:
            return None
        held = value.block(values)
        taken = value.counting(span)
        summed = [*held[taken.begin : taken.end], *(held[place] for place in taken.more)]
        total = exact_sum(summed) if isinstance(held[0], float) else float(sum(summed))
        return total / number

    return answer
