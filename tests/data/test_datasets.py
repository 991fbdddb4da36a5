"""Datasets are registered as versions that say exactly which bytes they are."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import hendrix as hx
from hendrix.data import files
from hendrix.entities import DriftError, InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from pathlib import Path

STAMP = pa.timestamp("us", "UTC")
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def write(path: Path, rows: int = 2, **more: Any) -> Path:
    columns = {
        "carrier": ["UA"] * rows,
        "scheduled": pa.array([NOON] * rows, STAMP),
        "local": pa.array([NOON.replace(tzinfo=None)] * rows, pa.timestamp("us")),
    }
    path.parent.mkdir(exist_ok=True)
    pq.write_table(pa.table({**columns, **more}), path)
    return path


def test_a_version_is_a_manifest_of_its_files(tmp_path: Path) -> None:
    for month in ("b", "a"):
        write(tmp_path / "flights" / f"{month}.parquet")
    flights = hx.Dataset("flights", tmp_path / "flights/*.parquet", timestamp="scheduled", description="All of them.")
    assert (flights.version, flights.rows, flights.made) == (1, 4, True)
    assert flights.ref == "hx://default/dataset/flights@1"
    assert [entry.path.rpartition("/")[2] for entry in flights.manifest.files] == ["a.parquet", "b.parquet"]
    first = flights.manifest.files[0]
    assert first.sha256 == files.sha256_of(tmp_path / "flights" / "a.parquet")
    assert flights.schema.field("scheduled").type == STAMP
    assert flights.read(["carrier"]).num_rows == 4
    assert flights.read().column_names == ["carrier", "scheduled", "local"]


def test_same_bytes_are_the_same_version_and_changed_bytes_the_next(tmp_path: Path) -> None:
    path = write(tmp_path / "flights.parquet")
    first = hx.Dataset("flights", path, timestamp="scheduled")
    path.touch()
    again = hx.Dataset("flights", path, timestamp="scheduled")
    assert (again.version, again.made, again == first) == (1, False, True)
    write(path, rows=3)
    assert hx.Dataset("flights", path, timestamp="scheduled").version == 2
    assert hx.Dataset("flights", path, timestamp="scheduled", known_at="scheduled").version == 3
    assert [hx.dataset(ref).version for ref in ("flights", "flights@2", "hx://default/dataset/flights@1")] == [3, 2, 1]


def test_digests_of_untouched_files_are_taken_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "flights" / "a.parquet")
    hx.Dataset("flights", tmp_path / "flights")
    write(tmp_path / "flights" / "b.parquet")
    read: list[str] = []
    digest = files.sha256_of
    monkeypatch.setattr(files, "sha256_of", lambda path: read.append(path.name) or digest(path))
    assert hx.Dataset("flights", tmp_path / "flights").version == 2
    assert read == ["b.parquet"]


def test_a_changed_file_is_drift_that_names_it(tmp_path: Path) -> None:
    path = write(tmp_path / "flights.parquet")
    flights = hx.Dataset("flights", path)
    write(path, rows=3)
    with pytest.raises(DriftError, match=r"flights\.parquet of dataset 'flights' has changed") as caught:
        flights.read()
    assert "next version" in caught.value.hint
    path.unlink()
    with pytest.raises(DriftError, match=r"flights\.parquet of dataset 'flights' is gone"):
        flights.read()


def test_changed_bytes_of_the_same_size_are_drift(tmp_path: Path) -> None:
    path = write(tmp_path / "flights.parquet")
    flights = hx.Dataset("flights", path)
    held = path.read_bytes()
    path.write_bytes(held.replace(b"UA", b"AA"))
    os.utime(path, ns=(1, 1))
    with pytest.raises(DriftError, match="has changed"):
        flights.read()
    path.write_bytes(held)  # the same bytes at another time are no drift
    assert flights.read().num_rows == 2


def test_a_path_alone_names_the_dataset(tmp_path: Path) -> None:
    write(tmp_path / "flights" / "a.parquet")
    assert hx.Dataset(str(tmp_path / "flights" / "*.parquet")).name == "flights"
    assert hx.Dataset(str(tmp_path / "flights" / "a.parquet")).name == "a"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"timestamp": "schedule"}, ["no column 'schedule' (timestamp)", "Did you mean 'scheduled'?"]),
        ({"known_at": "arrived"}, ["no column 'arrived' (known_at)"]),
        ({"timestamp": "carrier"}, ["'carrier'", "string", "not times"]),
        ({"timestamp": "local"}, ["'local'", "without a time zone", "replace_time_zone"]),
    ],
)
def test_a_column_that_is_no_time_is_named(tmp_path: Path, options: Any, told: list[str]) -> None:
    path = write(tmp_path / "flights.parquet")
    with pytest.raises(InvalidInputError) as caught:
        hx.Dataset("flights", path, **options)
    assert all(part in str(caught.value) for part in told), str(caught.value)
    with pytest.raises(NotFoundError):
        hx.dataset("flights")


def test_a_path_that_matches_nothing_says_what_is_there(tmp_path: Path) -> None:
    write(tmp_path / "flights" / "a.parquet")
    with pytest.raises(NotFoundError, match=r"flights/\*\.csv' matches no file") as caught:
        hx.Dataset("flights", tmp_path / "flights/*.csv")
    assert "a.parquet" in caught.value.hint


def test_files_whose_columns_differ_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "flights" / "a.parquet")
    write(tmp_path / "flights" / "b.parquet", carrier=[1, 2])
    with pytest.raises(InvalidInputError, match=r"b\.parquet differ from those of a\.parquet: 'carrier' is int64"):
        hx.Dataset("flights", tmp_path / "flights")


def test_a_dataset_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="holds no rows"):
        hx.Dataset("flights", write(tmp_path / "flights.parquet", rows=0))


def test_a_file_that_is_no_parquet_is_refused(tmp_path: Path) -> None:
    (tmp_path / "flights.csv").write_text("carrier\nUA\n")
    with pytest.raises(InvalidInputError, match=r"flights\.csv is no Parquet file"):
        hx.Dataset("flights", tmp_path / "flights.csv")


def test_a_column_that_is_not_there_offers_near_ones(tmp_path: Path) -> None:
    flights = hx.Dataset("flights", write(tmp_path / "flights.parquet"))
    with pytest.raises(InvalidInputError, match="Did you mean 'carrier'"):
        flights.read(["carier"])


def test_a_dataset_that_is_not_there_offers_near_names(tmp_path: Path) -> None:
    hx.Dataset("flights", write(tmp_path / "flights.parquet"))
    with pytest.raises(NotFoundError, match="flights"):
        hx.dataset("flight")
    with pytest.raises(NotFoundError, match="7"):
        hx.dataset("flights@7")


def test_a_deleted_dataset_frees_its_name(tmp_path: Path) -> None:
    path = write(tmp_path / "flights.parquet")
    hx.Dataset("flights", path).delete()
    assert hx.Dataset("flights", path).version == 1


def test_html_shows_columns_and_their_roles(tmp_path: Path) -> None:
    flights = hx.Dataset("flights", write(tmp_path / "flights.parquet"), timestamp="scheduled")
    assert "event time" in flights._repr_html_()
    assert repr(flights) == "<Dataset flights@1: 2 rows in 1 file, timestamp='scheduled'>"
