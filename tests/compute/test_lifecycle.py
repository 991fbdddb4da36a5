"""Lives and deaths: Ctrl-C, killed submitters, the end of a program, clusters by address."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import psutil
import pytest

from hendrix import compute, session
from hendrix.compute import clusters, local, lost
from hendrix.compute.operations import begin_job, submit_job
from hendrix.compute.records import BeginJob, Cluster, Machine, SubmitJob
from hendrix.entities import ConflictError, InvalidInputError, RefusedError, State, UnavailableError, new_id
from hendrix.session import Process, identify, this_process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = str(Path(__file__).parent)


@contextmanager
def program(home: Path, text: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """Run a program in a process group of its own, as a shell does."""
    variables = {**os.environ, "HENDRIX_HOME": str(home), "PYTHONPATH": HERE, **environment}
    script = home.parent / "program.py"
    script.write_text(text)
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, str(script)], env=variables, stdout=pipe, stderr=pipe, text=True, process_group=0
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def ray_processes(home: Path) -> list[Process]:
    told = [msgspec.json.decode(path.read_bytes()) for path in (home / "ray").glob("*.json")]
    return [msgspec.convert(server, Process) for one in told for server in one["servers"]]


def running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def alive(processes: list[Process]) -> list[Process]:
    return [process for process in processes if process.alive()]


BEGIN = "import hendrix.compute as compute, job_bodies as bodies, sys, time\ncompute.connect('local', num_cpus=1)\n"


@pytest.mark.slow
def test_ctrl_c_stops_the_job_and_says_what_was_kept(tmp_path: Path, until: Callable[..., None]) -> None:
    home = tmp_path / "state"
    text = (
        f"{BEGIN}job = compute.submit(bodies.with_children, {str(tmp_path / 'pids')!r}, name='train')\njob.result()\n"
    )
    with program(home, text) as process:
        until((tmp_path / "pids").exists, 60)
        session.connect(home=str(home))
        [job] = compute.jobs()
        until(lambda: "born" in list(job.logs()))
        servers = ray_processes(home)
        assert len(alive(servers)) >= 2
        # The terminal sends it to the whole group: Ray's own processes must not mind.
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode != 0, errors
    assert errors.rstrip().endswith("KeyboardInterrupt")
    assert "site-packages" not in errors
    assert "stopping job 'train'" in errors
    assert f"job 'train' is stopped; its log: hendrix job logs {job.id.hex}" in errors
    assert job.status is State.STOPPED
    children = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    until(lambda: not any(running(pid) for pid in children))
    until(lambda: not alive(servers))


@pytest.mark.slow
def test_a_killed_submitter_takes_its_ray_along_and_the_job_is_seen_to_be_lost(
    tmp_path: Path, until: Callable[..., None]
) -> None:
    home = tmp_path / "state"
    text = f"{BEGIN}job = compute.submit(bodies.with_children, {str(tmp_path / 'pids')!r})\njob.result()\n"
    with program(home, text) as process:
        until((tmp_path / "pids").exists, 60)
        session.connect(home=str(home))
        [job] = compute.jobs()
        until(lambda: job.status is State.RUNNING)
        servers, worker = ray_processes(home), job.record.worker
        assert worker is not None
        process.kill()
        process.communicate(timeout=30)
    until(lambda: not alive([*servers, worker]))
    until(lambda: job.status is State.LOST)
    assert job.record.error == f"the process that submitted it (pid {process.pid} on {worker.host}) is gone"
    children = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    until(lambda: not any(running(pid) for pid in children))
    with pytest.raises(compute.JobFailedError, match="was lost: the process that submitted it"):
        job.result()
    local.reap(home)
    assert ray_processes(home) == []


@pytest.mark.slow
def test_a_program_waits_for_its_jobs_before_it_ends(tmp_path: Path) -> None:
    home = tmp_path / "state"
    with program(home, f"{BEGIN}compute.submit(time.sleep, 1, name='nap')\n") as process:
        _, errors = process.communicate(timeout=90)
    assert process.returncode == 0, errors
    assert "waiting for 'nap' before leaving" in errors
    session.connect(home=str(home))
    [job] = compute.jobs()
    assert job.status is State.FINISHED
    assert ray_processes(home) == []


@pytest.mark.slow
def test_an_existing_cluster_is_used_by_its_address_and_outlives_the_program(tmp_path: Path) -> None:
    home, port = tmp_path / "state", 26379
    ray = str(Path(sys.executable).parent / "ray")
    variables = {**os.environ, "RAY_USAGE_STATS_ENABLED": "0"}
    local.secure_token()
    command = [ray, "start", "--head", f"--port={port}", "--num-cpus=1", "--include-dashboard=false", "--block"]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, env=variables, stdout=quiet, stderr=quiet, process_group=0) as head:
        try:
            text = "import hendrix.compute as c; print(c.submit(lambda: 41 + 1).result(), c.cluster().local)"
            for _ in range(30):
                with program(home, text, HENDRIX_RAY_ADDRESS=f"127.0.0.1:{port}") as process:
                    out, errors = process.communicate(timeout=90)
                if process.returncode == 0 or "no Ray cluster answers" not in errors:
                    break
                time.sleep(1)
            assert (process.returncode, out) == (0, "42 False\n"), errors
            assert head.poll() is None
        finally:
            head.terminate()
            head.wait(timeout=30)


def test_orphans_of_a_dead_process_are_ended_and_those_of_a_living_one_are_not(tmp_path: Path) -> None:
    (tmp_path / "ray").mkdir()
    with subprocess.Popen(["sleep", "3600"]) as orphan, subprocess.Popen(["sleep", "3600"]) as kept:
        me = this_process()
        gone = Process(host=me.host, pid=2**22, started=1.0)
        other = Process(host=me.host, pid=kept.pid, started=identify(kept.pid).started - 100)
        notes = {
            "1": {"driver": gone, "servers": [identify(orphan.pid), other]},
            "2": {"driver": me, "servers": [identify(kept.pid)]},
        }
        for name, note in notes.items():
            (tmp_path / "ray" / f"{name}.json").write_bytes(msgspec.json.encode(note))
        assert local.reap(tmp_path) == 1
        assert orphan.wait(timeout=10) == -signal.SIGKILL
        assert kept.poll() is None, "a later process with the number of a server is left alone"
        assert [path.name for path in (tmp_path / "ray").iterdir()] == ["2.json"]
        kept.kill()


def test_silent_jobs_without_a_process_are_lost_and_those_with_one_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = session.connect(home=str(tmp_path / "state"))
    me = this_process()
    gone = Process(host=me.host, pid=2**22, started=1.0)
    elsewhere = Process(host="elsewhere", pid=1, started=1.0)

    def job(name: str, driver: Process, worker: Process | None) -> compute.Job:
        told = SubmitJob(id=new_id(), name=name, asked=compute.Resources(), driver=driver)
        record = client.call(submit_job, told)
        if worker is not None:
            client.call(begin_job, BeginJob(job=record.id, worker=worker, python="3"))
        return compute.Job(record.id)

    living, dead = job("living", me, me), job("dead", me, gone)
    waiting, orphaned, far = job("waiting", me, None), job("orphaned", gone, None), job("far", elsewhere, elsewhere)
    assert compute.mark_lost() == ()
    monkeypatch.setattr(lost, "SILENT", lost.SILENT * 0)
    assert set(compute.mark_lost()) == {dead.id, orphaned.id}
    monkeypatch.setattr(lost, "SILENT_ELSEWHERE", lost.SILENT * 0)
    assert compute.mark_lost() == (far.id,)
    assert dead.record.error == f"its worker process (pid {gone.pid} on {me.host}) is gone"
    assert (living.status, waiting.status, dead.status) == (State.RUNNING, State.QUEUED, State.LOST)


@pytest.mark.usefixtures("ray")
def test_a_second_cluster_in_one_process_is_refused() -> None:
    with pytest.raises(ConflictError, match="already connected to the Ray cluster at"):
        compute.connect("127.0.0.1:1")
    assert compute.connect("local") == compute.connect() == compute.cluster()


def test_an_address_that_is_none_or_does_not_answer_is_named() -> None:
    with pytest.raises(InvalidInputError, match="'nowhere' is no address of a Ray cluster"):
        clusters.attach("nowhere")
    with pytest.raises(UnavailableError, match=r"no Ray cluster answers at '127\.0\.0\.1:1': Connection refused"):
        clusters.attach("127.0.0.1:1")


def test_a_folder_of_this_machine_is_refused_for_a_cluster_of_several(tmp_path: Path) -> None:
    here = Machine(host=this_process().host, cpus=1, gpus=0, memory=1)
    far = Machine(host="far-away", cpus=1, gpus=0, memory=1)
    session.connect(home=str(tmp_path / "state"))
    clusters.refuse_folder_across_machines(Cluster(address="a:1", local=False, machines=(here, here)))
    several = Cluster(address="a:1", local=False, machines=(here, far))
    with pytest.raises(RefusedError, match=r"has other machines \(far-away\)") as seen:
        clusters.refuse_folder_across_machines(several)
    assert "hendrix up" in seen.value.hint
    assert "HENDRIX_URL" in seen.value.hint
    session.connect(home=str(tmp_path / "state"), url="http://127.0.0.1:9")
    clusters.refuse_folder_across_machines(several)


def test_the_door_does_not_import_ray() -> None:
    code = "import sys, hendrix.compute as c; c.submit, c.jobs, c.job; assert 'ray' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
