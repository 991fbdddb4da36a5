"""What the issue and the example's text say about the flights, counted."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest
from flights_data import MANIFEST, Prepared, prepare, source_folder
from polars.testing import assert_frame_equal

if TYPE_CHECKING:
    from naive_flights import NaiveFlights

Tables = dict[str, pl.DataFrame]
SIX_ON_THE_FIFTEENTH = datetime(2013, 12, 15, 11, tzinfo=UTC)
ATLANTIC = ("BQN", "SJU", "STT", "PSE")


def test_every_flight_is_there_once(tables: Tables, prepared: Prepared) -> None:
    flights = tables["flights"]
    assert flights.height == tables["schedule"].height == 336_776
    assert flights["flight_id"].n_unique() == 336_776
    assert set(flights["flight_id"]) == set(tables["schedule"]["flight_id"])
    assert prepared.rows == {"flights": 336_776, "schedule": 336_776, "weather": 26_115, "planes": 3_322}


def test_without_the_origin_24_flights_would_repeat(tables: Tables) -> None:
    day = pl.col("scheduled").dt.convert_time_zone("America/New_York").dt.date()
    assert tables["flights"].select(pl.struct("carrier", "flight", day).n_unique()).item() == 336_776 - 24


def test_what_has_no_label_and_what_never_arrived(tables: Tables, prepared: Prepared) -> None:
    flights = tables["flights"]
    assert prepared.unlabelled == flights["late"].null_count() == 9_430
    assert prepared.never_arrived == flights["arrived"].null_count() == 8_713
    landed_elsewhere = flights.filter(pl.col("arr_delay").is_null() & pl.col("arrived").is_not_null())
    assert landed_elsewhere.height == 9_430 - 8_713 == 717
    assert flights["cancelled"].sum() == 8_255


def test_late_is_more_than_fifteen_minutes(tables: Tables) -> None:
    labelled = tables["flights"].drop_nulls("arr_delay")
    assert labelled.filter(pl.col("late") != (pl.col("arr_delay") > 15)).is_empty()
    assert labelled["late"].mean() == pytest.approx(0.2372, abs=1e-4)


def test_four_destinations_keep_atlantic_time(tables: Tables) -> None:
    there = tables["flights"].filter(pl.col("dest").is_in(ATLANTIC))
    assert there.height == 7_602
    taxi = there.select(_on_the_ground()).drop_nulls()
    assert taxi.select(pl.all().is_between(5, 235).all()).item()


def test_time_in_the_air_agrees_with_every_arrival(tables: Tables) -> None:
    """Taxiing takes between 5 and 235 minutes: no arrival is off by an hour or by a day."""
    taxi = tables["flights"].select(_on_the_ground()).drop_nulls().to_series()
    assert taxi.len() == 336_776 - 9_430
    assert (taxi.min(), taxi.max()) == (5, 235)


def test_the_delay_agrees_with_the_timetable(tables: Tables) -> None:
    flights = tables["flights"].join(tables["schedule"].select("flight_id", "duration"), on="flight_id")
    due = pl.col("scheduled") + pl.duration(minutes=pl.col("duration"))
    off = flights.filter(pl.col("arrived") - due != pl.duration(minutes="arr_delay"))
    assert off.is_empty()


def test_the_naive_reference_reads_the_same_instants(tables: Tables, naive: NaiveFlights) -> None:
    columns = ("scheduled", "departed", "arrived", "dep_delay", "arr_delay", "tailnum", "origin", "dest")
    flights = tables["flights"].select("flight_id", *columns)
    read = naive.flights
    differ = [
        row["flight_id"]
        for row in flights.iter_rows(named=True)
        if any(row[column] != getattr(read[row["flight_id"]], column) for column in columns)
    ]
    assert differ == []


def test_the_schedule_is_known_two_days_ahead(tables: Tables) -> None:
    both = tables["schedule"].join(tables["flights"].select("flight_id", "scheduled"), on="flight_id")
    ahead = (both["scheduled"] - both["published"]).unique().to_list()
    assert ahead == [timedelta(days=2)]
    assert both["duration"].is_between(50, 700).all()
    local = both["scheduled"].dt.convert_time_zone("America/New_York")
    assert (both["hour"] == local.dt.hour()).all()
    assert (both["minute_of_day"] == local.dt.hour().cast(pl.Int64) * 60 + local.dt.minute()).all()


def test_weather_ends_before_the_year(tables: Tables) -> None:
    weather = tables["weather"]
    assert weather["observed"].max() == datetime(2013, 12, 30, 23, tzinfo=UTC)
    assert weather.select(pl.struct("origin", "observed").n_unique()).item() == 26_115
    assert set(weather["origin"]) == {"EWR", "JFK", "LGA"}


def test_the_thousand_flights_reach_into_the_next_day_and_lack_160_planes(tables: Tables) -> None:
    ahead = tables["flights"].filter(pl.col("scheduled") >= SIX_ON_THE_FIFTEENTH)
    thousand = ahead.sort("scheduled", "flight_id").head(1_000)
    assert thousand.join(tables["planes"], on="tailnum", how="anti").height == 160
    assert thousand["scheduled"].max() == datetime(2013, 12, 16, 12, 40, tzinfo=UTC)
    published = tables["schedule"].join(thousand.select("flight_id"), on="flight_id")["published"]
    assert published.len() == 1_000
    assert published.max() < SIX_ON_THE_FIFTEENTH


def test_a_plane_is_on_record_once(tables: Tables) -> None:
    planes = tables["planes"]
    assert planes["tailnum"].n_unique() == planes.height == 3_322
    assert planes["age"].null_count() == 70
    assert planes["age"].drop_nulls().is_between(0, 57).all()


def test_a_second_call_writes_nothing(prepared: Prepared) -> None:
    before = _stamps(prepared.folder)
    again = prepare(prepared.folder)
    assert again.reused
    assert (again.digest, again.rows) == (prepared.digest, prepared.rows)
    assert _stamps(prepared.folder) == before


def test_another_folder_gets_the_same_bytes(prepared: Prepared, tmp_path: Path) -> None:
    assert prepare(tmp_path).digest == prepared.digest


def test_what_is_damaged_or_missing_is_made_again_and_strays_go(prepared: Prepared, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(prepared.folder, folder)
    months = sorted((folder / "flights").iterdir())
    months[0].write_bytes(b"cut off")
    months[1].unlink()
    (folder / "flights" / "2014-01.parquet").write_bytes(months[2].read_bytes())
    whole = months[3].stat().st_mtime_ns

    mended = prepare(folder)

    assert not mended.reused
    assert mended.digest == prepared.digest
    assert len(list((folder / "flights").iterdir())) == 12
    assert months[3].stat().st_mtime_ns == whole, "what was whole is left alone"
    assert_frame_equal(pl.read_parquet(months[0]), pl.read_parquet(Path(prepared.folder, *months[0].parts[-2:])))


def test_a_folder_without_its_list_is_completed(prepared: Prepared, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(prepared.folder, folder)
    (folder / MANIFEST).unlink()
    assert prepare(folder).digest == prepared.digest
    assert prepare(folder).reused


def test_the_source_is_found_without_its_loader() -> None:
    assert (source_folder() / "flights.csv.zip").is_file()


def _on_the_ground() -> pl.Expr:
    return (pl.col("arrived") - pl.col("departed")).dt.total_minutes() - pl.col("air_time")


def _stamps(folder: str) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in Path(folder).glob("*/*")}
