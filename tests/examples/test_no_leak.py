"""Nothing that became known after a moment reaches a feature as of that moment.

The test changes every fact that was not known yet, keys and event times included, and looks for a change in the
features. That it would see a leak shows on a dataset that is keyed on the scheduled departure alone.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import paved_path
import polars as pl
import pytest

import hendrix as hx

if TYPE_CHECKING:
    from pathlib import Path

Tables = dict[str, pl.DataFrame]

KNOWN_AT = {"flights": "arrived", "schedule": "published", "weather": "observed"}
MOMENTS = (
    datetime(2013, 1, 2, 13, 30, tzinfo=UTC),
    datetime(2013, 3, 10, 7, 3, tzinfo=UTC),  # the night in which summer time begins
    datetime(2013, 7, 10, 22, 15, tzinfo=UTC),
    datetime(2013, 11, 3, 6, 30, tzinfo=UTC),  # the night in which it ends
    datetime(2013, 12, 15, 11, 0, tzinfo=UTC),
    datetime(2013, 12, 31, 1, 0, tzinfo=UTC),
)
DAYS_AROUND = timedelta(days=8)


pytestmark = pytest.mark.usefixtures("hx_home")


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: f"{moment:%m-%dT%H%M}")
def test_what_is_known_later_changes_no_feature(moment: datetime, tables: Tables, tmp_path: Path) -> None:
    assert _changed(moment, tables, tmp_path, known_at="arrived") == set()


def test_the_same_test_catches_delays_that_are_keyed_on_the_departure(tables: Tables, tmp_path: Path) -> None:
    changed = _changed(datetime(2013, 7, 10, 22, 15, tzinfo=UTC), tables, tmp_path, known_at=None)
    assert {name.split("__")[0] for name in changed} == {"carrier_delays", "origin_delays", "route_delays"}


def test_what_is_known_by_then_does_count(tables: Tables, tmp_path: Path) -> None:
    """The other control: a change to what was known is seen in every view that has a time."""
    moment = datetime(2013, 7, 10, 22, 15, tzinfo=UTC)
    changed = _changed(moment, tables, tmp_path, known_at="arrived", before=True)
    views = {"carrier_delays", "origin_delays", "route_delays", "airport_weather", "timetable"}
    assert {name.split("__")[0] for name in changed} == views


def _changed(moment: datetime, tables: Tables, folder: Path, *, known_at: str | None, before: bool = False) -> set[str]:
    """Name the features of the flights around a moment that change when what was not known then does."""
    near = pl.col("scheduled").is_between(moment - DAYS_AROUND, moment + DAYS_AROUND)
    flights = tables["flights"].filter(near)
    told = {
        "flights": flights,
        "schedule": tables["schedule"].join(flights.select("flight_id"), on="flight_id"),
        "weather": tables["weather"].filter(pl.col("observed").is_between(moment - DAYS_AROUND, moment + DAYS_AROUND)),
        "planes": tables["planes"],
    }
    spine = flights.filter(
        pl.col("scheduled").is_between(moment - timedelta(hours=6), moment + timedelta(hours=30))
    ).select(paved_path.KEYS)
    assert spine.height > 100
    honest = _features(told, spine, moment, folder / "told", known_at)
    retold = {
        name: _retell(table, KNOWN_AT[name], moment, before=before) if name in KNOWN_AT else table
        for name, table in told.items()
    }
    other = _features(retold, spine, moment, folder / "retold", known_at)
    return {name for name in honest.columns if not honest[name].equals(other[name], null_equal=True)}


def _features(
    tables: Tables, spine: pl.DataFrame, moment: datetime, folder: Path, known_at: str | None
) -> pl.DataFrame:
    for name, table in tables.items():
        (folder / name).mkdir(parents=True)
        table.write_parquet(folder / name / "rows.parquet")
    hx.Dataset("flights", folder / "flights", timestamp="scheduled", known_at=known_at)
    hx.Dataset("schedule", folder / "schedule", known_at="published")
    hx.Dataset("weather", folder / "weather", timestamp="observed")
    hx.Dataset("planes", folder / "planes")
    views = paved_path.views()
    frame: Any = pl.from_arrow(hx.training_frame(spine, views, at=moment))
    return frame.select([name for view in views for name in view.columns])


def _retell(table: pl.DataFrame, known_at: str, moment: datetime, *, before: bool) -> pl.DataFrame:
    """Tell the facts that were not known at a moment (or those that were) otherwise, in every column."""
    draw = np.random.default_rng(2013)
    known = pl.col(known_at).fill_null(datetime(2100, 1, 1, tzinfo=UTC)) <= moment
    kept, changed = (table.filter(part) for part in ((~known, known) if before else (known, ~known)))
    order = pl.Series(draw.permutation(changed.height))
    minutes = pl.Series(draw.integers(1, 600, changed.height))
    later = moment + pl.duration(minutes=minutes)
    for name, kind in changed.schema.items():
        if name == known_at:
            # Known at some other moment, on the same side; what was never known becomes known later.
            shifted = pl.col(name) - pl.duration(seconds=minutes) if before else later
            changed = changed.with_columns(shifted.alias(name))
        elif kind == pl.String:
            changed = changed.with_columns(changed[name].gather(order))
        elif kind.is_numeric():
            changed = changed.with_columns((pl.col(name).fill_null(0) + minutes).alias(name))
        elif isinstance(kind, pl.Datetime):
            changed = changed.with_columns(pl.col(name) - pl.duration(minutes=minutes))
    return pl.concat([kept, changed.select(kept.columns).cast(dict(kept.schema))])
