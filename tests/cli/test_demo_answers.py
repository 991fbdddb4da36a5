"""The demo's check says no, and names what differs."""

from __future__ import annotations

import pyarrow as pa
import pytest

from hendrix.cli.demo_answers import _same_features
from hendrix.entities import HendrixError

NAMES = ["plane__age", "plane__seats"]
FLIGHTS = ["UA-1545-EWR-2013-12-15", "AA-1141-JFK-2013-12-15"]
FRAME = pa.table({"plane__age": [14, None], "plane__seats": [149, None]})
TOLD = [{"plane__age": 14.0, "plane__seats": 149.0}, {"plane__age": None, "plane__seats": None}]


def test_equal_values_are_counted_nulls_included() -> None:
    assert _same_features(FRAME, NAMES, TOLD, FLIGHTS) == 4


@pytest.mark.parametrize(("row", "value"), [(0, 148.0), (0, None), (1, 0.0)])
def test_a_value_that_differs_is_named_with_its_flight(row: int, value: float | None) -> None:
    other = [dict(told) for told in TOLD]
    other[row]["plane__seats"] = value
    with pytest.raises(HendrixError, match=f"plane__seats of {FLIGHTS[row]}"):
        _same_features(FRAME, NAMES, other, FLIGHTS)
