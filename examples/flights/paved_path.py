"""Will this flight arrive late? From the raw files to a live answer: a plain Flyte 2 program.

    hendrix workflow run paved_path.py pipeline --folder data      on this machine
    flyte deploy paved_path.py env                                 on a Flyte cluster, unchanged

`hendrix demo` runs it, then asks the service about the next 1,000 flights and checks each answer.
"""

from __future__ import annotations

import flyte
import polars as pl
import pyarrow as pa  # noqa: TC002 - as people write it
from flights_data import MEASURED, MORNING, PUBLISHED, prepare, six_before

import hendrix as hx

env = flyte.TaskEnvironment(name="flights")
KEYS = ("flight_id", "carrier", "origin", "dest", "tailnum")
BASELINE = "carrier and hour averages"
ASKED = {"label": "late", "slices": ["origin", "month"], "keys": ["flight_id"]}


@env.task
def register(folder: str) -> str:
    """Make the tables, and say of each since when a row is known."""
    prepared = prepare(folder)
    hx.Dataset("flights", f"{folder}/flights/*.parquet", timestamp="scheduled", known_at="arrived")
    hx.Dataset("schedule", f"{folder}/schedule/*.parquet", known_at="published")
    hx.Dataset("weather", f"{folder}/weather/*.parquet", timestamp="observed")
    hx.Dataset("planes", f"{folder}/planes/*.parquet")
    return prepared.digest


def views() -> list[hx.FeatureView]:
    """Define what may be known of a flight; defined again, it is the same version."""
    past = [*(hx.window.mean("arr_delay", length) for length in ("6h", "1d", "7d")), hx.window.count("6h")]
    origin, plane, flight = hx.Entity("origin"), hx.Entity("plane", ["tailnum"]), hx.Entity("flight", ["flight_id"])
    delayed = [hx.Entity("carrier"), origin, hx.Entity("route", ["origin", "dest"])]
    return [
        *(hx.FeatureView(f"{by.name}_delays", entity=by, source="flights", features=past) for by in delayed),
        hx.FeatureView("airport_weather", entity=origin, source="weather", features=MEASURED, ttl="6h"),
        hx.FeatureView("plane", entity=plane, source="planes", features=["age", "seats"]),
        hx.FeatureView("timetable", entity=flight, source="schedule", features=PUBLISHED),
    ]


def frame(first: int, last: int, *, frozen: bool = False) -> pa.Table:
    """Join the flights of some months with what was known at departure (frozen: at 06:00 before it)."""
    flights = pl.DataFrame(hx.dataset("flights").read([*KEYS, "month", "hour", "scheduled", "late"]))
    moment = six_before(pl.col("scheduled")) if frozen else pl.col("scheduled")
    return hx.training_frame(flights.filter(pl.col("month").is_between(first, last)).with_columns(time=moment), views())


@env.task
def train(data: str) -> str:
    """Fit boosted trees on January to September, on Ray."""
    return hx.compute.submit(fit, frame(1, 9), data, name="boosted trees", cpus=2, memory="2GB").result()


def fit(past: pa.Table, data: str) -> str:
    """Fit and log the model, in a process of Ray's."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.metrics import log_loss

    past = past.filter(past["late"].is_valid())  # a flight that did not arrive has no label
    inputs = past.select([name for view in views() for name in view.columns])
    seen, late = inputs.to_pandas(), past["late"].to_pandas()
    trees = HistGradientBoostingClassifier(max_iter=200, learning_rate=0.08, min_samples_leaf=200, random_state=0)
    with hx.run("boosted trees", project="flights") as run:
        run.params(data=data, rows=len(seen), **trees.get_params())
        trees.fit(seen, late)
        for scores in trees.staged_predict_proba(seen[::50]):
            run.log(log_loss=log_loss(late[::50], scores))
        return hx.log_model(trees, name="delay", example=inputs.slice(0, 5)).ref


def averages(rows: pa.Table) -> pl.Series:
    """Score by the plain baseline: how often the carrier was late at that hour, January to September."""
    flights = pl.DataFrame(hx.dataset("flights").read(["carrier", "hour", "month", "late"]))
    past = flights.filter(pl.col("month").is_between(1, 9)).drop_nulls()
    rate = (pl.col("late").sum() + 200 * past["late"].mean()) / (pl.len() + 200)
    rates = past.group_by("carrier", "hour").agg(rate=rate)
    scored = pl.DataFrame(rows).join(rates, on=["carrier", "hour"], how="left", maintain_order="left")
    return scored["rate"].fill_null(past["late"].mean())


@env.task
def promote(model: str) -> list[str]:
    """Compare with the baseline on October and November; the gate lets only the better one pass."""
    rows = frame(10, 11)
    compared = [hx.evaluate(averages(rows), rows, name=BASELINE, **ASKED), hx.evaluate(model, rows, **ASKED)]
    hx.promote(model, "champion")
    return [evaluation.ref for evaluation in compared]


@env.task
def report(model: str) -> list[str]:
    """Report on December by airport and month; and as the service will see it, with features of 06:00."""
    live, frozen = frame(12, 12), frame(12, 12, frozen=True)
    baseline = hx.evaluate(averages(live), live, name=BASELINE, **ASKED)
    return [baseline.ref, hx.evaluate(model, live, **ASKED).ref, hx.evaluate(model, frozen, **ASKED).ref]


@env.task
def serve(champion: str) -> str:
    """Put the features of that morning where the service finds them, and deploy the champion."""
    hx.materialize(views(), at=MORNING)
    return hx.deploy(champion, name="delay").ref


@env.task
def pipeline(folder: str) -> list[str]:
    """Run it all; answer the references of what was made."""
    model = train(register(folder))
    return [model, *promote(model), *report(model), serve(model)]
