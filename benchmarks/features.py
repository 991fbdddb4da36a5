"""Point-in-time joins and online reads, ours beside the peers that are installed and beside the floor.

    python benchmarks/features.py [--quick] [--rounds N]

Each engine runs in a process of its own, interleaved round by round, imports left out of the clock. One JSON line a measure:
{"benchmark", "ours", "peer", "peer_value", "unit", "ratio"}; a ratio above 1 is ahead, whatever the unit.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import numpy as np

TABLES = {"a": 5_000_000, "b": 2_000_000, "c": 500_000}
SPINE, ENTITIES, FEATURES, DAYS = 500_000, 100_000, 5, 90
COLUMNS = {table: [f"{table}{number}" for number in range(FEATURES)] for table in TABLES}
BEGIN = np.datetime64("2026-01-01", "us").astype(np.int64)
ONLINE_ROWS, ONLINE_FEATURES = 50_000, 15
CALLS = 2_000
Result = tuple["Clock", int, float]


class Clock:
    """Measures a block: seconds on the wall and of all processors."""

    def __enter__(self) -> Self:
        self._wall, self._cpu = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.wall, self.cpu = time.perf_counter() - self._wall, time.process_time() - self._cpu


def make(folder: Path, scale: float) -> None:
    """Write the spine and the tables as an event log is written: in order of time, no key twice at a time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(7)

    def table(rows: int, columns: list[str]) -> pa.Table:
        when = np.sort(BEGIN + rng.choice(DAYS * 86_400_000, rows, replace=False) * 1000)
        keys = rng.integers(0, int(ENTITIES * scale), rows)
        values = {name: rng.standard_normal(rows).astype(np.float32) for name in columns}
        return pa.table({"entity_id": keys, "time": pa.array(when, pa.timestamp("us", "UTC")), **values})

    pq.write_table(table(int(SPINE * scale), ["label"]), folder / "spine.parquet")
    for name, rows in TABLES.items():
        pq.write_table(table(int(rows * scale), COLUMNS[name]), folder / f"{name}.parquet")


def checksum(table: Any) -> float:
    """Add up all features, nulls as zero."""
    import pyarrow.compute as pc

    return float(sum(pc.sum(table[name].cast("double")).as_py() or 0 for names in COLUMNS.values() for name in names))


def hendrix(folder: Path) -> Result:
    """Join registered datasets."""
    import pyarrow.parquet as pq

    import hendrix as hx

    hx.connect(home=str(folder / "home"))
    views = []
    for name, columns in COLUMNS.items():
        source = hx.Dataset(name, folder / f"{name}.parquet", timestamp="time")
        views.append(hx.FeatureView(name, entity=hx.Entity("entity_id"), source=source, features=columns, ttl="30d"))
    with Clock() as clock:
        frame = hx.training_frame(pq.ParquetFile(folder / "spine.parquet").read(), views)
    return (
        clock,
        frame.num_rows,
        checksum(frame.rename_columns([name.rpartition("__")[2] for name in frame.column_names])),
    )


def polars(folder: Path) -> Result:
    """Join by join_asof."""
    import polars as pl

    with Clock() as clock:
        out = pl.scan_parquet(folder / "spine.parquet").sort("time")
        for name in TABLES:
            right = pl.scan_parquet(folder / f"{name}.parquet").sort("time")
            out = out.join_asof(right, on="time", by="entity_id", tolerance="30d", check_sortedness=False)
        frame = out.collect()
    return clock, frame.height, checksum(frame.to_arrow())


def duckdb(folder: Path) -> Result:
    """Join by ASOF JOIN."""
    import duckdb as db

    with Clock() as clock:
        picked = ", ".join(
            f"case when s.time - {table}.time < interval 30 day then {table}.{name} end {name}"
            for table, names in COLUMNS.items()
            for name in names
        )
        joins = " ".join(
            f"asof left join '{folder}/{name}.parquet' {name} on s.entity_id = {name}.entity_id and s.time >= {name}.time"
            for name in TABLES
        )
        frame = db.sql(f"select s.*, {picked} from '{folder}/spine.parquet' s {joins}").to_arrow_table()  # noqa: S608
    return clock, frame.num_rows, checksum(frame)


def pandas(folder: Path) -> Result:
    """Join by merge_asof."""
    import pandas as pd
    import pyarrow as pa

    with Clock() as clock:
        out = pd.read_parquet(folder / "spine.parquet").sort_values("time")
        for name in TABLES:
            right = pd.read_parquet(folder / f"{name}.parquet").sort_values("time")
            out = pd.merge_asof(out, right, on="time", by="entity_id", tolerance=pd.Timedelta("30d"))
    return clock, len(out), checksum(pa.Table.from_pandas(out))


def floor(folder: Path) -> Result:
    """Read the files only."""
    import pyarrow.parquet as pq

    with Clock() as clock:
        for name in ("spine", *TABLES):
            pq.ParquetFile(folder / f"{name}.parquet").read()
    return clock, 0, 0.0


ENGINES = {one.__name__: one for one in (hendrix, polars, duckdb, pandas, floor)}


