"""Submitting: values go there and back, the record tells what happened, errors read like sentences."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import job_bodies as bodies
import numpy as np
import pytest

from hendrix import compute
from hendrix.entities import HendrixError, InvalidInputError, Kind, RefusedError, State
from hendrix.session import client, current_run, running
from hendrix.session.operations import lineage, show
from hendrix.session.records import Show, Walk
from hendrix.session.runs import RunKind, Start, start

pytestmark = pytest.mark.usefixtures("home")


class Opaque:
    """Comes from the test's own module."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __reduce__(self) -> Any:
        return (Opaque, (self.value,))


class Stuck:
    """Can't be pickled."""

    def __reduce__(self) -> Any:
        message = "a live connection"
        raise TypeError(message)


def test_a_value_comes_back_and_the_record_tells_of_the_job() -> None:
    job = compute.submit(lambda a, b: a * b, 6, b=7, name="answer", cpus=0.5, memory="100MB", project="deep")
    assert job.result() == 42
    record = job.record
    assert (record.state, record.name, record.project, record.error) == (State.FINISHED, "answer", "deep", None)
    assert record.asked == compute.Resources(cpus=0.5, gpus=0, memory=100_000_000)
    assert record.used is not None
    assert record.used.peak_rss > 10_000_000
    assert record.attempt == 1
    assert record.driver is not None
    assert record.worker is not None
    assert record.driver.pid == os.getpid() != record.worker.pid
    assert record.python
    assert record.started_at is not None
    assert record.ended_at is not None
    assert record.created_at <= record.started_at <= record.ended_at
    assert repr(job).startswith("Job('answer', finished, 0.5 CPUs, 100 MB")


def test_arrays_and_own_classes_travel_both_ways() -> None:
    array = np.arange(200_000, dtype=np.float64)
    doubled, opaque = compute.submit(lambda a, o: (a * 2, Opaque(o.value + 1)), array, Opaque(1)).result()
    np.testing.assert_array_equal(doubled, array * 2)
    assert isinstance(opaque, Opaque)
    assert opaque.value == 2


def test_the_job_is_the_run_at_hand_in_its_body_and_is_called_by_the_run_around_it() -> None:
    run = client().call(start, Start(name="around", run_kind=RunKind.TRACKING, project="p"))
    with running(run.id):
        job = compute.submit(current_run)
        inner = job.result()
    assert inner == job.id
    entity = client().call(show, Show(ref=job.ref, kind=Kind.RUN))
    assert (entity.parent, entity.project, entity.facts["run_kind"]) == (run.id, "p", "job")
    upstream = client().call(lineage, Walk(ref=job.ref, direction="upstream"))
    assert run.id in {node.id for node in upstream.nodes}


def test_a_job_can_submit_a_job_and_wait_for_it_on_one_cpu() -> None:
    def outer() -> tuple[int, str]:
        inner = compute.submit(lambda: 5, name="inner", cpus=2)
        return inner.result(), inner.id.hex

    outer_job = compute.submit(outer, cpus=2)
    value, inner = outer_job.result(timeout=60)
    assert value == 5
    assert compute.job(inner).record.parent == outer_job.id


def test_an_error_names_the_job_and_the_error_and_keeps_its_cause() -> None:
    def bad() -> None:
        message = "no such carrier: 'ZZ'"
        raise ValueError(message)

    job = compute.submit(bad, name="train")
    with pytest.raises(compute.JobFailedError, match="job 'train' failed: ValueError: no such carrier: 'ZZ'") as seen:
        job.result()
    assert isinstance(seen.value, HendrixError)
    assert isinstance(seen.value.__cause__, ValueError)
    assert "envelope" not in seen.value.details["traceback"]
    assert "raise ValueError(message)" in seen.value.details["traceback"]
    assert job.id.hex in seen.value.hint
    assert job.record.error == "ValueError: no such carrier: 'ZZ'"
    assert "ValueError: no such carrier: 'ZZ'" in list(job.logs())


def test_leaving_the_interpreter_in_a_body_is_a_failure() -> None:
    with pytest.raises(compute.JobFailedError, match="SystemExit: 3"):
        compute.submit(lambda: __import__("sys").exit(3)).result()


