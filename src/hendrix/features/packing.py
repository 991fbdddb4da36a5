"""Materialization: from a source's facts to one packed value a key (see `layout`)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from hendrix.data import to_arrow, to_numpy
from hendrix.features.columns import FactColumns, numbers
from hendrix.features.keys import canonical, distinct_keys, encode_keys, family
from hendrix.features.layout import Block, Layout, Served
from hendrix.features.sums import Scaled, prefix
from hendrix.features.timeline import Facts, Timeline
from hendrix.features.values import store, stored_type

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa
    from numpy.typing import NDArray

    from hendrix.features.records import TimeColumns, ViewDefinition

    Ints: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Packed:
    """A view's facts, packed.

    Parameters
    ----------
    layout
        How.
    keys
        Each key's bytes.
    bounds
        Where each key's facts begin in the blocks, and where the last one's end.
    blocks
        The layout's blocks, facts sorted by key and event time.
    texts
        For each stored column of strings, its distinct strings.
    """

    layout: Layout
    keys: list[bytes]
    bounds: Ints
    blocks: list[NDArray[Any]]
    texts: dict[int, list[str]]

    def values(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield each key with its value."""
        lengths = np.diff(self.bounds)
        yield from self._single(np.flatnonzero(lengths == 1))
        widths = [block.dtype.itemsize for block in self.blocks]
        raw = [memoryview(np.ascontiguousarray(block).view(np.uint8).data) for block in self.blocks]
        edges = self.bounds.tolist()
        for place, (begin, end) in enumerate(pairwise(edges)):
            if end - begin > 1:
                parts = [one[begin * width : end * width] for one, width in zip(raw, widths, strict=True)]
                yield self.keys[place], b"".join((struct.pack("<I", end - begin), *parts))

    def strings(self) -> Iterator[tuple[int, int, bytes]]:
        """Yield column, number and UTF-8 bytes of each distinct string."""
        for column, distinct in self.texts.items():
            for number, text in enumerate(distinct):
                yield column, number, text.encode()

    def _single(self, places: Ints) -> Iterator[tuple[bytes, bytes]]:
        """Pack the keys of one fact all at once: their blocks side by side are records."""
        kinds = [("facts", "<u4"), *((str(i), block.dtype.str) for i, block in enumerate(self.blocks))]
        records = np.empty(len(places), np.dtype(kinds))
        records["facts"] = 1
        at = self.bounds[places]
        for number, block in enumerate(self.blocks):
            records[str(number)] = block[at]
        raw, width = records.tobytes(), records.dtype.itemsize
        for number, place in enumerate(places.tolist()):
            yield self.keys[place], raw[number * width : (number + 1) * width]


def pack(view: ViewDefinition, source: pa.Table, times: TimeColumns, layout: Layout) -> Packed:
    """Pack what answers any question about a moment from the layout's `at_us` on.

    Of what counts by then, each key keeps its latest fact and those inside its longest window; all that
    comes to count later is kept.

    Parameters
    ----------
    view, source, times
        As for `point_in_time`.
    layout
        The identity of the view, and the earliest moment; blocks and features are filled in.
    """
    owner = f"dataset {view.source!r}"
    families = [family(source.schema.field(name).type, name, owner) for name in view.entity.keys]
    columns = [
        canonical(source[name], kind, name, owner) for name, kind in zip(view.entity.keys, families, strict=True)
    ]
    codes, distinct = distinct_keys(columns)
    facts = Facts.of(source, times, codes, max(len(distinct[0]), 1), owner)
    line = Timeline.of(facts)
    kept = line.by_event[_needed(view, line, layout.at_us)]
    held, bounds = _bounds(facts.code[kept])
    blocks = _Blocks(FactColumns(source, facts), facts, kept, bounds)
    blocks.add_times()
    served = [_serve(view, feature.name, blocks) for feature in view.features]
    filled = replace(
        layout,
        families=list(families),
        blocks=blocks.named,
        features=served,
        text_columns=sorted(blocks.texts),
        scales=blocks.scales,
        entities=len(held),
    )
    keys = encode_keys([column.take(to_arrow(held)) for column in distinct])
    return Packed(filled, keys, bounds, blocks.arrays, blocks.texts)


