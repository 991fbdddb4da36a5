"""The last step of the demo: 1,000 flights are asked about over HTTP, and each answer is checked.

What an answer should be comes from a naive reading of the raw files, which shares no code with the engine.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

import hendrix as hx
from hendrix.entities import HendrixError
from hendrix.session import progress

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import ModuleType

    import pyarrow as pa

    from hendrix.models import ModelVersion
    from hendrix.serving import Deployment

FLIGHTS = 1_000


def ready(model: ModelVersion, name: str, program: ModuleType) -> tuple[Deployment, bool]:
    """Have the model served and its features stored; says whether all of it was so already."""
    deployment = hx.deploy(model, name)
    views = program.views()
    stored = all(_reads(view, program.MORNING) for view in views)
    if not stored:
        hx.materialize(views, at=program.MORNING)
    return deployment, stored and not deployment.changed


def check(
    deployment: Deployment, model: ModelVersion, program: ModuleType, naive: ModuleType, raw: Path
) -> dict[str, Any]:
    """Ask about the next flights, by keys alone, as of the morning; and compare each answer; returns what was asked first.

    Raises
    ------
    HendrixError
        When an answer, or a feature that was computed offline, is not that of the naive reference.
    """
    click.echo(f"\nthe next {FLIGHTS:,} flights as of {program.MORNING:%d %B %Y, %H:%M} New York, by keys alone")
    with progress("Reading the raw files again, the naive way"):
        reference = naive.NaiveFlights(raw)
    ahead = [flight for flight in reference.in_order() if flight.scheduled >= program.MORNING][:FLIGHTS]
    keys = [{key: getattr(flight, key) for key in program.KEYS} for flight in ahead]
    answers, seconds = _ask(deployment, keys, program.MORNING.isoformat())
    frame = hx.training_frame(_table(keys), program.views(), at=program.MORNING)
    with progress("Computing their features the naive way", total=len(ahead)) as bar:
        expected = []
        for flight in ahead:
            expected.append(reference.features(flight.flight_id, program.MORNING))
            bar.advance()
    names = [name for view in program.views() for name in view.columns]
    features = _same_features(frame, names, expected, [flight.flight_id for flight in ahead])
    should = model.load().predict(_typed(expected, frame, names)).tolist()
    wrong = [place for place, (one, other) in enumerate(zip(answers, should, strict=True)) if one != other]
    if wrong:
        first = wrong[0]
        message = (
            f"{len(wrong):,} of {len(answers):,} answers of {deployment.name} are not what the raw files say, first "
            f"{ahead[first].flight_id}: {answers[first]!r} instead of {should[first]!r}"
        )
        raise HendrixError(message, hint=f"hendrix deployment logs {deployment.name}")
    unknown = sum(row["plane__seats"] is None for row in expected)
    middle, slow = (sorted(seconds)[int(len(seconds) * share)] * 1000 for share in (0.5, 0.99))
    click.echo(f"  {len(answers):,} of {len(answers):,} answers are those computed offline, to the last bit")
    click.echo(f"  {features:,} feature values are those of a naive reading of the raw files")
    click.echo(f"  {unknown:,} flights have no plane on record: null features, by the same rule")
    click.echo(f"  p50 {middle:.1f} ms, p99 {slow:.1f} ms a request")
    return keys[0]


def _ask(deployment: Deployment, keys: Sequence[dict[str, Any]], at: str) -> tuple[list[float], list[float]]:
    """Send one request a flight over one connection; answers and seconds."""
    import httpx

    answers, seconds = [], []
    with (
        httpx.Client(base_url=str(deployment.url), timeout=30) as http,
        progress("Asking the service", total=len(keys)) as bar,
    ):
        for row in keys:
            began = time.perf_counter()
            answer = http.post("/invocations", json={"dataframe_records": [row], "params": {"at": at}})
            seconds.append(time.perf_counter() - began)
            if answer.is_error:
                message = f"{deployment.name} answered {answer.status_code} for {row}: {answer.text[:300]}"
                raise HendrixError(message, hint=f"hendrix deployment logs {deployment.name}")
            answers.extend(answer.json()["predictions"])
            bar.advance()
    return answers, seconds


def _same_features(
    frame: pa.Table, names: Sequence[str], expected: Sequence[dict[str, Any]], flights: Sequence[str]
) -> int:
    """Count the values that were compared."""
    computed = frame.select(list(names)).to_pylist()
    for flight, one, other in zip(flights, computed, expected, strict=True):
        for name in names:
            if one[name] != other[name]:
                message = f"{name} of {flight} is {one[name]!r} in the frame, {other[name]!r} by the raw files"
                raise HendrixError(message, hint="This is a defect of Hendrix: please report it with this line.")
    return len(flights) * len(names)


def _typed(rows: Sequence[dict[str, Any]], frame: pa.Table, names: Sequence[str]) -> pa.Table:
    import pyarrow as pa

    arrays = {name: pa.array([row[name] for row in rows], frame.schema.field(name).type) for name in names}
    return pa.table(arrays)


def _table(rows: Sequence[dict[str, Any]]) -> pa.Table:
    import pyarrow as pa

    return pa.Table.from_pylist(list(rows), schema=pa.schema([(name, pa.string()) for name in rows[0]]))


def _reads(view: hx.FeatureView, at: Any) -> bool:
    """Whether the online store answers for a view as of a moment."""
    nobody = {key: [""] for key in view.definition.entity.keys}
    try:
        view.online(nobody, at=at)
    except HendrixError:
        return False
    return True
