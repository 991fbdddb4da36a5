"""The example's features equal those of the naive reference over the raw files, offline and online."""

from __future__ import annotations

import random
from datetime import UTC
from typing import TYPE_CHECKING, Any

import paved_path
import polars as pl
import pytest
from naive_flights import six_in_the_morning

import hendrix as hx

if TYPE_CHECKING:
    import pyarrow as pa
    from flights_data import Prepared
    from naive_flights import NaiveFlights

pytestmark = pytest.mark.slow

ROWS = 1_000


@pytest.fixture(scope="module")
def home(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = str(tmp_path_factory.mktemp("home"))
    hx.connect(home=folder)
    paved_path.register.func(prepared.folder)
    return folder


@pytest.fixture(autouse=True)
def connected(home: str) -> None:
    hx.connect(home=home)


def test_the_frame_keeps_every_flight_in_order(naive: NaiveFlights) -> None:
    year = paved_path.frame(1, 12)
    assert year["flight_id"].to_pylist() == [flight.flight_id for flight in naive.in_order()]
    assert year["late"].null_count == 9_430


def test_each_value_is_what_the_raw_files_say_at_the_departure(naive: NaiveFlights) -> None:
    year = paved_path.frame(1, 12)
    first_and_last = [*range(60), *range(year.num_rows - 20, year.num_rows)]
    sample = random.Random(13).sample(range(year.num_rows), ROWS)
    assert _differences(year.take(first_and_last + sample), naive) == []


def test_frozen_features_are_those_of_six_in_the_morning(naive: NaiveFlights) -> None:
    december = paved_path.frame(12, 12, frozen=True)
    sample = december.take(random.Random(14).sample(range(december.num_rows), ROWS // 2))
    for row in sample.select(["scheduled", "time"]).to_pylist():
        assert row["time"] == six_in_the_morning(row["scheduled"])
    assert _differences(sample, naive) == []


def test_the_online_store_answers_the_next_thousand_flights_as_the_raw_files_do(naive: NaiveFlights) -> None:
    views = paved_path.views()
    hx.materialize(views, at=paved_path.MORNING)
    ahead = [flight for flight in naive.in_order() if flight.scheduled >= paved_path.MORNING][:1_000]
    keys = {key: [getattr(flight, key) for flight in ahead] for key in paved_path.KEYS}
    rows: list[dict[str, Any]] = [{"flight_id": flight.flight_id, "time": paved_path.MORNING} for flight in ahead]
    for view in views:
        asked = {key: keys[key] for key in view.definition.entity.keys}
        answers = pl.from_arrow(view.online(asked, at=paved_path.MORNING)).select(view.columns)
        for row, answer in zip(rows, answers.to_dicts(), strict=True):
            row.update(answer)
    without_a_plane = sum(row["plane__seats"] is None for row in rows)
    assert without_a_plane == 160
    assert _differ(rows, naive) == []


def _differences(frame: pa.Table, naive: NaiveFlights) -> list[tuple[str, str, Any, Any]]:
    names = ["flight_id", "time", *(name for view in paved_path.views() for name in view.columns)]
    return _differ(frame.select(names).to_pylist(), naive)


def _differ(rows: list[dict[str, Any]], naive: NaiveFlights) -> list[tuple[str, str, Any, Any]]:
    """List what differs: the flight, the feature, the value and the reference's. Equal means to the last bit."""
    found = []
    for row in rows:
        expected = naive.features(row["flight_id"], row["time"].astimezone(UTC))
        computed = {name: value for name, value in row.items() if "__" in name}
        assert computed.keys() == expected.keys()
        found += [
            (row["flight_id"], name, value, expected[name])
            for name, value in computed.items()
            if value != expected[name]
        ]
    return found
