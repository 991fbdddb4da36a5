"""Tracked runs, the same embedded and over HTTP."""

from __future__ import annotations

import math
import struct
import subprocess
import sys

import numpy as np
import pytest

import hendrix as hx
from hendrix.entities import InvalidInputError, Kind, NotFoundError, State
from hendrix.session.operations import list_entities
from hendrix.session.records import List
from hendrix.tracking.operations import log, logs, series, show
from hendrix.tracking.records import Logged, ReadRunLog, ReadSeries, ShowRun


def read(client, run, metric, **window):
    body = client.call(series, ReadSeries(run=str(run.id), metric=metric, **window))
    (count,) = struct.unpack_from("<I", body)
    return dict(
        zip(
            ("steps", "times", "least", "greatest", "mean"),
            np.frombuffer(body, "<f8", offset=4).reshape(5, count),
            strict=True,
        )
    )


def test_what_is_logged_is_read_back(either, unique, tmp_path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("a")
    with hx.run(unique, project=f"p-{unique}", tags={"team": "air"}) as run:
        run.params(lr=0.1, layers=[1, 2])
        for step in range(10):
            run.log(loss=1 / (step + 1), step=step)
        run.log_text("hello", "hello.txt")
        run.log_artifact(tmp_path / "notes")
        run.log_tags(stage="done")
    detail = either.call(show, ShowRun(run=str(run.id)))
    assert detail.params == {"lr": "0.1", "layers": "[1, 2]"}
    assert detail.entity.state is State.FINISHED
    assert detail.entity.tags == {"team": "air", "stage": "done"}
    (loss,) = detail.metrics
    assert (loss.name, loss.last, loss.step, loss.least, loss.greatest, loss.points) == ("loss", 0.1, 9, 0.1, 1.0, 10)
    assert [file.path for file in detail.artifacts] == ["hello.txt", "notes/a.txt"]
    assert either.artifacts.path(detail.artifacts[0].digest).read_text() == "hello"
    assert run.metrics == {"loss": 0.1}


def test_a_failed_block_fails_the_run_and_keeps_the_traceback(either, unique):
    with pytest.raises(ZeroDivisionError), hx.run(unique) as run:
        run.log(x=1 / 0)
    detail = either.call(show, ShowRun(run=str(run.id)))
    assert (detail.entity.state, detail.entity.facts["error"]) == (State.FAILED, "ZeroDivisionError: division by zero")
    assert b"1 / 0" in either.artifacts.path(detail.artifacts[0].digest).read_bytes()


def test_runs_nest(either, unique):
    with hx.run(unique) as outer, hx.run(f"inner-{unique}") as inner:
        pass
    assert inner.entity.parent == outer.id
    assert either.call(show, ShowRun(run=str(outer.id))).children == 1
    assert [node.id for node in outer.lineage().downstream()] == [inner.id]


def test_a_param_is_written_once(either, unique):
    with hx.run(unique) as run:
        run.params(lr=1)
        run.flush()
        run.params(lr=1)
        run.flush()
        run.params(lr=2)
        with pytest.raises(InvalidInputError, match=r"'lr' .* is '1' and can't become '2'"):
            run.flush()
        run._unsent.clear()
    assert either.call(show, ShowRun(run=str(run.id))).params == {"lr": "1"}


def test_the_same_flush_twice_counts_once(either, unique):
    from hendrix.entities import new_id
    from hendrix.tracking.points import Buffer

    with hx.run(unique) as run:
        points = Buffer()
        points.add("loss", 0, 0, 1.0)
        flush = Logged(run=run.id, writer=new_id(), sequence=0, points=1, packed=points.pack())
        either.call(log, flush)
        either.call(log, flush)
    assert either.call(show, ShowRun(run=str(run.id))).metrics[0].points == 1


def test_nan_and_infinity_are_kept(either, unique):
    with hx.run(unique) as run:
        for value in (1.0, math.inf, math.nan):
            run.log(x=value)
    (metric,) = either.call(show, ShowRun(run=str(run.id))).metrics
    assert (metric.last, metric.least, metric.points) == (None, 1.0, 3)
    assert math.isnan(run.metrics["x"])
    got = read(either, run, "x")
    assert got["steps"].tolist() == [0, 1, 2]
    assert got["greatest"][1] == math.inf
    assert math.isnan(got["mean"][2])


def test_thinning_keeps_every_bucket_extreme(either, unique):
    rng = np.random.default_rng(3)
    values = rng.standard_normal(5000)
    with hx.run(unique) as run:
        for step, value in enumerate(values):
            run.log(x=value, step=step)
    got = read(either, run, "x", points=100)
    assert len(got["steps"]) == 100
    assert got["least"].min() == values.min()
    assert got["greatest"].max() == values.max()
    np.testing.assert_allclose(got["mean"], values.reshape(100, 50).mean(axis=1))
    window = read(either, run, "x", points=2000, first=1000, last=1099)
    assert window["steps"].tolist() == list(range(1000, 1100))
    np.testing.assert_array_equal(window["mean"], values[1000:1100])


def test_bad_values_and_names_are_told(either, unique, tmp_path):
    with hx.run(unique) as run:
        with pytest.raises(InvalidInputError, match="'loss' is 'high', which is no number"):
            run.log(loss="high")
        with pytest.raises(InvalidInputError, match="there is no file"):
            run.log_artifact(tmp_path / "none")
        run.log(x=1)
    with pytest.raises(NotFoundError, match="no metric 'y'"):
        either.call(series, ReadSeries(run=str(run.id), metric="y"))
    with pytest.raises(InvalidInputError, match="points is 0"):
        either.call(series, ReadSeries(run=str(run.id), metric="x", points=0))
    with pytest.raises(InvalidInputError, match="can't be read"):
        either.call(log, Logged(run=run.id, writer=run.id, sequence=9, points=1, packed=b"rubbish"))
    assert either.call(logs, ReadRunLog(run=str(run.id))).done


def test_a_program_that_ends_without_closing_its_run_loses_nothing(either, unique):
    program = "import hendrix as hx, sys\nrun = hx.run(sys.argv[1])\nfor n in range(100): run.log(x=n)\n"
    from hendrix.session import environment

    subprocess.run([sys.executable, "-c", program, unique], check=True, env={"PATH": "/usr/bin", **environment()})
    (found,) = either.call(list_entities, List(kind=Kind.RUN, text=unique)).items
    assert found.state is State.FINISHED
    assert either.call(show, ShowRun(run=str(found.id))).metrics[0].points == 100
