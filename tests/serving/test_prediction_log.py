"""The prediction log: complete after a graceful stop, never half a file, bounded, never in the answer's way."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from serving_parts import ROW, SERVED, SPEC, VECTOR_SPEC, flights

from hendrix.entities.errors import NotFoundError
from hendrix.serving import PredictionLog, read_predictions
from hendrix.serving.asked import Prepared
from hendrix.serving.prediction_log import Prediction, prediction_files

if TYPE_CHECKING:
    from pathlib import Path

AT = 1_387_105_200_000_000


def prediction(number: int, rows: int = 1) -> Prediction:
    inputs: dict[str, Any] = {
        "distance": [1.5] * rows,
        "hour": [number] * rows,
        "carrier": ["UA"] * rows,
        "carrier_delay": np.full(rows, np.nan),
        "seats": np.full(rows, 150.0),
    }
    keys = {"carrier": ["UA"] * rows}
    return Prediction(
        f"p{number}",
        "",
        AT + number,
        42,
        Prepared(rows=rows, at_us=AT, inputs=inputs, keys=keys),
        np.full(rows, 0.25),
    )


def test_every_row_is_there_after_a_graceful_stop(tmp_path: Path) -> None:
    log = PredictionLog(tmp_path, SERVED, SPEC, flush_seconds=60, flush_rows=7)
    for number in range(20):
        log.append(prediction(number, rows=3))
    log.close()
    rows = read_predictions(tmp_path).to_pylist()
    assert [(row["prediction_id"], row["row"]) for row in rows] == [(f"p{n}", r) for n in range(20) for r in range(3)]
    assert rows[4] == {
        "prediction_id": "p1",
        "row": 1,
        "request_id": None,
        "received_at": datetime.fromtimestamp((AT + 1) / 1e6, tz=UTC),
        "at": datetime(2013, 12, 15, 11, tzinfo=UTC),
        "version": "3",
        "ref": SERVED.ref,
        "digest": "d1",
        "keys": {"carrier": "UA", "tailnum": None},
        "inputs": {"distance": 1.5, "hour": 1, "carrier": "UA", "carrier_delay": None, "seats": 150},
        "output": 0.25,
        "latency_us": 42,
    }
    assert (log.written, log.dropped, log.waiting_rows) == (60, 0, 0)


def test_files_appear_whole(tmp_path: Path) -> None:
    """A reader that looks all the time, while small files are written, never meets one that it can't read."""
    log = PredictionLog(tmp_path, SERVED, SPEC, flush_seconds=60, flush_rows=2)
    done = threading.Event()
    seen: set[int] = set()

    def read() -> None:
        while not done.is_set():
            for file in prediction_files(tmp_path):
                seen.add(pq.ParquetFile(file).metadata.num_rows)

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(60):
        log.append(prediction(number, rows=2))
    log.close()
    done.set()
    reader.join()
    assert read_predictions(tmp_path).num_rows == 120
    assert 0 not in seen
    assert not list(tmp_path.rglob("*.part"))


def test_a_full_queue_drops_and_counts(tmp_path: Path) -> None:
    log = PredictionLog(tmp_path, SERVED, SPEC, flush_seconds=60, flush_rows=1_000, max_waiting_rows=10)
    for number in range(25):
        log.append(prediction(number))
    assert (log.dropped, log.waiting_rows) == (15, 10)
    log.close()
    assert read_predictions(tmp_path).num_rows == 10


def test_a_folder_that_cannot_be_written_drops_counts_and_goes_on(tmp_path: Path) -> None:
    blocked = tmp_path / "log"
    blocked.write_text("in the way")
    log = PredictionLog(blocked, SERVED, SPEC, flush_seconds=60)
    log.append(prediction(1))
    log.close()
    assert (log.written, log.dropped) == (0, 1)


def test_vectors_and_several_outputs(tmp_path: Path) -> None:
    log = PredictionLog(tmp_path, SERVED, VECTOR_SPEC)
    for number, values in enumerate(([[1.0, 2.0, 3.0]], np.ones((2, 3), np.float32))):
        rows = len(values)
        log.append(
            Prediction(
                str(number),
                "r",
                AT,
                1,
                Prepared(rows=rows, at_us=AT, inputs={"x": values}),
                np.ones((rows, 2)),
            )
        )
    log.close()
    rows = read_predictions(tmp_path).to_pylist()
    assert [row["inputs"]["x"] for row in rows] == [[1, 2, 3], [1, 1, 1], [1, 1, 1]]
    assert [row["output"] for row in rows] == [[1.0, 1.0]] * 3


def test_an_empty_log_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no predictions are logged"):
        read_predictions(tmp_path)


def test_what_the_server_answered_is_in_the_log(tmp_path: Path) -> None:
    log = PredictionLog(tmp_path, SERVED, SPEC, flush_seconds=60)
    with flights(log=log) as server:
        _, headers, _ = server.call("POST", "/invocations", {"dataframe_records": [ROW, {**ROW, "tailnum": None}]})
        body = {"dataframe_records": [{"distance": 1, "hour": 2, "carrier": "UA", "carrier_delay": 3, "seats": 4}]}
        server.ask(body | {"client_request_id": "mine", "params": {"at": AT}})
        server.ask({"dataframe_records": [{**ROW, "hour": "x"}]})
        assert (
            b'hendrix_prediction_log_waiting_rows{deployment="delay-prod",version="3"} 3'
            in server.call("GET", "/metrics")[2]
        )
    rows = read_predictions(tmp_path).to_pylist()
    assert [row["output"] for row in rows] == [100 + 7e3 + 5e6 + 150e9, 100 + 7e3 + 5e6, 1 + 2e3 + 3e6 + 4e9]
    assert rows[0]["prediction_id"] == rows[1]["prediction_id"] == headers["hendrix-prediction-id"]
    assert rows[0]["inputs"] == {
        "distance": 100,
        "hour": 7,
        "carrier": "UA",
        "carrier_delay": 5.0,
        "seats": 150,
    }
    assert rows[1]["inputs"]["seats"] is None
    assert rows[2]["keys"] == {"carrier": "UA", "tailnum": None}
    assert (rows[2]["request_id"], rows[2]["at"]) == ("mine", datetime(2013, 12, 15, 11, tzinfo=UTC))
    assert all(row["latency_us"] > 0 for row in rows)
