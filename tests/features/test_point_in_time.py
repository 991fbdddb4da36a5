"""The point-in-time join computes what the rules say, fact by fact."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from worlds import WORLDS, World

from hendrix.features.engine import point_in_time
from hendrix.features.records import EntityKeys, Feature, TimeColumns, ViewDefinition


def joined(world: World) -> tuple[list[list[Any]], Any]:
    keys = list(world.key_columns.values())
    answer = point_in_time(world.view, world.source, world.times, keys, world.at)
    return [list(row) for row in zip(*(column.to_pylist() for column in answer.arrays), strict=True)], answer.misses


@settings(max_examples=400, deadline=None)
@given(WORLDS)
def test_join_equals_the_plain_reference(world: World) -> None:
    rows, misses = joined(world)
    assert rows == world.expected()
    nulls = sum(None in world.key(row) for row in world.asked)
    assert misses.null_keys == nulls
    seen = sum(row[6] is not None for row in rows) if world.timestamp else None  # a count is null only when unseen
    assert seen is None or misses.unseen == len(rows) - seen - nulls


def frame(**columns: Any) -> pa.Table:
    return pa.table(columns)


def view_of(*features: Feature, ttl_us: int | None = None) -> ViewDefinition:
    keys = EntityKeys(name="key", keys=["key"])
    return ViewDefinition(name="view", entity=keys, source="facts", features=list(features), ttl_us=ttl_us)


def answer(
    source: pa.Table, view: ViewDefinition, keys: list[Any], at: list[int], known: str | None = None
) -> list[Any]:
    times = TimeColumns(timestamp="event", known_at=known)
    columns = [pa.chunked_array([pa.array(keys, source.schema.field("key").type)])]
    return point_in_time(view, source, times, columns, np.array(at)).arrays[0].to_pylist()


def stamps(values: list[int | None]) -> pa.Array:
    return pa.array(values, pa.timestamp("us", "UTC"))


def test_window_is_open_at_its_beginning_and_closed_at_its_end() -> None:
    source = frame(key=[1], event=stamps([100]), value=[5.0])
    view = view_of(Feature(name="f", aggregate="count", window_us=10))
    assert answer(source, view, [1] * 4, [99, 100, 109, 110]) == [None, 1, 1, 0]


def test_plain_column_expires_when_its_event_is_as_old_as_the_ttl() -> None:
    source = frame(key=[1], event=stamps([100]), value=[5.0])
    view = view_of(Feature(name="f", aggregate="last", column="value"), ttl_us=10)
    assert answer(source, view, [1] * 3, [100, 109, 110]) == [5.0, 5.0, None]


def test_fact_known_after_its_window_has_closed_never_counts() -> None:
    source = frame(key=[1, 1], event=stamps([100, 90]), known=stamps([130, 90]), value=[5.0, 1.0])
    view = view_of(Feature(name="f", aggregate="count", window_us=20))
    assert answer(source, view, [1] * 4, [100, 119, 130, 140], "known") == [1, 0, 0, 0]


def test_ties_of_event_time_go_to_the_later_known_then_to_the_later_row() -> None:
    source = frame(
        key=[1, 1, 1, 1],
        event=stamps([100] * 4),
        known=stamps([100, 105, 105, 101]),
        value=["a", "b", "c", "d"],
    )
    view = view_of(Feature(name="f", aggregate="last", column="value"))
    assert answer(source, view, [1] * 4, [100, 104, 105, 200], "known") == ["a", "d", "c", "c"]


def test_last_takes_a_null_of_the_latest_fact() -> None:
    source = frame(key=[1, 1], event=stamps([100, 101]), value=[5.0, None])
    assert answer(source, view_of(Feature(name="f", aggregate="last", column="value")), [1], [101]) == [None]


def test_key_and_time_ranges_beyond_64_bits_are_joined_by_rank() -> None:
    rng = np.random.default_rng(4)
    keys = rng.integers(-(1 << 62), 1 << 62, 3000)
    event = rng.integers(-(1 << 55), 1 << 55, 3000)
    source = frame(key=keys, event=stamps(event.tolist()), value=np.arange(3000))
    view = view_of(Feature(name="f", aggregate="last", column="value"))
    assert answer(source, view, keys.tolist(), event.tolist()) == list(range(3000))
    assert answer(source, view, keys.tolist(), (event - 1).tolist()) == [None] * 3000


def test_whole_numbers_held_as_floats_match_whole_keys() -> None:
    source = frame(key=[1, 2], event=stamps([1, 1]), value=["a", "b"])
    view = view_of(Feature(name="f", aggregate="last", column="value"))
    spine = [pa.chunked_array([pa.array([2.0, None, 1.5, float("nan"), 1.0])])]
    found = point_in_time(view, source, TimeColumns(timestamp="event"), spine, np.full(5, 9))
    assert found.arrays[0].to_pylist() == ["b", None, None, None, "a"]
    assert (found.misses.unseen, found.misses.null_keys) == (1, 2)
