"""Views are defined once, checked against their source, and versioned by what they compute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import hendrix as hx
from hendrix.entities import InvalidInputError, NotFoundError
from hendrix.features.durations import format_duration, parse_duration

if TYPE_CHECKING:
    from pathlib import Path

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
CARRIER = hx.Entity("carrier")


@pytest.fixture
def flights(tmp_path: Path) -> hx.Dataset:
    facts = pa.table(
        {
            "carrier": ["UA"],
            "scheduled": pa.array([NOON], pa.timestamp("us", "UTC")),
            "arr_delay": [1.5],
            "dest": ["IAH"],
            "stops": pa.array([["ORD"]]),
        }
    )
    pq.write_table(facts, tmp_path / "flights.parquet")
    return hx.Dataset("flights", tmp_path / "flights.parquet", timestamp="scheduled")


def test_features_are_named_by_what_they_are(flights: hx.Dataset) -> None:
    features = [
        "dest",
        hx.window.mean("arr_delay", "7d"),
        hx.window.count("1d"),
        hx.window.count("arr_delay", timedelta(hours=36)),
        hx.window.last("dest", "3h"),
        hx.window.mean("arr_delay", "90m", name="recent"),
    ]
    view = hx.FeatureView("delays", entity=CARRIER, source=flights, features=features)
    assert view.columns == [
        "delays__dest",
        "delays__arr_delay_mean_7d",
        "delays__count_1d",
        "delays__arr_delay_count_36h",
        "delays__dest_last_3h",
        "delays__recent",
    ]


def test_same_definition_is_the_same_version_and_a_changed_one_the_next(flights: hx.Dataset) -> None:
    def define(window: str) -> hx.FeatureView:
        features = [hx.window.mean("arr_delay", window)]
        return hx.FeatureView("delays", entity=CARRIER, source=flights, features=features, ttl="30d")

    assert [(view.version, view.made) for view in (define("7d"), define("7d"), define("168h"), define("8d"))] == [
        (1, True),
        (1, False),
        (1, False),  # the same length in other words, and the same name
        (2, True),
    ]
    assert hx.feature_view("delays").definition == define("8d").definition
    assert hx.feature_view("delays@1").definition == define("7d").definition
    assert {node.ref for node in define("8d").lineage().nodes} >= {"hx://default/dataset/flights@1"}


def test_repr_and_html_name_the_view(flights: hx.Dataset) -> None:
    view = hx.FeatureView("delays", entity=CARRIER, source=flights.name, features=["dest"], ttl="30d")
    assert repr(view) == "<FeatureView delays@1 of carrier from flights: dest>"
    assert "30d" in view._repr_html_()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"features": ["arr_dely"]}, ["'arr_dely'", "Did you mean 'arr_delay'?"]),
        ({"features": []}, ["'delays'", "needs a list of features"]),
        ({"features": "dest"}, ["needs a list of features", "'dest'"]),
        ({"features": ["dest", "dest"]}, ["'dest' twice"]),
        ({"features": [7]}, ["7 is no feature"]),
        ({"features": ["stops"]}, ["'stops'", "list<", "can't be a feature"]),
        ({"features": [hx.window.mean("dest", "1d")]}, ["averages 'dest'", "string"]),
        ({"features": [hx.window.mean("dist", "1d")]}, ["no column 'dist'"]),
        ({"features": ["dest"], "ttl": "soon"}, ["'soon' is no duration", "TTL of 'delays'"]),
        ({"features": ["dest"], "ttl": "0d"}, ["longer than zero"]),
        ({"features": ["dest"], "entity": hx.Entity("plane", keys=["tailnum"])}, ["'tailnum'", "'plane'"]),
        ({"features": ["dest"], "entity": hx.Entity("delay", keys=["arr_delay"])}, ["'arr_delay'", "double"]),
        ({"features": ["dest"], "name": "a__b"}, ["'a__b'"]),
    ],
)
def test_what_is_wrong_with_a_definition_is_named(flights: hx.Dataset, options: Any, told: list[str]) -> None:
    options = {"name": "delays", "entity": CARRIER, "source": flights, **options}
    with pytest.raises(InvalidInputError) as caught:
        hx.FeatureView(**options)
    assert all(part in str(caught.value) for part in told), str(caught.value)
    with pytest.raises(NotFoundError):
        hx.feature_view(options["name"])


@pytest.mark.usefixtures("flights")
def test_window_over_a_source_without_event_times_is_refused(tmp_path: Path) -> None:
    source = hx.Dataset("untimed", tmp_path / "flights.parquet")
    with pytest.raises(InvalidInputError, match="no event times"):
        hx.FeatureView("delays", entity=CARRIER, source=source, features=[hx.window.count("1d")])


@pytest.mark.parametrize("arguments", [(), ("a", "1d", "2d"), (5, "1d")])
def test_count_says_how_it_is_written(arguments: Any) -> None:
    with pytest.raises(InvalidInputError, match="count takes a window"):
        hx.window.count(*arguments)


def test_a_view_that_is_not_there_offers_near_names(flights: hx.Dataset) -> None:
    hx.FeatureView("delays", entity=CARRIER, source=flights, features=["dest"])
    with pytest.raises(NotFoundError, match="delays"):
        hx.feature_view("delay")


@pytest.mark.parametrize(
    ("text", "micros", "written"),
    [
        ("7d", 604_800_000_000, "7d"),
        ("1w", 604_800_000_000, "7d"),
        ("1h30m", 5_400_000_000, "90m"),
        ("250ms", 250_000, "250ms"),
        (timedelta(seconds=1.5), 1_500_000, "1500ms"),
        ("36h", 129_600_000_000, "36h"),
    ],
)
def test_durations_are_read_and_written(text: Any, micros: int, written: str) -> None:
    assert parse_duration(text) == micros
    assert format_duration(micros) == written


@pytest.mark.parametrize("text", ["7", "d", "7 days", "-1d", "", "1.5h", None, 3600, "9999999w"])
def test_what_is_no_duration_is_refused(text: Any) -> None:
    with pytest.raises(InvalidInputError):
        parse_duration(text)
