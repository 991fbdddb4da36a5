"""A model that was trained on feature views, asked by keys alone: each answer equals the one computed offline."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

import hendrix as hx
from hendrix.agent import end, ensure
from hendrix.entities import ConflictError, EdgeType, InvalidInputError
from hendrix.graph import neighbours
from hendrix.serving import read_predictions
from hendrix.session import connect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hendrix.serving import Deployment

START = datetime(2013, 12, 1, tzinfo=UTC)
AT = START + timedelta(days=5, hours=1)
SPINE = {"carrier": ["UA", "AA", None, "ZZ", "UA"], "tailnum": ["N1", "N2", "N3", "N1", "N999"]}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Flights and planes on disk, two views, a model trained on them, materialized and deployed."""
    folder = tmp_path_factory.mktemp("keys")
    connect(home=str(folder / "home"))
    random = np.random.default_rng(5)
    count = 400
    flights = pl.DataFrame(
        {
            "scheduled": [START + timedelta(minutes=15 * n) for n in range(count)],
            "arrived": [START + timedelta(minutes=15 * n + int(random.integers(30, 400))) for n in range(count)],
            "carrier": random.choice(["UA", "AA", "DL"], count),
            "delay": random.normal(10, 30, count),
        }
    )
    flights.write_parquet(folder / "flights.parquet")
    pl.DataFrame({"tailnum": [f"N{n}" for n in range(9)], "seats": range(100, 109)}).write_parquet(
        folder / "planes.parquet"
    )
    source = hx.Dataset("flights", str(folder / "flights.parquet"), timestamp="scheduled", known_at="arrived")
    planes = hx.Dataset("planes", str(folder / "planes.parquet"))
    delays = hx.FeatureView(
        "carrier_delays",
        entity=hx.Entity("carrier"),
        source=source,
        features=[hx.window.mean("delay", "2d"), hx.window.count("1d")],
    )
    seats = hx.FeatureView("planes_now", entity=hx.Entity("tailnum"), source=planes, features=["seats"])
    spine = flights.select(
        "carrier", at=pl.col("scheduled"), hour=pl.col("scheduled").dt.hour().cast(pl.Int64)
    ).with_columns(tailnum=pl.lit("N1"))
    frame = hx.training_frame(spine.to_arrow(), [delays, seats], time="at")
    table = pl.from_arrow(frame)
    inputs = [c for c in table.columns if "__" in c or c == "hour"]
    outcome = (flights["delay"].to_numpy() > 10).astype(int)
    trained = frame.select(inputs)
    model = HistGradientBoostingClassifier(max_iter=10).fit(trained.to_pandas(), outcome)
    hx.log_model(model, name="late", example=trained.slice(0, 5))
    hx.materialize(delays, at=AT)
    hx.materialize(seats, at=AT)
    hx.deploy("late@latest", "late-prod")
    yield folder
    end(connect(home=str(folder / "home")).home)


@pytest.fixture
def deployment(world: Path) -> Deployment:
    ensure(connect(home=str(world / "home")).home)
    return hx.deployment("late-prod")


def test_answers_by_keys_equal_the_offline_ones_at_that_moment(deployment: Deployment) -> None:
    spine = pl.DataFrame({**SPINE, "at": [AT] * 5, "hour": [7] * 5}, schema_overrides={"at": pl.Datetime("us", "UTC")})
    views = [hx.feature_view("carrier_delays"), hx.feature_view("planes_now")]
    frame = hx.training_frame(spine.to_arrow(), views, time="at")
    expected = hx.model("late@latest").load().predict(frame)
    got = deployment.predict({**SPINE, "hour": [7] * 5}, at=AT)
    assert got == expected.tolist()
    one_by_one = [
        deployment.predict({"carrier": c, "tailnum": t, "hour": 7}, at=AT)[0]
        for c, t in zip(*SPINE.values(), strict=True)
    ]
    assert one_by_one == expected.tolist()
    assert deployment.stats().since_start.unseen_keys == 6


def test_the_deployment_is_joined_to_the_model_and_to_the_views_it_looks_up(deployment: Deployment) -> None:
    from hendrix.session import client

    with client().host.store.read("test") as graph:
        joined = {(edge, other.ref) for edge, _, other in neighbours(graph, deployment.entity)}
    assert joined == {
        (EdgeType.DEPLOYED, "hx://default/model/late@1"),
        (EdgeType.SERVED, "hx://default/feature_view/carrier_delays@1"),
        (EdgeType.SERVED, "hx://default/feature_view/planes_now@1"),
    }
    assert {"flights", "planes"} <= {node.name for node in deployment.lineage().upstream()}


def test_a_mistake_in_the_keys_names_what_is_expected(deployment: Deployment) -> None:
    with pytest.raises(InvalidInputError, match="unknown column 'carier'") as raised:
        deployment.predict({"carier": "UA", "tailnum": "N1", "hour": 7}, at=AT)
    assert "did you mean 'carrier'?" in raised.value.hint
    with pytest.raises(InvalidInputError, match="so is the key 'tailnum'"):
        deployment.predict({"carrier": "UA", "hour": 7}, at=AT)
    with pytest.raises(InvalidInputError, match="'carrier' takes a string, got 3"):
        deployment.predict({"carrier": 3, "tailnum": "N1", "hour": 7}, at=AT)
    with pytest.raises(ConflictError, match="was materialized as of"):
        deployment.predict({"carrier": "UA", "tailnum": "N1", "hour": 7}, at=AT - timedelta(days=1))


def test_the_log_holds_keys_looked_up_features_and_answers(deployment: Deployment) -> None:
    from hendrix.session import client

    got = deployment.predict({"carrier": "AA", "tailnum": None, "hour": 9}, at=AT)
    deployment.stop()
    last = read_predictions(client().home.predictions / deployment.id.hex).to_pylist()[-1]
    deployment.restart()
    assert last["output"] == got[0]
    assert last["at"] == AT
    assert last["keys"] == {"carrier": "AA", "tailnum": None}
    assert last["inputs"]["planes_now__seats"] is None
    assert (
        last["inputs"][
            "carrier_delays__delay_mean_2d"
            if "carrier_delays__delay_mean_2d" in last["inputs"]
            else next(k for k in last["inputs"] if "mean" in k)
        ]
        is not None
    )
    assert last["ref"] == "hx://default/model/late@1"
