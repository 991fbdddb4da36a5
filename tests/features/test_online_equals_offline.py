"""The online store answers, for every moment from its own on, what the offline join computes, to the bit."""

from __future__ import annotations

import random
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import BEGIN, STEP, WORLDS, World, micros

from hendrix.entities import ConflictError
from hendrix.features.engine import point_in_time
from hendrix.features.layout import Layout
from hendrix.features.online import OnlineReader
from hendrix.features.online_store import OnlineStore
from hendrix.features.packing import pack
from hendrix.features.records import EntityKeys, Feature, TimeColumns, ViewDefinition
from hendrix.features.spool import Spool, write_spool
from hendrix.features.types import parse_type
from hendrix.features.values import restore

# early enough that much is known, or happens, only later
EARLY = st.integers(0, 7).map(lambda tick: BEGIN + tick * STEP)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> OnlineStore:
    return OnlineStore(tmp_path_factory.mktemp("online"))


def online(store: OnlineStore, world: World, at_us: int) -> tuple[list[pa.Array], int]:
    reader = OnlineReader(store.path)
    keys = {name: column.to_pylist() for name, column in world.key_columns.items()}
    columns, unseen = reader.read(keys, at_us, ["view"])
    served = reader.layout("view").features
    return [restore(list(columns[f"view.{one.name}"]), parse_type(one.type)) for one in served], unseen["view"]


def bits(column: pa.Array) -> list[Any]:
    """Values as what distinguishes every bit of them."""
    if pa.types.is_floating(column.type):
        return [None if value is None else float(value).hex() for value in column.to_pylist()]
    return column.to_pylist()


@settings(max_examples=250, deadline=None)
@given(world=WORLDS, since=EARLY, later=st.integers(0, 5), spooled=st.booleans())
def test_online_equals_offline_to_the_bit(
    store: OnlineStore, world: World, since: Any, later: int, *, spooled: bool
) -> None:
    packed = pack(world.view, world.source, world.times, world.layout(since))
    if spooled:
        with tempfile.TemporaryDirectory() as folder:
            write_spool(packed, Path(folder) / "spool")
            spool = Spool(Path(folder) / "spool")
            store.write(spool.layout, spool.values(), spool.strings())
    else:
        store.write(packed.layout, packed.values(), packed.strings())
    at_us = micros(since + later * STEP)
    keys = list(world.key_columns.values())
    moments = np.full(len(world.asked), at_us)
    offline = point_in_time(world.view, world.source, world.times, keys, moments)
    answers, unseen = online(store, world, at_us)
    assert [bits(column) for column in answers] == [bits(column) for column in offline.arrays]
    assert unseen == offline.misses.unseen + offline.misses.null_keys
    with pytest.raises(ConflictError, match="materialized as of"):
        OnlineReader(store.path).read(
            {name: [] for name in world.keys}, micros(since - timedelta(microseconds=1)), ["view"]
        )


@pytest.mark.parametrize("seed", range(20))
def test_one_key_of_many_facts_that_become_known_out_of_order(store: OnlineStore, seed: int) -> None:
    rng = random.Random(seed)

    def tick() -> datetime:
        return BEGIN + rng.randint(0, 12) * STEP

    facts = [
        {
            "name": "UA",
            "number": 0,
            "event": tick(),
            "known": tick(),
            "value": rng.choice([None, rng.gauss(0, 1)]),
            "whole": rng.randint(-9, 9),
            "text": rng.choice("xy"),
            "flag": rng.random() < 0.5,
            "moment": tick(),
        }
        for _ in range(rng.randint(2, 40))
    ]
    world = World(facts, ["name"], "event", "known", 4 * STEP, [("UA", 0, BEGIN + late * STEP) for late in range(20)])
    packed = pack(world.view, world.source, world.times, world.layout(BEGIN))
    store.write(packed.layout, packed.values(), packed.strings())
    for row, wanted in zip(world.asked, world.expected(), strict=True):
        asked = World(facts, world.keys, "event", "known", world.ttl, [row])
        answers, _ = online(store, asked, micros(row[2]))
        assert [column[0].as_py() for column in answers] == wanted


def test_store_keeps_no_more_than_later_questions_need() -> None:
    event = pa.array(range(100), pa.timestamp("us", "UTC"))
    source = pa.table({"name": ["UA"] * 100, "event": event, "value": np.arange(100.0)})
    last = Feature(name="last", aggregate="last", column="value")
    count = Feature(name="count", aggregate="count", window_us=10)
    for features, kept in (([last], 6), ([last, count], 15)):
        view = ViewDefinition(
            name="view", entity=EntityKeys(name="name", keys=["name"]), source="facts", features=features
        )
        layout = Layout(view="view", version=1, definition="", source="facts", keys=["name"], at_us=94)
        packed = pack(view, source, TimeColumns(timestamp="event"), layout)
        # as of 94: the latest fact, those of the window (84, 94], and the five that come later
        assert packed.bounds.tolist() == [0, kept]
