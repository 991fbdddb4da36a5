"""Exact sums over windows.

A window's sum is the exact sum of its values, rounded once to a 64-bit float (what `math.fsum` gives).
Every way of computing it therefore gives the same bits: prefix sums over millions of rows offline, a
handful of stored values online. Values become whole numbers of a common power of two, cut into digits
of 32 bits, whose prefix sums are exact in 64 bits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Ints: TypeAlias = NDArray[np.int64]
    Flags: TypeAlias = NDArray[np.bool_]

DIGIT = 32
_MASK = np.uint64(0xFFFF_FFFF)
_HALF = np.uint64(DIGIT)
_SAFE_BITS = 62


def exact_sum(values: Iterable[float]) -> float:
    """Sum floats exactly, rounding once; infinities and NaN as IEEE 754 adds them."""
    held = list(values)
    try:
        return math.fsum(held)
    except ValueError:  # both infinities
        return math.nan
    except OverflowError:  # a partial sum beyond the range: the total may be inside it again
        outside = {value for value in held if not math.isfinite(value)}
        if outside:
            return sum(outside)
        total = sum((Fraction(value) for value in held), Fraction(0))
        try:
            return float(total)
        except OverflowError:
            return math.inf if total > 0 else -math.inf


@dataclass(frozen=True, slots=True)
class Scaled:
    """A column as whole numbers: value = sign * magnitude * 2**(exponent), with one shift a row.

    `low` is the least exponent of any set bit: every value is a multiple of 2**low, and `bits` is how many
    bits the largest needs above it.
    """

    negative: Flags
    magnitude: NDArray[np.uint64]
    shift: NDArray[np.int32]
    low: int
    bits: int
    not_finite: dict[float, Flags]

    @classmethod
    def of(cls, values: NDArray[Any]) -> Scaled:
        """Scale a column of integers, booleans or floats that has no nulls left (they are zeros)."""
        if values.dtype.kind == "f":
            return cls._of_floats(values.astype(np.float64))
        if values.dtype.kind == "u":
            magnitude, negative = values.astype(np.uint64), np.zeros(len(values), np.bool_)
        else:
            whole = values.astype(np.int64)
            negative = whole < 0
            magnitude = whole.view(np.uint64)
            # two's complement negation also holds for the least integer, whose magnitude is 2**63
            magnitude = np.where(negative, ~magnitude + np.uint64(1), magnitude)
        bits = int(magnitude.max(initial=0)).bit_length()
        return cls(negative, magnitude, np.zeros(len(values), np.int32), 0, bits, {})

    @classmethod
    def _of_floats(cls, values: Floats) -> Scaled:
        not_finite: dict[float, Flags] = {}
        finite = np.isfinite(values)
        if not finite.all():
            marks = {math.nan: np.isnan(values), math.inf: values == math.inf, -math.inf: values == -math.inf}
            not_finite = {kind: mark for kind, mark in marks.items() if mark.any()}
            values = np.where(finite, values, 0.0)
        if bool((values == np.rint(values)).all()) and float(np.abs(values).max(initial=0.0)) < 2.0**53:
            whole = cls.of(values.astype(np.int64))
            return cls(whole.negative, whole.magnitude, whole.shift, 0, whole.bits, not_finite)
        mantissa, exponent = np.frexp(values)
        magnitude = np.abs(np.ldexp(mantissa, 53)).astype(np.uint64)
        used = magnitude > 0
        lowest_bit = np.where(used, magnitude & (~magnitude + np.uint64(1)), np.uint64(1))
        zeros = np.frexp(lowest_bit.astype(np.float64))[1] - 1
        magnitude >>= zeros.astype(np.uint64)
        exponent = exponent - 53 + zeros
        low = int(exponent[used].min())
        top = int(np.frexp(np.abs(values).max())[1])
        shift = np.where(used, exponent - low, 0).astype(np.int32)
        return cls(values < 0, magnitude, shift, low, top - low, not_finite)

    def without(self, rows: Flags) -> Scaled:
        """Make some rows zero."""
        not_finite = {kind: mark & ~rows for kind, mark in self.not_finite.items()}
        magnitude = np.where(rows, np.uint64(0), self.magnitude)
        return Scaled(self.negative, magnitude, self.shift, self.low, self.bits, not_finite)

    @property
    def fits(self) -> bool:
        """Whether any sum of the rows is exact in one 64-bit integer (times 2**low)."""
        return self.bits + len(self.magnitude).bit_length() <= _SAFE_BITS and not self.not_finite

    def whole(self) -> Ints:
        """Give the rows as integers, in units of 2**low; only where `bits` is below 63."""
        magnitude = (self.magnitude << self.shift.astype(np.uint64)).astype(np.int64)
        return np.where(self.negative, -magnitude, magnitude)

    def digit(self, place: int) -> Ints:
        """Give the signed digit of each row at a place (0 is the lowest)."""
        at = self.shift // DIGIT
        left = (self.shift % DIGIT).astype(np.uint64)
        low, high = (self.magnitude & _MASK) << left, (self.magnitude >> _HALF) << left
        parts = (low & _MASK, (low >> _HALF) + (high & _MASK), high >> _HALF)
        out = np.zeros(len(at), np.int64)
        for offset, part in enumerate(parts):
            out += np.where(at == place - offset, part, np.uint64(0)).astype(np.int64)
        return np.where(self.negative, -out, out)


@dataclass(frozen=True, slots=True)
class Spans:
    """Which facts each row adds up: the first `entered` of one order, less the first `left` of another.

    `by_start` and `by_event` are orders of the same facts; every fact among the first `left` by event is also
    among the first `entered` by start.
    """

    by_start: Ints
    by_event: Ints
    entered: Ints
    left: Ints

    def total(self, weights: NDArray[Any]) -> Ints:
        """Add up whole numbers, one a fact, over each row's span."""
        gained = prefix(weights[self.by_start])[self.entered]
        lost = prefix(weights[self.by_event])[self.left]
        return gained - lost

    def sum(self, values: Scaled) -> Floats:
        """Add up a column over each row's span: exact, rounded once."""
        if values.bits + len(values.magnitude).bit_length() <= _SAFE_BITS:
            out = _scale(self.total(values.whole()).astype(np.float64), values.low)
        else:
            # three digits touch each value, so one place above the top bit's holds all that they carry
            places = values.bits // DIGIT + 2
            out = _round([self.total(values.digit(place)) for place in range(places)], values.low)
        return self._with_not_finite(values, out)

    def _with_not_finite(self, values: Scaled, out: Floats) -> Floats:
        seen: list[Flags] = []
        for kind, mark in values.not_finite.items():
            there = self.total(mark) > 0
            out = np.where(there, kind, out)
            seen.append(there)
        # two different ones of (inf, -inf, NaN) add up to NaN
        return np.where(np.sum(seen, axis=0) > 1, math.nan, out) if len(seen) > 1 else out


