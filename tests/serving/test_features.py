"""Requests by keys, by features, or by a mix; unseen values; the moment that is asked for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from serving_parts import ROW, SPEC, Linear, Store

from hendrix.entities.errors import InvalidInputError
from hendrix.serving.asked import Asked
from hendrix.serving.preparation import Preparation

if TYPE_CHECKING:
    from serving_parts import Server


def test_keys_alone_are_looked_up(server: Server) -> None:
    assert server.ask({"dataframe_records": [ROW]}) == (200, {"predictions": [100 + 7e3 + 5e6 + 150e9]})


def test_a_feature_that_is_sent_is_not_looked_up(server: Server) -> None:
    row = {"distance": 1.0, "hour": 0, "carrier": "UA", "tailnum": "N2", "carrier_delay": 3.0}
    assert server.ask({"dataframe_records": [row]}) == (200, {"predictions": [1 + 3e6 + 200e9]})


def test_without_lookups_the_store_is_not_read() -> None:
    store = Store()
    asked = Asked(
        columns={**{n: [1] for n in ("distance", "hour", "carrier_delay", "seats")}, "carrier": ["UA"]},
        rows=1,
    )
    assert Preparation(SPEC, store).prepare(asked).unseen == {}
    assert store.reads == []


def test_only_the_views_that_are_needed_are_read() -> None:
    store = Store()
    asked = Asked(columns={"distance": [1], "hour": [1], "carrier": ["UA"], "seats": [1]}, rows=1, at_us=5)
    Preparation(SPEC, store).prepare(asked)
    assert store.reads == [({"carrier": ["UA"]}, 5, ("carrier_delays@2",))]


def test_unseen_and_null_keys_are_null_features_counted_and_reported(server: Server) -> None:
    before = json.loads(server.call("GET", "/stats")[2])["since_start"]["unseen_keys"]
    rows = [ROW, {**ROW, "tailnum": "N999"}, {**ROW, "tailnum": None, "carrier": "ZZ"}]
    status, headers, raw = server.call("POST", "/invocations", {"dataframe_records": rows})
    assert (status, headers["hendrix-unseen-keys"]) == (200, "carrier_delays=1,planes=2")
    assert json.loads(raw)["predictions"] == [7100 + 5e6 + 150e9, 7100 + 5e6, 7100]
    assert json.loads(server.call("GET", "/stats")[2])["since_start"]["unseen_keys"] == before + 3
    assert b'view="planes"} ' in server.call("GET", "/metrics")[2]


@pytest.mark.parametrize(
    "at",
    ["2012-12-31T23:59:59Z", "2012-12-31T18:59:59-05:00", 1_356_998_399_000_000],
    ids=["utc", "zone", "us"],
)
def test_features_are_read_as_of_the_moment_that_is_asked_for(server: Server, at: Any) -> None:
    assert server.ask({"dataframe_records": [ROW], "params": {"at": at}}) == (200, {"predictions": [7100.0]})
    tensors = [
        {"name": "distance", "datatype": "FP64", "shape": [1], "data": [100]},
        {"name": "hour", "datatype": "INT64", "shape": [1], "data": [7]},
        {"name": "carrier", "datatype": "BYTES", "shape": [1], "data": ["UA"]},
        {"name": "tailnum", "datatype": "BYTES", "shape": [1, 1], "data": [["N1"]]},
    ]
    status, answer = server.ask({"inputs": tensors, "parameters": {"at": at}}, "/v2/models/delay/infer")
    assert (status, answer["outputs"][0]["data"]) == (200, [7100.0])
    assert answer["parameters"] == {
        "unseen_keys.carrier_delays": 1,
        "unseen_keys.planes": 1,
        "unseen_keys": 2,
    }


columns_sent = st.fixed_dictionaries(
    {},
    optional={
        "distance": st.floats(-1e3, 1e3),
        "hour": st.integers(-100, 100),
        "carrier": st.sampled_from(["UA", "AA", "ZZ", None]),
        "tailnum": st.sampled_from(["N1", "N2", "N9", None]),
        "carrier_delay": st.none() | st.floats(-1e3, 1e3),
        "seats": st.none() | st.integers(0, 500),
    },
)


@given(columns_sent)
def test_any_mix_of_keys_and_features_matches_the_plain_rule(row: dict[str, Any]) -> None:
    """The rule, written plainly: what is sent counts, what is not sent is looked up, else it is refused."""
    preparation = Preparation(SPEC, Store())
    asked = Asked(columns={name: [value] for name, value in row.items()}, rows=1)
    missing = not {"distance", "hour", "carrier"} <= row.keys() or not {"seats", "tailnum"} & row.keys()
    if missing:
        with pytest.raises(InvalidInputError):
            preparation.prepare(asked)
        return
    delay = row["carrier_delay"] if "carrier_delay" in row else Store.DELAYS.get(row["carrier"])
    seats = row["seats"] if "seats" in row else Store.SEATS.get(row["tailnum"])
    expected = row["distance"] + 1e3 * row["hour"] + 1e6 * (delay or 0) + 1e9 * (seats or 0)
    prepared = preparation.prepare(asked)
    assert Linear().predict(preparation.arrays(prepared.inputs))[0] == expected
    looked_up = [v for v, f in (("carrier_delays", "carrier_delay"), ("planes", "seats")) if f not in row]
    nulls = {v for v in looked_up if (delay if v == "carrier_delays" else seats) is None}
    assert set(prepared.unseen) == nulls
