"""Will this flight arrive late? From the raw files to a live answer, as one program.

It is a plain Flyte 2 program: every task is recorded, and what finished is not run again after a kill.

    hendrix workflow run paved_path.py pipeline --folder data      on this machine
    flyte deploy paved_path.py env                                 on a Flyte cluster, unchanged

`hendrix demo` runs it, then asks the service about the next 1,000 flights and checks each answer.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import flyte
import polars as pl
from flights_data import MEASURED, prepare, six_before

import hendrix as hx

if TYPE_CHECKING:
    import pyarrow as pa

env = flyte.TaskEnvironment(name="flights")

MORNING = datetime(2013, 12, 15, 6, tzinfo=ZoneInfo("America/New_York"))
KEYS = ("flight_id", "carrier", "origin", "dest", "tailnum")


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
    delays = [*(hx.window.mean("arr_delay", past) for past in ("6h", "1d", "7d")), hx.window.count("6h")]
    carrier, origin, route = hx.Entity("carrier"), hx.Entity("origin"), hx.Entity("route", ["origin", "dest"])
    plane, flight = hx.Entity("plane", ["tailnum"]), hx.Entity("flight", ["flight_id"])
    published = ["minute_of_day", "weekday", "distance", "duration"]
    return [
        hx.FeatureView("carrier_delays", entity=carrier, source="flights", features=delays),
        hx.FeatureView("origin_delays", entity=origin, source="flights", features=delays),
        hx.FeatureView("route_delays", entity=route, source="flights", features=delays),
        hx.FeatureView("airport_weather", entity=origin, source="weather", features=MEASURED, ttl="6h"),
        hx.FeatureView("plane", entity=plane, source="planes", features=["age", "seats"]),
        hx.FeatureView("timetable", entity=flight, source="schedule", features=published),
    ]


def frame(first: int, last: int, *, frozen: bool = False) -> pa.Table:
    """Join the flights of some months with what was known at departure (frozen: at 06:00 before it)."""
    flights = pl.DataFrame(hx.dataset("flights").read([*KEYS, "month", "hour", "scheduled", "late"]))
    moment = six_before(pl.col("scheduled")) if frozen else pl.col("scheduled")
    spine = flights.filter(pl.col("month").is_between(first, last)).with_columns(time=moment)
    return hx.training_frame(spine, views())


@env.task
def train(data: str) -> str:  # noqa: ARG001 - new data make it another call
    """Fit boosted trees on January to September, on Ray."""
    past = frame(1, 9)
    known = past.filter(past["late"].is_valid())
    quiet = {"OMP_WAIT_POLICY": "PASSIVE"}  # threads that wait leave the processor to others
    return str(hx.compute.submit(fit, known, name="boosted trees", cpus=2, memory="2GB", env=quiet).result())


def fit(past: pa.Table) -> str:
    """Fit and log the model, in a process of Ray's."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.metrics import log_loss

    inputs = past.select([name for view in views() for name in view.columns])
    seen, late = inputs.to_pandas(), past["late"].to_pandas()
    trees = HistGradientBoostingClassifier(max_iter=200, learning_rate=0.08, min_samples_leaf=200, random_state=0)
    with hx.run("boosted trees", project="flights") as run:
        run.params(rows=len(seen), **trees.get_params())
        trees.fit(seen, late)
        for scores in trees.staged_predict_proba(seen[::50]):
            run.log(log_loss=log_loss(late[::50], scores))
        return hx.log_model(trees, name="delay", example=inputs.slice(0, 5)).ref


def averages(rows: pa.Table) -> Any:
    """Score by the plain baseline: how often the carrier was late at that hour, January to September."""
    flights = pl.DataFrame(hx.dataset("flights").read(["carrier", "hour", "month", "late"]))
    past = flights.filter(pl.col("month") < 10).drop_nulls("late")
    overall = past["late"].mean()
    rate = (pl.col("late").sum() + 200 * overall) / (pl.len() + 200)
    rates = past.group_by("carrier", "hour").agg(rate=rate)
    asked = pl.DataFrame(rows.select(["carrier", "hour"]))
    return asked.join(rates, on=["carrier", "hour"], how="left", maintain_order="left")["rate"].fill_null(overall)


def evaluate(model: str, rows: pa.Table, *, of: str) -> list[str]:
    """Evaluate the model and the baseline on the same rows, by airport and month."""
    told: dict[str, Any] = {"label": "late", "slices": ["origin", "month"]}
    reports = [
        hx.evaluate(model, rows, **told),
        hx.evaluate(averages(rows), rows, name="carrier and hour averages", **told),
    ]
    for report in reports:
        report.tag(rows=of)
    return [report.ref for report in reports]


@env.task
def promote(model: str) -> list[str]:
    """Compare with the baseline on October and November; the gate lets only the better one pass."""
    compared = evaluate(model, frame(10, 11), of="October and November")
    hx.promote(model, "champion")
    return compared


@env.task
def report(model: str) -> list[str]:
    """Report on December, and beside it on what the service will see: features frozen at 06:00."""
    live = evaluate(model, frame(12, 12), of="December")
    frozen = evaluate(model, frame(12, 12, frozen=True), of="December, features of 06:00")
    return live + frozen


@env.task
def serve(model: str) -> str:  # noqa: ARG001 - a new model makes it another call
    """Put the features of the morning where the service finds them, and deploy the champion."""
    hx.materialize(views(), at=MORNING)
    return hx.deploy("delay@champion", name="delay").ref


@env.task
def pipeline(folder: str) -> dict[str, list[str]]:
    """Run it all; the answer names what was made."""
    model = train(register(folder))
    compared = promote(model)
    return {"model": [model], "compared": compared, "reported": report(model), "deployment": [serve(model)]}
