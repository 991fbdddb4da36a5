"""Every prediction, kept: to Parquet files, by a thread, through a bounded queue.

A prediction is acknowledged to the client before it is on disk: `kill -9` loses at most what came in the last
`FLUSH_SECONDS` (5 s; less under load, since `FLUSH_ROWS` are written at once). A graceful stop loses nothing.
"""

from __future__ import annotations

import itertools
import logging
import os
import threading
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hendrix.serving.columns import datatype_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    import pyarrow as pa

    from hendrix.serving.asked import Prepared
    from hendrix.serving.columns import Values
    from hendrix.serving.records import ColumnType, Served, ServingSpec

_LOG = logging.getLogger(__name__)
FLUSH_SECONDS = 5.0
FLUSH_ROWS = 32_768
MAX_WAITING_ROWS = 131_072


@dataclass(slots=True)
class Prediction:
    """One answered request."""

    prediction_id: str
    request_id: str
    received_us: int
    latency_us: int
    prepared: Prepared
    output: npt.NDArray[Any]


class PredictionLog:
    """Writes predictions to a folder.

    Parameters
    ----------
    folder
        Where the files go, one folder a day (`date=2013-12-15/`). Files appear whole, under their last name.
    served
        The version, named in each row.
    spec
        The columns.
    flush_seconds, flush_rows
        A file is written this often at the latest, and as soon as so many rows wait.
    max_waiting_rows
        Rows that wait at most; more are dropped, and counted in `dropped`.
    """

    def __init__(
        self,
        folder: Path,
        served: Served,
        spec: ServingSpec,
        *,
        flush_seconds: float = FLUSH_SECONDS,
        flush_rows: int = FLUSH_ROWS,
        max_waiting_rows: int = MAX_WAITING_ROWS,
    ) -> None:
        self._folder = folder
        self._served = served
        self._spec = spec
        self._flush_seconds = flush_seconds
        self._flush_rows = flush_rows
        self._max_waiting_rows = max_waiting_rows
        self._waiting: deque[Prediction] = deque()
        self._added = 0
        self._taken = 0
        self._wake = threading.Event()
        self._closing = False
        self._numbers = itertools.count()
        self._name = f"{os.getpid():x}{os.urandom(4).hex()}"
        self.written = 0
        self.dropped = 0
        self._thread = threading.Thread(target=self._work_on, name="prediction-log", daemon=True)
        self._thread.start()

    def append(self, prediction: Prediction) -> None:
        """Take a prediction; never waits. Called from one thread."""
        rows = prediction.prepared.rows
        waiting = self._added - self._taken
        if waiting and waiting + rows > self._max_waiting_rows:
            self.dropped += rows
            return
        self._waiting.append(prediction)
        self._added += rows
        if waiting + rows >= self._flush_rows:
            self._wake.set()

    @property
    def waiting_rows(self) -> int:
        """Rows that are not on disk yet."""
        return self._added - self._taken

    def close(self) -> None:
        """Write what waits, and end."""
        self._closing = True
        self._wake.set()
        self._thread.join()

    def _work_on(self) -> None:
        while not self._closing:
            self._wake.wait(self._flush_seconds)
            self._wake.clear()
            self._flush()
        self._flush()

    def _flush(self) -> None:
        while self._waiting:
            batch: list[Prediction] = []
            rows = 0
            while self._waiting and rows < self._flush_rows:
                batch.append(self._waiting.popleft())
                rows += batch[-1].prepared.rows
            try:
                self._write(batch)
                self.written += rows
            except Exception:  # noqa: BLE001 - whatever it is, it is logged and counted
                # A full disk must not end the log for good, nor fill the memory: these are counted as dropped.
                self.dropped += rows
                _LOG.exception("could not write %d predictions to %s", rows, self._folder)
            self._taken += rows

    def _write(self, batch: list[Prediction]) -> None:
        import pyarrow.parquet as pq

        first = datetime.fromtimestamp(batch[0].received_us / 1_000_000, tz=UTC)
        folder = self._folder / f"date={first:%Y-%m-%d}"
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{first:%H%M%S%f}-{self._name}-{next(self._numbers)}.parquet"
        part = folder / f".{name}.part"
        pq.write_table(self._table(batch), part, compression="zstd")
        part.rename(folder / name)

    def _table(self, batch: list[Prediction]) -> pa.Table:
        import pyarrow as pa

        rows = [p.prepared.rows for p in batch]
        total = sum(rows)

        def spread(values: Sequence[Any], type_: pa.DataType) -> pa.Array:
            return pa.array(list(itertools.chain.from_iterable(map(itertools.repeat, values, rows))), type_)

        moment = pa.timestamp("us", tz="UTC")
        columns: dict[str, pa.Array] = {
            "prediction_id": spread([p.prediction_id for p in batch], pa.string()),
            "row": pa.array(list(itertools.chain.from_iterable(map(range, rows))), pa.int32()),
            "request_id": spread([p.request_id or None for p in batch], pa.string()),
            "received_at": spread([p.received_us for p in batch], moment),
            "at": spread([p.prepared.at_us for p in batch], moment),
            "version": pa.repeat(pa.scalar(self._served.version, pa.string()), total),
            "ref": pa.repeat(pa.scalar(self._served.ref, pa.string()), total),
            "digest": pa.repeat(pa.scalar(self._served.digest, pa.string()), total),
        }
        keys = {key.name: key.type for view in self._spec.views for key in view.keys}
        if keys:
            columns["keys"] = pa.StructArray.from_arrays(
                [_arrow([p.prepared.keys.get(name) for p in batch], rows, type_, ()) for name, type_ in keys.items()],
                names=list(keys),
            )
        columns["inputs"] = pa.StructArray.from_arrays(
            [_arrow([p.prepared.inputs[c.name] for p in batch], rows, c.type, c.shape) for c in self._spec.inputs],
            names=[c.name for c in self._spec.inputs],
        )
        output = list(itertools.chain.from_iterable(p.output.tolist() for p in batch))
        columns["output"] = pa.array(output)
        columns["latency_us"] = spread([p.latency_us for p in batch], pa.int64())
        return pa.table(columns)