def one(engine: str, folder: Path) -> None:
    """Run one engine here and print what it took."""
    ready = {"hendrix": "hendrix.features.frame", "floor": "pyarrow.parquet"}.get(engine, engine)
    importlib.import_module(ready)
    importlib.import_module("pyarrow.compute")
    clock, rows, total = ENGINES[engine](folder)
    mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    sys.stdout.write(
        json.dumps({"s": clock.wall, "cpu": clock.cpu, "rows": rows, "sum": round(total, 1), "mib": mib}) + "\n"
    )


def report(benchmark: str, ours: float, peer: str, value: float, unit: str, *, more_is_better: bool = False) -> None:
    """Print one line."""
    ratio = ours / value if more_is_better else value / ours
    line = {"benchmark": benchmark, "ours": ours, "peer": peer, "peer_value": value, "unit": unit, "ratio": ratio}
    print(
        json.dumps({name: float(f"{one:.4g}") if isinstance(one, float) else one for name, one in line.items()}),
        flush=True,
    )


def joins(scale: float, rounds: int) -> None:
    """Run every engine that is installed, round by round, and compare medians."""
    engines = [name for name in ENGINES if name in {"hendrix", "floor"} or importlib.util.find_spec(name)]
    got: dict[str, list[dict[str, Any]]] = {name: [] for name in engines}
    with tempfile.TemporaryDirectory(prefix="hendrix-bench-") as name:
        folder = Path(name)
        make(folder, scale)
        for _ in range(rounds):
            for engine in engines:
                command = [sys.executable, __file__, "--one", engine, "--folder", name]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
                got[engine].append(json.loads(done.stdout.splitlines()[-1]))
    middle = {name: {key: statistics.median(one[key] for one in runs) for key in runs[0]} for name, runs in got.items()}
    ours = middle["hendrix"]
    for engine in engines[1:]:
        if engine != "floor" and (middle[engine]["rows"], middle[engine]["sum"]) != (ours["rows"], ours["sum"]):
            sys.stderr.write(f"{engine} answers otherwise: {middle[engine]} against {ours}\n")
        report(f"join {scale:g}x", ours["s"], engine, middle[engine]["s"], "s")
        report(f"join cpu {scale:g}x", ours["cpu"], engine, middle[engine]["cpu"], "s")
        report(f"join memory {scale:g}x", ours["mib"], engine, middle[engine]["mib"], "MiB")


def online() -> None:
    """Read and write 15 features by key, beside one packed value a key in LMDB with nothing around it."""
    import lmdb
    import pyarrow as pa
    import pyarrow.parquet as pq

    import hendrix as hx

    rng = np.random.default_rng(3)
    with tempfile.TemporaryDirectory(prefix="hendrix-bench-") as name:
        folder = Path(name)
        hx.connect(home=str(folder / "home"))
        now = datetime.now(UTC) - timedelta(minutes=1)
        values = {
            f"f{number}": rng.standard_normal(ONLINE_ROWS).astype(np.float32) for number in range(ONLINE_FEATURES)
        }
        stamps = pa.array([now] * ONLINE_ROWS, pa.timestamp("us", "UTC"))
        facts = pa.table({"entity_id": np.arange(ONLINE_ROWS), "time": stamps, **values})
        pq.write_table(facts, folder / "facts.parquet")
        source = hx.Dataset("facts", folder / "facts.parquet", timestamp="time")
        view = hx.FeatureView("view", entity=hx.Entity("entity_id"), source=source, features=list(values), ttl="1d")
        begin = time.perf_counter()
        hx.materialize(view)
        wrote = ONLINE_ROWS / (time.perf_counter() - begin)
        matrix = np.stack(list(values.values()), axis=1)
        env = lmdb.open(str(folder / "floor"), map_size=1 << 30)
        begin = time.perf_counter()
        with env.begin(write=True) as transaction:
            transaction.cursor().putmulti([(key.to_bytes(8, "big"), row.tobytes()) for key, row in enumerate(matrix)])
        report(
            "write embedded", wrote, "floor", ONLINE_ROWS / (time.perf_counter() - begin), "rows/s", more_is_better=True
        )
        reader = hx.features.OnlineReader(folder / "home" / "features" / "default")
        at_us = time.time_ns() // 1000

        def bare(keys: list[int]) -> Any:
            with env.begin() as transaction:
                rows = [np.frombuffer(transaction.get(key.to_bytes(8, "big")), np.float32).tolist() for key in keys]
            return list(zip(*rows, strict=True))

        for count in (1, 10, 100):
            calls = [rng.integers(0, ONLINE_ROWS, count).tolist() for _ in range(CALLS)]
            ours = timed(lambda keys: reader.read({"entity_id": keys}, at_us, ["view"]), calls)
            report(f"read {count} embedded", ours, "floor", timed(bare, calls), "ms")


def timed(call: Any, given: list[Any]) -> float:
    """Give the median of a call in milliseconds."""
    took = []
    for value in given:
        begin = time.perf_counter()
        call(value)
        took.append(time.perf_counter() - begin)
    return statistics.median(took) * 1e3


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows, within 50 s")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", choices=ENGINES, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        one(asked.one, asked.folder)
        return
    joins(0.1 if asked.quick else 1.0, asked.rounds)
    online()


if __name__ == "__main__":
    main()