def test_a_worker_that_dies_is_a_failure_with_its_last_words_kept() -> None:
    job = compute.submit(bodies.die)
    with pytest.raises(compute.JobFailedError, match="job 'die' failed: "):
        job.result(timeout=60)
    assert job.status is State.FAILED
    assert "last words" in list(job.logs())


def test_a_result_that_cannot_travel_says_so() -> None:
    with pytest.raises(compute.JobFailedError, match=r"what job 'Stuck' returned \(Stuck\) can't be sent back: a live"):
        compute.submit(Stuck).result()


def test_retries_run_it_again_and_the_record_counts_them(tmp_path: Path) -> None:
    job = compute.submit(bodies.fail_until, str(tmp_path / "count"), 1, retries=1)
    assert job.result(timeout=60) == 2
    assert job.record.attempt == 2
    assert job.record.error is None


def test_retries_run_out(tmp_path: Path) -> None:
    job = compute.submit(bodies.fail_until, str(tmp_path / "count"), 9, retries=1)
    with pytest.raises(compute.JobFailedError, match="RuntimeError: attempt 2"):
        job.result(timeout=60)
    assert job.record.attempt == 2


def test_what_was_used_is_measured() -> None:
    job = compute.submit(bodies.burn, 1.0, 300)
    job.wait()
    used = job.resources[1]
    assert used is not None
    assert 0.9 < used.cpu_seconds < 5
    assert 300_000_000 < used.peak_rss < 900_000_000
    assert used.wall_seconds >= 0.9


def test_what_children_use_is_counted() -> None:
    code = "b = bytearray(300_000_000); b[::4096] = b'x' * len(b[::4096]); import time\nwhile time.process_time() < 1: pass"
    job = compute.submit(lambda: subprocess.run([sys.executable, "-c", code], check=True).returncode)
    assert job.result() == 0
    used = job.record.used
    assert used is not None
    assert used.cpu_seconds > 0.9
    assert used.peak_rss > 300_000_000


def test_environment_variables_are_set_and_the_working_directory_is_the_callers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    job = compute.submit(lambda: (os.environ["COLOUR"], str(Path.cwd())), env={"COLOUR": "blue"})
    assert job.result() == ("blue", str(tmp_path))


def test_modules_on_the_callers_path_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "nearby_module.py").write_text("def where():\n    return __file__\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    import nearby_module  # type: ignore[import-not-found]

    assert compute.submit(nearby_module.where).result() == str(tmp_path / "nearby_module.py")


@pytest.mark.parametrize(
    ("options", "named"), [({"cpus": 64}, "64 CPUs"), ({"gpus": 1}, "1 CPU, 1 GPU"), ({"memory": "900TB"}, "900 TB")]
)
def test_what_no_machine_has_is_refused_at_once_with_what_there_is(options: dict[str, Any], named: str) -> None:
    with pytest.raises(RefusedError, match="no machine has: there is 2 CPUs") as seen:
        compute.submit(print, **options)
    assert named in seen.value.message
    assert "Ask for at most cpus=2, memory=" in seen.value.hint
    assert compute.jobs() == []


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"memory": "lots"}, "memory='lots'"),
        ({"cpus": -1}, "cpus=-1"),
        ({"gpus": float("nan")}, "gpus=nan"),
        ({"timeout": "soon"}, "timeout='soon'"),
        ({"retries": -1}, "retries=-1"),
        ({"name": "a@b"}, "'a@b'"),
    ],
)
def test_bad_options_are_named(options: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidInputError) as seen:
        compute.submit(print, **options)
    assert named in seen.value.message


def test_an_argument_that_cannot_travel_is_named() -> None:
    with pytest.raises(InvalidInputError, match="argument 'lock' can't be sent to a worker"):
        compute.submit(functools.partial(print), 1, lock=threading.Lock())
    with pytest.raises(InvalidInputError, match="argument 1 can't be sent"):
        compute.submit(print, Stuck())
    assert compute.jobs() == []


def test_what_is_no_function_is_refused() -> None:
    async def later() -> None: ...

    with pytest.raises(InvalidInputError, match="not 5"):
        compute.submit(5)  # type: ignore[arg-type]
    with pytest.raises(InvalidInputError, match="an async function"):
        compute.submit(later)


def test_a_job_that_is_not_there() -> None:
    with pytest.raises(HendrixError, match="0123"):
        compute.job("0123456789abcdef0123456789abcdef")