def _needed(view: ViewDefinition, line: Timeline, at_us: int) -> NDArray[np.bool_]:
    """Say which facts, in event order, a question about a moment from `at_us` on can touch."""
    facts = line.facts
    if not len(facts):
        return np.zeros(0, np.bool_)
    needed = facts.start[line.by_event] > at_us
    spans = [feature.window_us for feature in view.features if feature.aggregate != "last" and feature.window_us]
    if spans:
        needed |= facts.event[line.by_event] > at_us - max(spans)
    codes = np.arange(facts.codes)
    reached = line.starts.reached(codes, np.full(facts.codes, at_us), codes)
    own = (reached > 0) & (line.starts.code_at(np.maximum(reached - 1, 0)) == codes)
    needed[line.latest_of(reached[own])] = True
    return needed


def _bounds(code: Ints) -> tuple[Ints, Ints]:
    """Give the distinct codes of sorted facts, and where each one's facts begin, with the end."""
    starts = np.flatnonzero(np.diff(code, prepend=-1))
    return code[starts], np.append(starts, len(code))


@dataclass(slots=True)
class _Blocks:
    """The blocks as they are put together."""

    columns: FactColumns
    facts: Facts
    kept: Ints
    bounds: Ints
    named: list[Block] = field(default_factory=list)
    arrays: list[NDArray[Any]] = field(default_factory=list)
    texts: dict[int, list[str]] = field(default_factory=dict)
    scales: dict[str, int] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, values: NDArray[Any], kind: str) -> None:
        self.named.append(Block(name=name, type=kind))
        self.arrays.append(values.astype(f"<{kind}", copy=False))

    def has(self, name: str) -> bool:
        return any(block.name == name for block in self.named)

    def add_times(self) -> None:
        event, start = self.facts.event[self.kept], self.facts.start[self.kept]
        if self.facts.timed:
            self.add("event", event, "i8")
        if not np.array_equal(event, start):
            self.add("start", start, "i8")
            self.add("reach", self._running_maximum(start), "i8")

    def _running_maximum(self, values: Ints) -> Ints:
        """Give the greatest value so far within each key."""
        ranks = np.unique(values, return_inverse=True)
        size = len(ranks[0])
        key = np.repeat(np.arange(len(self.bounds) - 1), np.diff(self.bounds))
        return ranks[0][np.maximum.accumulate(key * size + ranks[1]) - key * size]

    def _running_total(self, values: NDArray[Any]) -> Ints:
        """Give the sum so far within each key."""
        totals = prefix(values)
        return totals[1:] - np.repeat(totals[self.bounds[:-1]], np.diff(self.bounds))

    def column(self, name: str) -> tuple[int, pa.Array]:
        """Give a source column's number, and its values for the facts that are kept."""
        number = self.numbers.setdefault(name, len(self.numbers))
        return number, self.columns.whole(name).take(to_arrow(self.facts.positions(self.kept)))

    def add_last(self, name: str, owner: str) -> tuple[int, pa.DataType]:
        number, column = self.column(name)
        if not self.has(f"v{number}"):
            kind = stored_type(column.type, name, owner)
            held = store(column, kind)
            self.add(f"v{number}", held.values, kind)
            if held.valid is not None:
                self.add(f"n{number}", held.valid, "u1")
            if held.texts:
                self.texts[number] = held.texts
        return number, column.type

    def add_count(self, name: str) -> int:
        number, column = self.column(name)
        if column.null_count and not self.has(f"c{number}"):
            self.add(f"c{number}", self._running_total(to_numpy(column.is_valid())), "u4")
        return number

    def add_sum(self, name: str) -> int:
        number = self.add_count(name)
        if self.has(f"s{number}") or self.has(f"x{number}"):
            return number
        values = numbers(self.column(name)[1])
        scaled = Scaled.of(values)
        if scaled.fits:
            self.add(f"s{number}", self._running_total(scaled.whole()), "i8")
            self.scales[str(number)] = scaled.low
        else:
            kind = "f8" if values.dtype.kind == "f" else f"{values.dtype.kind}8"
            self.add(f"x{number}", values, kind)
        return number


def _serve(view: ViewDefinition, name: str, blocks: _Blocks) -> Served:
    feature = next(one for one in view.features if one.name == name)
    kind, number = "double" if feature.aggregate == "mean" else "int64", None
    if feature.column is not None:
        if feature.aggregate == "last":
            number, arrow = blocks.add_last(feature.column, f"dataset {view.source!r}")
            kind = str(arrow)
        else:
            number = (blocks.add_sum if feature.aggregate == "mean" else blocks.add_count)(feature.column)
    return Served(
        name=feature.name,
        aggregate=feature.aggregate,
        column=number,
        span_us=view.span_us(feature),
        type=kind,
    )
