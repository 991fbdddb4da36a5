"""No feature holds what was not known at its row's time: what becomes known later can be anything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import hendrix as hx

if TYPE_CHECKING:
    from pathlib import Path

BEGIN = datetime(2013, 1, 1, tzinfo=UTC)
FLIGHTS, ROWS = 2000, 25


def flights() -> dict[str, Any]:
    """Flights over ten days: scheduled, and known (with their delay) when they have arrived."""
    rng = np.random.default_rng(11)
    minutes = rng.integers(0, 14_400, FLIGHTS)
    flown = rng.integers(60, 400, FLIGHTS)
    return {
        "carrier": rng.choice(["UA", "AA", "DL"], FLIGHTS),
        "scheduled": np.array([BEGIN + timedelta(minutes=int(minute)) for minute in minutes]),
        "arrived": np.array(
            [BEGIN + timedelta(minutes=int(minute + flight)) for minute, flight in zip(minutes, flown, strict=True)]
        ),
        "delay": rng.integers(-20, 200, FLIGHTS).astype(float),
    }


def view(folder: Path, held: dict[str, Any], name: str, known_at: str | None) -> hx.FeatureView:
    stamps = pa.timestamp("us", "UTC")
    columns = {name: pa.array(values, stamps if values.dtype == object else None) for name, values in held.items()}
    pq.write_table(pa.table(columns), folder / f"{name}.parquet")
    source = hx.Dataset(name, folder / f"{name}.parquet", timestamp="scheduled", known_at=known_at)
    features = ["delay", hx.window.mean("delay", "12h"), hx.window.count("6h"), hx.window.last("delay", "3h")]
    return hx.FeatureView(name, entity=hx.Entity("carrier"), source=source, features=features, ttl="2d")


def leaking_rows(folder: Path, known_at: str | None) -> int:
    """Count the sampled rows that change when every fact known later than the row changes."""
    held = flights()
    rng = np.random.default_rng(12)
    changed = 0
    for number in rng.choice(FLIGHTS, ROWS, replace=False).tolist():
        at = held["scheduled"][number]
        later = held["arrived"] > at
        assert later.any()
        forged = {
            **held,
            "delay": np.where(later, rng.normal(1e6, 1e3, FLIGHTS), held["delay"]),
            "carrier": np.where(later & (rng.random(FLIGHTS) < 0.3), "UA", held["carrier"]),
        }
        spine = {"carrier": [held["carrier"][number]], "time": [at]}
        before, after = (
            hx.training_frame(spine, view(folder, facts, "flights", known_at)).to_pylist() for facts in (held, forged)
        )
        changed += before != after
    return changed


def test_facts_known_later_change_nothing(tmp_path: Path) -> None:
    assert leaking_rows(tmp_path, known_at="arrived") == 0


def test_the_same_test_catches_a_view_keyed_on_the_scheduled_time(tmp_path: Path) -> None:
    assert leaking_rows(tmp_path, known_at=None) == ROWS
