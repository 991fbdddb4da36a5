"""A plain reading of the raw flights: what was known of each at a moment, computed the slow and obvious way.

It shares nothing with the engine, nor with the example's preparation of the data: the csv module, datetime,
zoneinfo and dictionaries of lists. Tests compare the platform's answers with these.
"""

from __future__ import annotations

import csv
import io
import zipfile
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

Value = float | None
NEW_YORK = ZoneInfo("America/New_York")
ATLANTIC = {"BQN", "SJU", "STT", "PSE"}
WINDOWS = {"6h": timedelta(hours=6), "1d": timedelta(days=1), "7d": timedelta(days=7)}
DELAYS = {"carrier_delays": ("carrier",), "origin_delays": ("origin",), "route_delays": ("origin", "dest")}
MEASURED = ("temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib")
WEATHER_KEEPS = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flight:
    """One row of the raw file, with its instants in UTC."""

    flight_id: str
    carrier: str
    origin: str
    dest: str
    tailnum: str | None
    scheduled: datetime
    scheduled_arrival: datetime
    departed: datetime | None
    arrived: datetime | None
    dep_delay: int | None
    arr_delay: int | None
    distance: int
    air_time: int | None


class NaiveFlights:
    """The raw files, read once and asked flight by flight."""

    def __init__(self, folder: Path) -> None:
        zones = {row["faa"]: row["tzone"] for row in _rows(folder / "airports.csv")}
        self.flights = {
            flight.flight_id: flight for flight in (_flight(row, zones) for row in _zipped(folder / "flights.csv.zip"))
        }
        self.planes = {row["tailnum"]: row for row in _rows(folder / "planes.csv")}
        self.weather: dict[str, list[tuple[datetime, dict[str, str]]]] = defaultdict(list)
        for row in _rows(folder / "weather.csv"):
            self.weather[row["origin"]].append((datetime.fromisoformat(row["time_hour"]), row))
        for observations in self.weather.values():
            observations.sort(key=lambda pair: pair[0])
        self._by_key: dict[tuple[str, ...], dict[tuple[str | None, ...], list[Flight]]] = {}

    def in_order(self) -> list[Flight]:
        """Give all flights by their scheduled departure, ties by id."""
        return sorted(self.flights.values(), key=lambda flight: (flight.scheduled, flight.flight_id))

    def features(self, flight_id: str, at: datetime) -> dict[str, Value]:
        """Compute the features of the example for one flight, by what was known at `at`."""
        flight = self.flights[flight_id]
        found: dict[str, Value] = {}
        for view, columns in DELAYS.items():
            key = tuple(getattr(flight, column) for column in columns)
            for name, length in WINDOWS.items():
                landed = self.window(columns, key, at, length)
                found[f"{view}__arr_delay_mean_{name}"] = mean(other.arr_delay for other in landed)
                if name == "6h":
                    found[f"{view}__count_6h"] = len(landed) if self.is_known(columns, key, at) else None
        observation = self.last_weather(flight.origin, at)
        for name in MEASURED:
            found[f"airport_weather__{name}"] = number(observation.get(name))
        plane = self.planes.get(flight.tailnum or "", {})
        year = number(plane.get("year"))
        found["plane__age"] = None if year is None else 2013 - year
        found["plane__seats"] = number(plane.get("seats"))
        for name, value in self.timetable(flight).items():
            found[f"timetable__{name}"] = value if at >= flight.scheduled - timedelta(days=2) else None
        return found

    def timetable(self, flight: Flight) -> dict[str, Value]:
        """Give what the schedule says of a flight."""
        local = flight.scheduled.astimezone(NEW_YORK)
        return {
            "minute_of_day": local.hour * 60 + local.minute,
            "weekday": local.isoweekday(),
            "distance": flight.distance,
            "duration": (flight.scheduled_arrival - flight.scheduled) // timedelta(minutes=1),
        }

    def window(
        self, columns: tuple[str, ...], key: tuple[str | None, ...], at: datetime, length: timedelta
    ) -> list[Flight]:
        """List the flights of a key scheduled in (at - length, at] that had arrived by `at`."""
        flights = self._of(columns, key)
        start = bisect_right(flights, at - length, key=lambda flight: flight.scheduled)
        stop = bisect_right(flights, at, key=lambda flight: flight.scheduled)
        return [flight for flight in flights[start:stop] if flight.arrived and flight.arrived <= at]

    def is_known(self, columns: tuple[str, ...], key: tuple[str | None, ...], at: datetime) -> bool:
        """Whether any flight of a key had ever arrived by `at`; of a key not seen yet, nothing is known."""
        return any(flight.arrived and flight.arrived <= at for flight in self._of(columns, key))

    def last_weather(self, origin: str, at: datetime) -> dict[str, str]:
        """Give the last observation at an airport, if it is less than six hours old."""
        observations = self.weather.get(origin, [])
        known = bisect_right(observations, at, key=lambda pair: pair[0])
        if known == 0 or at - observations[known - 1][0] >= WEATHER_KEEPS:
            return {}
        return observations[known - 1][1]

    def _of(self, columns: tuple[str, ...], key: tuple[str | None, ...]) -> list[Flight]:
        if columns not in self._by_key:
            grouped = defaultdict(list)
            for flight in self.in_order():
                grouped[tuple(getattr(flight, column) for column in columns)].append(flight)
            self._by_key[columns] = dict(grouped)
        return [] if None in key else self._by_key[columns].get(key, [])


