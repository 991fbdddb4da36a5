"""Materializations answer by key, as of their moment or later, and are replaced at once or not at all."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import hendrix as hx
from hendrix.entities import ConflictError, InvalidInputError, NotFoundError
from hendrix.features import OnlineReader
from hendrix.features.layout import Block, Layout, Served
from hendrix.features.online_store import OnlineStore

if TYPE_CHECKING:
    from collections.abc import Iterator

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
STAMP = pa.timestamp("us", "UTC")


@pytest.fixture
def delays(tmp_path: Path) -> hx.FeatureView:
    facts = pa.table(
        {
            "carrier": ["UA", "UA", "AA", "x" * 600, None],
            "number": pa.array([1, 1, 2, 3, 4], pa.int32()),
            "scheduled": pa.array([NOON, NOON + timedelta(hours=1), NOON, NOON, NOON], STAMP),
            "delay": [1.0, 2.0, None, 4.0, 5.0],
            "dest": ["IAH", "ORD", "JFK", None, "LAX"],
        }
    )
    pq.write_table(facts, tmp_path / "flights.parquet")
    source = hx.Dataset("flights", tmp_path / "flights.parquet", timestamp="scheduled")
    entity = hx.Entity("flight", keys=["carrier", "number"])
    features = ["delay", "dest", hx.window.count("1d"), "scheduled"]
    return hx.FeatureView("delays", entity=entity, source=source, features=features, ttl="1d")


KEYS = {"carrier": ["AA", "UA", None, "UA", "x" * 600, "x" * 601], "number": [2, 1, 1, 9, 3, 3]}


def test_online_keeps_the_order_of_the_request_and_counts_what_it_did_not_find(delays: hx.FeatureView) -> None:
    made = hx.materialize(delays, at=NOON)
    assert (made.view, made.at, made.entities) == (delays.ref, NOON, 3)
    table = delays.online(KEYS, at=NOON + timedelta(minutes=30))
    assert table.to_pydict() == {
        **KEYS,
        "delays__delay": [None, 1.0, None, None, 4.0, None],
        "delays__dest": ["JFK", "IAH", None, None, None, None],
        "delays__count_1d": [1, 1, None, None, 1, None],
        "delays__scheduled": [NOON, NOON, None, None, NOON, None],
    }
    assert table.schema.metadata == {b"hendrix.unseen": b"3"}
    assert table.drop(["carrier", "number"]).schema.types == [pa.float64(), pa.string(), pa.int64(), STAMP]


def test_what_becomes_known_later_is_answered_when_its_time_has_come(delays: hx.FeatureView) -> None:
    hx.materialize(delays, at=NOON)
    later = delays.online({"carrier": ["UA"], "number": [1]}, at=NOON + timedelta(hours=1))
    assert later["delays__dest"].to_pylist() == ["ORD"]
    expired = delays.online({"carrier": ["UA"], "number": [1]})  # as of now
    assert (expired["delays__dest"].to_pylist(), expired["delays__count_1d"].to_pylist()) == ([None], [0])


def test_the_graph_says_what_is_materialized(delays: hx.FeatureView) -> None:
    hx.materialize([delays], at=NOON)
    facts = hx.feature_view("delays").graph_entity.facts
    wanted = {"at": NOON.isoformat(), "dataset": "hx://default/dataset/flights@1", "entities": 3}
    assert facts["materialized"] == wanted


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"carrier": ["UA"]}, ["lacks the key 'number'"]),
        ({"carrier": ["UA"], "number": [1], "dest": ["IAH"]}, ["not keyed by 'dest'", "'carrier', 'number'"]),
        ({"carrier": ["UA"], "number": ["one"]}, ["'number'", "'one'", "whole number"]),
        ({"carrier": [7], "number": [1]}, ["'carrier'", "7", "string"]),
        ({"carrier": ["UA"], "number": [1.5]}, ["'number'", "1.5"]),
        ({"carrier": "UA", "number": 1}, ["'carrier' needs a list", "'UA'"]),
        ({"carrier": ["UA", "AA"], "number": [1]}, ["can't be read as a table"]),
    ],
)
def test_what_is_wrong_with_keys_is_named(delays: hx.FeatureView, keys: Any, told: list[str]) -> None:
    hx.materialize(delays, at=NOON)
    with pytest.raises(InvalidInputError) as caught:
        delays.online(keys, at=NOON)
    assert all(part in str(caught.value) for part in told), str(caught.value)


def test_a_moment_before_the_materialization_is_refused_with_both_times(delays: hx.FeatureView) -> None:
    hx.materialize(delays, at=NOON)
    with pytest.raises(ConflictError, match=r"2026-01-01T11:59:59\+00:00.*2026-01-01T12:00:00\+00:00"):
        delays.online({"carrier": ["UA"], "number": [1]}, at=NOON - timedelta(seconds=1))


def test_a_view_that_is_not_materialized_says_how(delays: hx.FeatureView) -> None:
    with pytest.raises(NotFoundError, match=r"hx\.materialize"):
        delays.online({"carrier": ["UA"], "number": [1]})


def test_a_view_that_was_defined_anew_does_not_answer_from_the_deleted_one(delays: hx.FeatureView) -> None:
    hx.materialize(delays, at=NOON)
    delays.delete()
    again = hx.FeatureView(
        "delays", entity=hx.Entity("flight", keys=["carrier", "number"]), source="flights", features=["delay"]
    )
    assert again.version == 1
    with pytest.raises(NotFoundError, match="defined anew"):
        again.online({"carrier": ["UA"], "number": [1]}, at=NOON)


def test_versions_are_stored_beside_each_other(delays: hx.FeatureView, home: Path) -> None:
    hx.materialize(delays, at=NOON)
    second = hx.FeatureView(
        "delays", entity=hx.Entity("flight", keys=["carrier", "number"]), source="flights", features=["dest"]
    )
    hx.materialize(second, at=NOON + timedelta(hours=2))
    reader = OnlineReader(home / "features" / "default")
    at_us = int((NOON + timedelta(hours=2)).timestamp() * 1_000_000)
    columns, unseen = reader.read({"carrier": ["UA"], "number": [1]}, at_us, ["delays", "delays@1"])
    assert list(columns) == [
        "delays.dest",
        *(f"delays@1.{name}" for name in ("delay", "dest", "count_1d", "scheduled")),
    ]
    assert (columns["delays@1.count_1d"], unseen) == ([2], {"delays": 0, "delays@1": 0})


# --- the store alone ---------------------------------------------------------------------------------

PLAIN = Layout(
    view="view",
    version=1,
    definition="",
    source="",
    keys=["key"],
    families=["integer"],
    at_us=0,
    blocks=[Block(name="v0", type="i8")],
    features=[Served(name="f", aggregate="last", column=0, span_us=None, type="int64")],
)
MANY = 30_000


def generation(number: int) -> Iterator[tuple[bytes, bytes]]:
    value = (1).to_bytes(4, "little") + number.to_bytes(8, "little")
    return ((key.to_bytes(8, "little"), value) for key in range(MANY))


def values(path: Path) -> set[int | None]:
    columns, _ = OnlineReader(path).read({"key": range(0, MANY, 97)}, 0, ["view"])
    return set(columns["view.f"])


def test_readers_see_the_old_or_the_new_materialization_never_a_mixture(tmp_path: Path) -> None:
    store = OnlineStore(tmp_path)
    store.write(PLAIN, generation(0), ())
    done = threading.Event()
    seen: list[set[int | None]] = []

    def read() -> None:
        while not done.is_set():
            seen.append(values(tmp_path))

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(1, 6):
        store.write(PLAIN, generation(number), ())
    done.set()
    reader.join()
    assert all(len(one) == 1 for one in seen)
    assert values(tmp_path) == {5}


WRITER = """
import sys, time
from pathlib import Path
sys.path.insert(0, {folder!r})
from test_materialize import PLAIN, generation
from hendrix.features.online_store import OnlineStore

def stalling():
    for place, pair in enumerate(generation(2)):
        if place == 25_000:
            print("half", flush=True)
            time.sleep(60)
        yield pair

OnlineStore(Path({path!r})).write(PLAIN, stalling(), ())
"""


def test_a_killed_writer_leaves_the_old_materialization_and_the_next_cleans_up(tmp_path: Path) -> None:
    store = OnlineStore(tmp_path)
    store.write(PLAIN, generation(1), ())
    program = WRITER.format(folder=str(Path(__file__).parent), path=str(tmp_path))
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "half\n"
        assert values(tmp_path) == {1}
        writer.send_signal(signal.SIGKILL)
    assert values(tmp_path) == {1}
    store.write(PLAIN, generation(3), ())
    assert values(tmp_path) == {3}
    with store.reading() as transaction:
        # one generation's values, its pointer and its name, the counter and the format
        assert transaction.stat()["entries"] == MANY + 4
