"""Metric points, packed: columns of steps, times and values for each metric of one flush.

A chunk is MessagePack of {name: (steps, times, values)}: little-endian int64 steps, int64 microseconds
since 1970, float64 values. So a flush of many points is one row, and reading it is no parsing.
"""

from __future__ import annotations

import math
import sys
from array import array
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from hendrix.lazy import require

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Columns = tuple[bytes, bytes, bytes]


class Buffer:
    """Points that wait for the next flush."""

    def __init__(self) -> None:
        self._columns: dict[str, tuple[array[int], array[int], array[float]]] = {}
        self.points = 0

    def add(self, name: str, step: int, time: int, value: float) -> None:
        """Add one point; `time` is in microseconds since 1970."""
        columns = self._columns.get(name)
        if columns is None:
            columns = self._columns[name] = (array("q"), array("q"), array("d"))
        columns[0].append(step)
        columns[1].append(time)
        columns[2].append(value)
        self.points += 1

    def pack(self) -> bytes:
        """Return the points as a chunk."""
        return msgspec.msgpack.encode(
            {name: [_little(column) for column in columns] for name, columns in self._columns.items()}
        )


def unpack(chunk: bytes) -> dict[str, Columns]:
    """Return the columns of a chunk, still as bytes.

    Raises
    ------
    msgspec.ValidationError
        When it is no chunk.
    """
    return msgspec.msgpack.decode(chunk, type=dict[str, Columns])


def columns(packed: Columns) -> tuple[array[int], array[int], array[float]]:
    """Return the steps, times and values of one metric of a chunk."""
    steps, times, values = packed
    return _read("q", steps), _read("q", times), _read("d", values)


def extremes(values: Iterable[float]) -> tuple[float | None, float | None]:
    """Return the least and the greatest value that is a number, None where there is none."""
    numbers = [value for value in values if not math.isnan(value)]
    return (min(numbers), max(numbers)) if numbers else (None, None)


def series(parts: Iterator[Columns], buckets: int, first: int | None, last: int | None) -> bytes:
    """Thin a series to buckets of steps, keeping the least and the greatest value of each.

    Returns
    -------
    uint32 n, then n float64 each of steps, times (seconds since 1970), least, greatest and mean, little-endian.
    NaN stands where a bucket holds no number.
    """
    np: Any = require("numpy", "data")
    kept = [
        tuple(np.frombuffer(data, kind) for data, kind in zip(part, ("<i8", "<i8", "<f8"), strict=True))
        for part in parts
    ]
    steps, times, values = (
        (np.concatenate(column) if kept else np.empty(0) for column in zip(*kept, strict=True))
        if kept
        else (np.empty(0),) * 3
    )
    inside = np.ones(len(steps), bool)
    if first is not None:
        inside &= steps >= first
    if last is not None:
        inside &= steps <= last
    order = np.lexsort((times[inside], steps[inside]))
    steps, times, values = steps[inside][order], times[inside][order], values[inside][order]
    count = len(steps)
    edges = (
        np.unique(np.linspace(0, count, min(buckets, count) + 1).astype(np.int64))[:-1]
        if count
        else np.empty(0, np.int64)
    )
    if not len(edges):
        return b"\0\0\0\0"
    numbers, present = np.nan_to_num(values, posinf=np.inf, neginf=-np.inf), ~np.isnan(values)
    sizes = np.add.reduceat(present, edges)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.add.reduceat(np.where(present, numbers, 0.0), edges) / sizes
    least = np.where(sizes > 0, np.minimum.reduceat(np.where(present, values, np.inf), edges), np.nan)
    greatest = np.where(sizes > 0, np.maximum.reduceat(np.where(present, values, -np.inf), edges), np.nan)
    out = (steps[edges].astype("<f8"), times[edges].astype("<f8") / 1e6, least, greatest, mean)
    return len(edges).to_bytes(4, "little") + b"".join(column.astype("<f8").tobytes() for column in out)


def _read(code: Literal["q", "d"], data: bytes) -> Any:
    column: array[Any] = array(code, data)
    if sys.byteorder == "big":
        column.byteswap()
    return column


def _little(column: array[Any]) -> bytes:
    if sys.byteorder == "big":
        column = array(column.typecode, column)
        column.byteswap()
    return column.tobytes()
