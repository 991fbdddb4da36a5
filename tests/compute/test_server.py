"""Jobs whose state is on a server, which shares no folder with the process that submits or the one that runs."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import job_bodies as bodies
import pytest

from hendrix import compute, session
from hendrix.compute.log import log_path
from hendrix.entities import NotFoundError, State
from hendrix.session import running
from hendrix.session.runs import RunKind, Start, start

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hendrix.session import Client
    from tests_support import Server


@pytest.fixture
def remote(ray: compute.Cluster, server: Server, tmp_path: Path) -> Client:
    return session.connect(home=str(tmp_path / "home"), url=server.url, token=server.token)


def elsewhere(server: Server, folder: Path, code: str) -> str:
    """Run code in another process with another folder that knows the server alone."""
    variables = {
        **os.environ,
        "HENDRIX_URL": server.url,
        "HENDRIX_TOKEN": server.token,
        "HENDRIX_HOME": str(folder / "elsewhere"),
    }
    program = f"from hendrix import compute\n{code}"
    return subprocess.run(
        [sys.executable, "-c", program], env=variables, capture_output=True, text=True, check=True
    ).stdout


def test_the_record_the_log_and_the_run_around_it_are_on_the_server(
    remote: Client, server: Server, tmp_path: Path, unique: str
) -> None:
    run = remote.call(start, Start(name="around", run_kind=RunKind.TRACKING, project=unique))
    with running(run.id):
        job = compute.submit(bodies.say, "one\ntwo", 42, name="far")
        assert job.result() == 42
    assert (job.record.parent, job.record.project, job.status) == (run.id, unique, State.FINISHED)
    assert not log_path(server.home, job.id).exists()
    code = f"print(list(compute.job({job.id.hex!r}).logs()), [job.name for job in compute.jobs(project={unique!r})])"
    assert elsewhere(server, tmp_path, code) == "['one', 'two'] ['far']\n"
    with pytest.raises(NotFoundError, match="its value stays in the process that submitted it"):
        compute.Job(job.id).result()


def test_it_is_stopped_through_the_server(
    remote: Client,
    server: Server,
    tmp_path: Path,
    until: Callable[..., None],
) -> None:
    job = compute.submit(bodies.spin)
    # Uploaded with a heartbeat.
    until(lambda: "spinning" in list(job.logs()))
    assert elsewhere(server, tmp_path, f"print(compute.job({job.id.hex!r}).stop().status)") == "stopped\n"
    with pytest.raises(compute.JobStoppedError):
        job.result()
    assert any("was interrupted" in line for line in job.logs())


def test_a_failure_is_on_the_server(
    remote: Client,
    capfd: pytest.CaptureFixture[str],
    until: Callable[..., None],
) -> None:
    job = compute.submit(bodies.die)
    with pytest.raises(compute.JobFailedError, match="its process was killed from outside"):
        job.result(timeout=60)
    # What a dead worker said is uploaded by its attendant, a moment later.
    until(lambda: list(job.logs()) == ["last words"])
    assert capfd.readouterr().out == ""