def _arrow(parts: Sequence[Values | None], rows: list[int], type_: ColumnType, shape: tuple[int, ...]) -> pa.Array:
    """Join one column of several requests; what a request did not send is null."""
    import pyarrow as pa

    values: list[Any] = []
    for part, count in zip(parts, rows, strict=True):
        if part is None:
            values.extend(itertools.repeat(None, count))
        else:
            values.extend(part.tolist() if isinstance(part, np.ndarray) else part)
    arrow = {
        "BOOL": pa.bool_(),
        "INT32": pa.int64(),
        "INT64": pa.int64(),
        "FP32": pa.float32(),
        "FP64": pa.float64(),
        "BYTES": pa.string(),
    }[datatype_of(type_)]
    if type_ == "datetime":
        arrow = pa.timestamp("us", tz="UTC")
    for _ in shape:
        arrow = pa.list_(arrow)
    return pa.array(values, arrow, from_pandas=True)


def prediction_files(folder: Path) -> list[Path]:
    """List the finished files of a log, oldest first."""
    return sorted(Path(folder).glob("date=*/*.parquet"))


def read_predictions(folder: Path) -> pa.Table:
    """Read a whole log: one row a predicted row, in the order of arrival.

    Raises
    ------
    NotFoundError
        When nothing was logged there yet.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    from hendrix.entities import NotFoundError

    files = prediction_files(folder)
    if not files:
        message = f"no predictions are logged in {folder}"
        raise NotFoundError(message, hint=f"They appear within {FLUSH_SECONDS:.0f} s of an answer.")
    tables = [pq.ParquetFile(file).read() for file in files]
    return pa.concat_tables(tables, promote_options="permissive").sort_by(
        [("received_at", "ascending"), ("prediction_id", "ascending"), ("row", "ascending")]
    )
