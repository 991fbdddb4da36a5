"""Sums over windows are exact and rounded once, however they are computed."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hendrix.features.sums import Scaled, Spans, exact_sum

FLOATS = st.floats(width=64)
NEAR = st.floats(-1e3, 1e3)


def span_sums(values: np.ndarray, spans: list[tuple[int, int]]) -> list[float]:
    order = np.arange(len(values))
    left, entered = (np.array(one, np.int64) for one in zip(*spans, strict=True))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return Spans(order, order, entered, left).sum(Scaled.of(values)).tolist()


def all_spans(length: int) -> list[tuple[int, int]]:
    return [(begin, end) for end in range(length + 1) for begin in range(end + 1)]


def same(one: float, other: float) -> bool:
    return one == other or (math.isnan(one) and math.isnan(other))


@settings(max_examples=400, deadline=None)
@given(st.lists(st.one_of(FLOATS, NEAR), max_size=12))
def test_prefix_sums_equal_the_exact_sum(values: list[float]) -> None:
    spans = all_spans(len(values))
    found = span_sums(np.array(values, np.float64), spans)
    for (begin, end), total in zip(spans, found, strict=True):
        assert same(total, exact_sum(values[begin:end]))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(-(1 << 63), (1 << 63) - 1), max_size=12))
def test_sums_of_large_integers_are_rounded_once(values: list[int]) -> None:
    spans = all_spans(len(values))
    found = span_sums(np.array(values, np.int64), spans)
    assert found == [float(sum(values[begin:end])) for begin, end in spans]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=20))
def test_exact_sum_equals_fsum_where_that_answers(values: list[float]) -> None:
    try:
        wanted = math.fsum(values)
    except OverflowError:
        return
    assert exact_sum(values) == wanted


@pytest.mark.parametrize(
    ("values", "total"),
    [
        ([1e308, 1e308, -1e308], 1e308),
        ([1e308, 1e308], math.inf),
        ([1e16, 1.0, -1e16], 1.0),
        ([math.inf, -math.inf], math.nan),
        ([1.7e308, 1.7e308, -math.inf], -math.inf),
        ([], 0.0),
    ],
)
def test_sums_at_the_edges(values: list[float], total: float) -> None:
    assert same(exact_sum(values), total)
    assert same(span_sums(np.array(values), [(0, len(values))])[0], total)
