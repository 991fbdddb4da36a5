"""Stopping: whatever the body does, it ends, and so does all that it started."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import job_bodies as bodies
import psutil
import pytest

from hendrix import compute
from hendrix.entities import State

pytestmark = pytest.mark.usefixtures("home")

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hendrix.session import Client


def begun(job: compute.Job, word: str, until: Callable[..., None]) -> None:
    """Wait until the body has said a word and its record says that it runs."""
    until(lambda: word in list(job.logs()))
    until(lambda: job.status is State.RUNNING)


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def from_another_process(home: Client, job: compute.Job, *, force: bool = False) -> None:
    """Stop a job as another process does, which shares nothing but the state folder."""
    code = f"from hendrix import compute; compute.job({job.id.hex!r}).stop(force={force})"
    environment = {**os.environ, "HENDRIX_HOME": str(home.home.root)}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=60)


@pytest.mark.parametrize(("body", "word"), [(bodies.spin, "spinning"), (bodies.sleep_in_c, "sleeping")])
def test_a_stop_from_another_process_interrupts_the_body(
    home: Client, until: Callable[..., None], body: Callable[[], None], word: str
) -> None:
    job = compute.submit(body)
    begun(job, word, until)
    worker = job.record.worker
    assert worker is not None
    began = time.monotonic()
    from_another_process(home, job)
    assert time.monotonic() - began < 5, "it was interrupted, not killed after its grace"
    with pytest.raises(compute.JobStoppedError, match=f"job {job.name!r} was stopped"):
        job.result()
    assert job.status is State.STOPPED
    assert any("was interrupted" in line for line in job.logs())
    until(lambda: gone(worker.pid))


@pytest.mark.parametrize(("body", "word"), [(bodies.swallow, "deaf"), (bodies.hold_the_lock, "holding")])
def test_a_body_that_does_not_listen_is_killed_after_its_grace(
    until: Callable[..., None], body: Callable[[], None], word: str
) -> None:
    job = compute.submit(body)
    begun(job, word, until)
    worker = job.record.worker
    assert worker is not None
    job.stop()
    assert job.status is State.STOPPED
    until(lambda: gone(worker.pid))
    with pytest.raises(compute.JobStoppedError):
        job.result()


def test_the_heart_beats_while_the_body_holds_the_interpreters_lock(until: Callable[..., None]) -> None:
    job = compute.submit(bodies.hold_the_lock)
    begun(job, "holding", until)
    until(lambda: job.record.used)
    record = job.record
    assert record.seen_at is not None
    assert record.started_at is not None
    assert record.seen_at > record.started_at
    job.stop(force=True)


def test_force_kills_at_once(until: Callable[..., None]) -> None:
    job = compute.submit(bodies.swallow)
    begun(job, "deaf", until)
    began = time.monotonic()
    job.stop(force=True)
    assert time.monotonic() - began < 4
    assert job.status is State.STOPPED


def test_what_the_body_started_ends_with_it(home: Client, until: Callable[..., None], tmp_path: Path) -> None:
    job = compute.submit(bodies.with_children, str(tmp_path / "pids"))
    begun(job, "born", until)
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    assert len(pids) == 2
    assert not any(gone(pid) for pid in pids)
    from_another_process(home, job)
    until(lambda: all(gone(pid) for pid in pids))
    assert job.status is State.STOPPED


def test_a_job_that_waits_for_room_shows_as_queued_and_can_be_stopped(home: Client, until: Callable[..., None]) -> None:
    first = compute.submit(bodies.sleep_in_c, cpus=2)
    begun(first, "sleeping", until)
    second = compute.submit(bodies.spin, cpus=2)
    with pytest.raises(compute.JobPendingError, match="job 'spin' is still queued after 1 s"):
        second.wait(timeout=1)
    from_another_process(home, second)
    assert second.status is State.STOPPED
    assert first.status is State.RUNNING
    assert second.record.worker is None
    first.stop()


def test_a_job_that_runs_too_long_fails_with_its_timeout() -> None:
    job = compute.submit(bodies.sleep_in_c, timeout="1s", retries=1)
    with pytest.raises(compute.JobFailedError, match="ran longer than its timeout of 1 s"):
        job.result(timeout=60)
    assert job.record.attempt == 1


def test_a_stopped_job_is_not_tried_again(until: Callable[..., None]) -> None:
    job = compute.submit(bodies.swallow, retries=3)
    begun(job, "deaf", until)
    job.stop(force=True)
    with pytest.raises(compute.JobStoppedError):
        job.result(timeout=60)
    assert job.record.attempt == 1


def test_stopping_an_ended_job_changes_nothing() -> None:
    job = compute.submit(lambda: 1)
    assert job.result() == 1
    assert job.stop().status is State.FINISHED
    assert job.record.stop is None
