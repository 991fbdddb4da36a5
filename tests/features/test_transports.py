"""The whole path of this room, embedded and over HTTP: the same program, the same answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import hendrix as hx
from hendrix.entities import ConflictError, InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from pathlib import Path

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
STAMP = pa.timestamp("us", "UTC")


@pytest.mark.usefixtures("either")
def test_from_files_to_online_features(tmp_path: Path, unique: str) -> None:
    facts = pa.table(
        {
            "tail": ["N1", "N1", "N2", None],
            "day": pa.array([NOON.date()] * 4),
            "scheduled": pa.array([NOON, NOON - timedelta(minutes=1), NOON, NOON], STAMP),
            "arrived": pa.array([NOON + timedelta(hours=3), NOON, None, NOON], STAMP),
            "delay": [0.1, 0.2, 0.3, 0.4],
            "dest": ["IAH", "é", "LAX", None],
        }
    )
    pq.write_table(facts, tmp_path / "flights.parquet")
    flights = hx.Dataset(f"flights-{unique}", tmp_path / "flights.parquet", timestamp="scheduled", known_at="arrived")
    plane = hx.Entity("plane", keys=["tail", "day"])
    features = ["delay", "dest", "scheduled", hx.window.mean("delay", "1d"), hx.window.count("2h")]
    view = hx.FeatureView(f"planes-{unique}", entity=plane, source=flights, features=features, ttl="7d")
    assert hx.feature_view(f"planes-{unique}").definition == view.definition
    with pytest.raises(NotFoundError, match="not materialized"):
        view.online({"tail": [], "day": []})
    at = NOON + timedelta(hours=1)
    hx.materialize(view, at=at)
    keys = {"tail": ["N2", "N1", None, "N3"], "day": [NOON.date()] * 4}
    for moment in (at, at + timedelta(hours=2)):
        online, offline = view.online(keys, at=moment), hx.training_frame(keys, view, at=moment)
        assert online.to_pydict() == offline.to_pydict()
        assert online.schema.types == offline.schema.types
    assert online[f"{view.name}__delay"].to_pylist() == [None, 0.1, None, None]
    assert online.schema.metadata == {b"hendrix.unseen": b"3"}
    with pytest.raises(ConflictError, match="materialized as of"):
        view.online(keys, at=NOON)
    with pytest.raises(InvalidInputError, match="'tail' takes a string"):
        view.online({"tail": [1], "day": [NOON.date()]}, at=at)
    assert {node.ref for node in view.lineage().nodes} == {view.ref, flights.ref}
