"""Random small worlds of facts and questions, for properties; and what the reference says of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import strategies as st
from reference import features_at

from hendrix.features.layout import Layout
from hendrix.features.records import EntityKeys, Feature, TimeColumns, ViewDefinition

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# a coarse clock, so that ties and the borders of windows are the rule
STEP = timedelta(hours=1)
SCHEMA = pa.schema(
    {
        "name": pa.string(),
        "number": pa.int64(),
        "event": pa.timestamp("us", "UTC"),
        "known": pa.timestamp("ms", "America/New_York"),
        "value": pa.float64(),
        "whole": pa.int32(),
        "text": pa.dictionary(pa.int8(), pa.string()),
        "flag": pa.bool_(),
        "moment": pa.timestamp("ns", "UTC"),
    }
)
# few keys, most often the same, so that facts meet
NAMES = st.sampled_from(["UA", "UA", "UA", "é", "", None])
NUMBERS = st.sampled_from([0, 0, 0, -5, 1 << 40, None])
TICKS = st.integers(0, 12).map(lambda tick: BEGIN + tick * STEP)
VALUES = st.one_of(
    st.none(),
    st.sampled_from([0.0, 0.1, 0.2, -0.3, 1e16, -1e16, 5e-324, 1e300]),
    st.floats(-1e6, 1e6, allow_nan=False),
)


def micros(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


@dataclass
class World:
    """Facts, a view on them, and rows that ask."""

    facts: list[dict[str, Any]]
    keys: list[str]
    timestamp: str | None
    known_at: str | None
    ttl: timedelta | None
    asked: list[tuple[Any, Any, datetime]]

    @property
    def features(self) -> list[tuple[str, str | None, timedelta | None]]:
        plain = [("last", column, self.ttl) for column in ("value", "whole", "text", "flag", "moment")]
        if self.timestamp is None:
            return plain
        return [
            *plain,
            ("last", "text", 3 * STEP),
            ("count", None, 2 * STEP),
            ("count", None, 5 * STEP),
            ("count", "value", 5 * STEP),
            ("mean", "value", 4 * STEP),
            ("mean", "whole", 6 * STEP),
            ("mean", "flag", 4 * STEP),
        ]

    @property
    def view(self) -> ViewDefinition:
        made = [
            Feature(
                name=f"f{number}",
                aggregate=aggregate,
                column=column,
                window_us=None if window is None or number < 5 else window // timedelta(microseconds=1),
            )
            for number, (aggregate, column, window) in enumerate(self.features)
        ]
        ttl = None if self.ttl is None else self.ttl // timedelta(microseconds=1)
        entity = EntityKeys(name="entity", keys=self.keys)
        return ViewDefinition(name="view", entity=entity, source="facts", features=made, ttl_us=ttl)

    @property
    def times(self) -> TimeColumns:
        return TimeColumns(timestamp=self.timestamp, known_at=self.known_at)

    @property
    def source(self) -> pa.Table:
        return pa.Table.from_pylist(self.facts, schema=SCHEMA)

    @property
    def key_columns(self) -> dict[str, pa.ChunkedArray]:
        held = {
            "name": pa.chunked_array([pa.array([row[0] for row in self.asked], pa.string())]),
            "number": pa.chunked_array([pa.array([row[1] for row in self.asked], pa.int64())]),
        }
        return {name: held[name] for name in self.keys}

    @property
    def at(self) -> np.ndarray:
        return np.array([micros(row[2]) for row in self.asked], np.int64)

    def key(self, row: tuple[Any, Any, datetime]) -> tuple[Any, ...]:
        held = {"name": row[0], "number": row[1]}
        return tuple(held[name] for name in self.keys)

    def expected(self) -> list[list[Any]]:
        return [
            features_at(
                self.facts,
                self.key(row),
                row[2],
                self.features,
                keys=self.keys,
                timestamp=self.timestamp,
                known_at=self.known_at,
            )
            for row in self.asked
        ]

    def layout(self, at: datetime) -> Layout:
        return Layout(view="view", version=1, definition="", source="facts", keys=self.keys, at_us=micros(at))


FACT = st.fixed_dictionaries(
    {
        "name": NAMES,
        "number": NUMBERS,
        "event": st.one_of(TICKS, TICKS, TICKS, st.none()),
        "known": st.one_of(TICKS, TICKS, TICKS, st.none()),
        "value": VALUES,
        "whole": st.one_of(st.integers(-(1 << 31), (1 << 31) - 1), st.none()),
        "text": st.sampled_from(["x", "y", "", None]),
        "flag": st.sampled_from([True, False, None]),
        "moment": st.one_of(TICKS, st.none()),
    }
)
# long lists are rare by themselves, and windows need them
FACTS = st.one_of(st.lists(FACT, max_size=5), st.lists(FACT, min_size=15, max_size=30))
WORLDS = st.builds(
    World,
    facts=FACTS,
    keys=st.sampled_from([["name"], ["number"], ["name", "number"], ["number", "name"]]),
    timestamp=st.sampled_from(["event", "event", None]),
    known_at=st.sampled_from(["known", "known", None]),
    ttl=st.sampled_from([None, STEP, 4 * STEP]),
    asked=st.lists(st.tuples(st.one_of(NAMES, st.just("unseen")), NUMBERS, TICKS), min_size=8, max_size=20),
)
