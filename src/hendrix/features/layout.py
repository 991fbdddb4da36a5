"""The stored value of a key: the facts that any later question needs, packed column by column.

A value holds the number of its facts, then one block a column with that many entries, facts sorted by event time.
A `Layout` says which blocks there are; it is plain data and lies beside the values in the store.

====== ===========================================================================================
block  entries
====== ===========================================================================================
event  event times (microseconds); absent when the source has none
start  when each fact began to count; absent when that is always the event time
reach  the greatest `start` so far; present with `start`
v...   values of a column, for `last`; strings by their number
n...   whether that value is there (0 or 1); absent when no value is null
c...   how many values of a column there were so far, this one included; absent when none is null
s...   the column's sum so far, as whole multiples of 2**scale; where such sums fit in 64 bits
x...   the column's values, null as 0; where they don't
====== ===========================================================================================
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from hendrix.features.values import CHARS

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One column of a stored value.

    Parameters
    ----------
    name
        "event", "start", "reach", or one of v, n, c, s, x and the number of the source's column.
    type
        A stored type, such as "f4".
    """

    name: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A feature as the store answers it.

    Parameters
    ----------
    name
        Inside its view.
    aggregate
        "last", "mean" or "count".
    column
        The number of the source's column among those stored; None: facts are counted.
    span_us
        The window, or the TTL of a plain column; None: no limit.
    type
        The Arrow type of the answer, as text.
    """

    name: str
    aggregate: str
    column: int | None
    span_us: int | None
    type: str


class Place(NamedTuple):
    """Where a block is: its offset and width in bytes, per fact, and how an entry is read."""

    offset: int
    width: int
    char: str
    unpack: Callable[[memoryview, int], tuple[Any, ...]]


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How a view's values are stored.

    Parameters
    ----------
    view, version
        Which view.
    definition
        The digest of its definition.
    source
        The reference of the dataset version that it was computed from.
    keys, families
        The entity's key columns, and what kind of key each is.
    at_us
        The earliest moment that the store answers for, microseconds UTC.
    blocks
        In the order in which they are packed.
    features
        In the view's order.
    text_columns
        The numbers of stored columns that are strings.
    scales
        The scale of each summed column, by its number.
    entities
        How many keys are stored.
    """

    view: str
    version: int
    definition: str
    source: str
    keys: list[str]
    at_us: int
    families: list[str] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    features: list[Served] = field(default_factory=list)
    text_columns: list[int] = field(default_factory=list)
    scales: dict[str, int] = field(default_factory=dict)
    entities: int = 0

    @cached_property
    def places(self) -> dict[str, Place]:
        """Where each block is."""
        found: dict[str, Place] = {}
        offset = 0
        for block in self.blocks:
            width = int(block.type[1:])
            char = CHARS[block.type]
            found[block.name] = Place(offset, width, char, struct.Struct(f"<{char}").unpack_from)
            offset += width
        return found


HEADER = 4
"""Bytes of the number of facts, before the blocks."""