def mean(values: Iterable[float | None]) -> float | None:
    """Average what is not null; null of nothing."""
    present = [value for value in values if value is not None]
    return sum(present) / len(present) if present else None


def number(text: str | None) -> float | None:
    """Read a cell as a number; `NA`, nothing and an absent cell are null."""
    return None if text in {None, "", "NA"} else float(str(text))


def six_in_the_morning(of: datetime) -> datetime:
    """Give the last 06:00 in New York that is not after an instant."""
    local = of.astimezone(NEW_YORK)
    today = datetime(local.year, local.month, local.day, 6, tzinfo=NEW_YORK)
    if today > of:
        before = local.date() - timedelta(days=1)
        today = datetime(before.year, before.month, before.day, 6, tzinfo=NEW_YORK)
    return today.astimezone(UTC)


def _flight(row: dict[str, str], zones: dict[str, str]) -> Flight:
    year, month, day = (int(row[name]) for name in ("year", "month", "day"))
    hour, minute = divmod(int(row["sched_dep_time"]), 100)
    scheduled = datetime(year, month, day, hour, minute, tzinfo=NEW_YORK).astimezone(UTC)
    zone = ZoneInfo("America/Puerto_Rico" if row["dest"] in ATLANTIC else zones[row["dest"]])
    dep_delay = _whole(row["dep_delay"])
    departed = None if dep_delay is None else scheduled + timedelta(minutes=dep_delay)
    arrival_clock = _whole(row["arr_time"])
    arrived = None
    if departed is not None and arrival_clock is not None:
        arrived = _next_time_clock_shows(arrival_clock, zone, departed)
    return Flight(
        flight_id=f"{row['carrier']}-{row['flight']}-{row['origin']}-{year}-{month:02}-{day:02}",
        carrier=row["carrier"],
        origin=row["origin"],
        dest=row["dest"],
        tailnum=row["tailnum"] if row["tailnum"] not in {"", "NA"} else None,
        scheduled=scheduled,
        scheduled_arrival=_next_time_clock_shows(int(row["sched_arr_time"]), zone, scheduled),
        departed=departed,
        arrived=arrived,
        dep_delay=dep_delay,
        arr_delay=_whole(row["arr_delay"]),
        distance=int(row["distance"]),
        air_time=_whole(row["air_time"]),
    )


def _next_time_clock_shows(clock: int, zone: ZoneInfo, after: datetime) -> datetime:
    """Find the first instant after `after` at which a clock in `zone` shows HHMM (2400 is midnight)."""
    hour, minute = divmod(clock % 2400, 100)
    today = after.astimezone(zone).date()
    for days in (0, 1):
        day = today + timedelta(days=days)
        for fold in (0, 1):
            shown = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone, fold=fold)
            if (instant := shown.astimezone(UTC)) > after:
                return instant
    message = f"no {clock} in {zone} after {after}"
    raise AssertionError(message)


def _whole(text: str) -> int | None:
    return None if text in {"", "NA"} else int(text)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def _zipped(path: Path) -> Iterator[dict[str, str]]:
    with zipfile.ZipFile(path) as archive, archive.open("flights.csv") as file:
        yield from csv.DictReader(io.TextIOWrapper(file, encoding="utf-8", newline=""))
