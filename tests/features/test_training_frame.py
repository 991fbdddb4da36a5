"""Training frames keep the spine, name their columns, say what they hold, and refuse what they can't answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import hendrix as hx
from hendrix.entities import DriftError, InvalidInputError, RunKind
from hendrix.features import frame_views
from hendrix.session import client, current_run, running
from hendrix.session.operations import lineage
from hendrix.session.records import Walk
from hendrix.session.runs import Start, start

if TYPE_CHECKING:
    from pathlib import Path

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
STAMP = pa.timestamp("us", "UTC")


@pytest.fixture
def weather(tmp_path: Path) -> hx.FeatureView:
    facts = pa.table(
        {
            "origin": ["JFK", "JFK", "LGA"],
            "hour": pa.array([NOON, NOON + timedelta(hours=1), NOON], STAMP),
            "temp": [1.0, 2.0, 3.0],
            "sky": ["clear", "rain", None],
        }
    )
    pq.write_table(facts, tmp_path / "weather.parquet")
    source = hx.Dataset("weather", tmp_path / "weather.parquet", timestamp="hour")
    features = ["temp", "sky", hx.window.count("1d")]
    return hx.FeatureView("weather", entity=hx.Entity("origin"), source=source, features=features, ttl="6h")


SPINE = pa.table(
    {
        "origin": ["LGA", "JFK", None, "EWR", "JFK"],
        "time": pa.array([NOON + timedelta(hours=hours) for hours in (1, 3, 1, 1, 0)], STAMP),
        "label": [1, 0, 1, 0, 1],
    }
)
ANSWER = {
    "weather__temp": [3.0, 2.0, None, None, 1.0],
    "weather__sky": [None, "rain", None, None, "clear"],
    "weather__count_1d": [1, 2, None, None, 1],
}


def as_duckdb(table: pa.Table) -> Any:
    return pytest.importorskip("duckdb").from_arrow(table)


@pytest.mark.parametrize(
    "kind",
    [lambda table: table, pa.Table.to_pandas, pl.from_arrow, lambda table: pl.from_arrow(table).lazy(), as_duckdb],
    ids=["arrow", "pandas", "polars", "lazy", "duckdb"],
)
def test_spine_rows_are_kept_in_order(weather: hx.FeatureView, kind: Any) -> None:
    frame = hx.training_frame(kind(SPINE), [weather])
    assert frame.column_names == ["origin", "time", "label", *ANSWER]
    assert frame["label"].to_pylist() == SPINE["label"].to_pylist()
    assert frame.select(list(ANSWER)).to_pydict() == ANSWER


def test_pandas_index_and_local_time_zone_do_not_matter(weather: hx.FeatureView) -> None:
    spine = SPINE.to_pandas().set_index(pd.Index([9, 7, 7, 1, 0]))
    spine["time"] = spine["time"].dt.tz_convert("America/New_York")
    assert hx.training_frame(spine, weather).select(list(ANSWER)).to_pydict() == ANSWER


def test_frame_says_which_views_it_holds_and_what_they_missed(weather: hx.FeatureView) -> None:
    (told,) = frame_views(hx.training_frame(SPINE, weather).slice(1, 2))
    assert (told.view, told.version, told.dataset) == ("weather", 1, "hx://default/dataset/weather@1")
    assert told.keys == {"origin": "string"}
    assert list(told.columns.values()) == list(ANSWER)
    assert (told.misses.unseen, told.misses.null_keys) == (1, 1)
    assert frame_views(SPINE) == []


def test_one_moment_for_all_rows(weather: hx.FeatureView) -> None:
    frame = hx.training_frame({"origin": ["JFK", "LGA"]}, weather, at=NOON + timedelta(hours=6, minutes=30))
    assert frame["weather__temp"].to_pylist() == [2.0, None]


def test_empty_spine_gives_an_empty_frame(weather: hx.FeatureView) -> None:
    frame = hx.training_frame(SPINE.slice(0, 0), weather)
    assert (frame.num_rows, frame.schema.field("weather__sky").type) == (0, pa.string())


def test_untimed_source_never_expires(tmp_path: Path) -> None:
    pq.write_table(pa.table({"tail": ["N1", "N1", "N2"], "seats": [10, 20, 30]}), tmp_path / "planes.parquet")
    planes = hx.FeatureView(
        "planes",
        entity=hx.Entity("plane", keys=["tail"]),
        source=hx.Dataset("planes", tmp_path / "planes.parquet"),
        features=["seats"],
        ttl="1d",
    )
    frame = hx.training_frame({"tail": ["N2", "N1", "N9"]}, planes, at=datetime(1900, 1, 1, tzinfo=UTC))
    assert frame["planes__seats"].to_pylist() == [30, 20, None]


@pytest.mark.parametrize(
    ("spine", "options", "told"),
    [
        ({"dest": ["JFK"], "time": [NOON]}, {}, ["'origin'", "'weather'", "'dest'"]),
        ({"origin": ["JFK"], "when": [NOON]}, {}, ["no column 'time'", "'when'"]),
        ({"origin": ["JFK"], "time": [datetime(2026, 1, 1)]}, {}, ["'time'", "without a time zone", "tz_localize"]),  # noqa: DTZ001
        ({"origin": ["JFK"], "time": ["noon"]}, {}, ["'time'", "string", "not times"]),
        ({"origin": ["JFK", "LGA"], "time": [NOON, None]}, {}, ["1 of the spine's 2 rows", "'time'"]),
        ({"origin": [5], "time": [NOON]}, {}, ["'origin'", "int64", "string"]),
        ({"origin": ["JFK"], "time": [NOON], "weather__temp": [1]}, {}, ["'weather__temp'"]),
        ({"origin": ["JFK"]}, {"at": datetime(2026, 1, 1)}, ["at has no time zone"]),  # noqa: DTZ001
        ({"origin": ["JFK"], "time": [NOON]}, {"at": NOON, "time": "time"}, ["both time"]),
        ({"origin": ["JFK"], "time": [NOON, NOON]}, {}, ["can't be read as a table"]),
        (42, {}, ["must be a table, not int"]),
    ],
)
def test_what_a_spine_lacks_is_named(weather: hx.FeatureView, spine: Any, options: Any, told: list[str]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        hx.training_frame(spine, weather, **options)
    assert all(part in str(caught.value) for part in told), str(caught.value)


def test_a_view_given_twice_is_refused(weather: hx.FeatureView) -> None:
    with pytest.raises(InvalidInputError, match="'weather' is given twice"):
        hx.training_frame(SPINE, [weather, weather])


def test_a_changed_source_file_is_drift(weather: hx.FeatureView, tmp_path: Path) -> None:
    pq.write_table(pa.table({"origin": ["JFK"]}), tmp_path / "weather.parquet")
    with pytest.raises(DriftError, match=r"weather\.parquet"):
        hx.training_frame(SPINE, weather)


def test_the_run_at_hand_consumed_dataset_and_view(weather: hx.FeatureView) -> None:
    run = client().call(start, Start(name="baseline", run_kind=RunKind.TRACKING))
    with running(run.id):
        assert current_run() == run.id
        hx.training_frame(SPINE, weather)
    walk = client().call(lineage, Walk(ref=run.ref, direction="upstream"))
    upstream = {node.ref for node in walk.nodes if node.depth == -1}
    assert upstream == {"hx://default/dataset/weather@1", "hx://default/feature_view/weather@1"}