def prefix(weights: NDArray[Any]) -> Ints:
    """Give the running totals of whole numbers, beginning with 0: one more than there are weights."""
    out = np.zeros(len(weights) + 1, np.int64)
    np.cumsum(weights, dtype=np.int64, out=out[1:])
    return out


def _round(digits: list[Ints], low: int) -> Floats:
    """Round sums held as signed digits (lowest first, in units of 2**low) to the nearest float, ties to even."""
    carried = _carry(digits)
    negative = carried[-1] < 0
    carried = _carry([np.where(negative, -digit, digit) for digit in carried])
    places = len(carried)
    rows = np.arange(len(negative))
    stack = np.zeros((places + 2, len(negative)), np.uint64)  # two empty places below: the top may be the lowest
    stack[2:] = np.stack(carried).view(np.uint64)
    used = stack != 0
    top = np.where(used.any(axis=0), places + 1 - np.argmax(used[::-1], axis=0), 2)
    high, middle, below = (stack[top - offset, rows] for offset in range(3))
    blank = np.uint64(DIGIT) - np.frexp(high.astype(np.float64))[1].astype(np.uint64)
    blank = np.where(high == 0, np.uint64(0), blank)
    head = (((high << _HALF) | middle) << blank) | (below >> (_HALF - blank))
    lower = np.cumsum(used, axis=0)[np.maximum(top - 3, 0), rows] * (top >= 3)  # noqa: PLR2004
    sticky = (((below << blank) & _MASK) != 0) | (lower > 0)
    # 64 bits beginning with a one, the last of them "anything below": the conversion rounds once, correctly
    rounded = (head | sticky.astype(np.uint64)).astype(np.float64)
    exponent = (top - 2 - 1) * DIGIT - blank.astype(np.int64) + low
    out = _scale(rounded, exponent.astype(np.int32))
    return np.where(negative, -out, out)


def _scale(values: Floats, exponent: Any) -> Floats:
    with np.errstate(over="ignore"):  # a sum beyond the range is an infinity
        scaled: Floats = np.ldexp(values, exponent)
    return scaled


def _carry(digits: list[Ints]) -> list[Ints]:
    """Bring digits into [0, 2**32), the top one keeping the sign."""
    out, carry = [], np.zeros_like(digits[0])
    for digit in digits[:-1]:
        total = digit + carry
        out.append(total & np.int64(_MASK))
        carry = total >> DIGIT
    return [*out, digits[-1] + carry]
