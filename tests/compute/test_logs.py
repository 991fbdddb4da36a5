"""Logs: what any process of the job prints can be read, and followed live from another process."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING
from uuid import uuid4

import job_bodies as bodies
from hypothesis import given
from hypothesis import strategies as st

from hendrix import compute
from hendrix.artifacts import LocalArtifacts
from hendrix.compute.log import Uploads, from_offset, log_path
from hendrix.compute.operations import read_log
from hendrix.compute.records import ReadLog
from hendrix.session import Home, Host

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from hendrix.session import Client


def test_another_process_follows_the_log_while_it_grows(home: Client, tmp_path: Path) -> None:
    acknowledged = str(tmp_path / "seen")
    job = compute.submit(bodies.talk, 3, acknowledged)
    code = f"from hendrix import compute\nfor line in compute.job({job.id.hex!r}).logs(follow=True): print(line, flush=True)"
    environment = {**os.environ, "HENDRIX_HOME": str(home.home.root)}
    with subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout is not None
        for number in range(3):
            assert reader.stdout.readline() == f"line {number}\n"
            assert reader.stdout.readline() == f"from a child {number}\n"
            # Only now may the job go on: so the lines came while it ran.
            (tmp_path / f"seen.{number}").touch()
        assert reader.stdout.read() == ""
    job.result()
    assert list(job.logs()) == [text for n in range(3) for text in (f"line {n}", f"from a child {n}")]


def test_a_log_is_read_on_from_an_offset(home: Client) -> None:
    job = compute.submit(print, "one\ntwo\nthree", end="")
    job.result()
    parts = list(home.stream(read_log, ReadLog(job=job.id.hex, offset=4)))
    assert "".join(part.text for part in parts) == "two\nthree"
    assert parts[-1].next == 13
    assert list(home.stream(read_log, ReadLog(job=job.id.hex, offset=13))) == []


def test_a_log_is_closed_to_others(home: Client) -> None:
    job = compute.submit(print, "secret")
    job.result()
    assert log_path(home.home, job.id).stat().st_mode & 0o077 == 0


@given(grown=st.lists(st.text(alphabet="ab\n", max_size=40), max_size=12), offset=st.integers(0, 500))
def test_uploaded_pieces_read_like_the_file(
    tmp_path_factory: pytest.TempPathFactory, grown: list[str], offset: int
) -> None:
    folder = tmp_path_factory.mktemp("log")
    path, artifacts = folder / "log", LocalArtifacts(folder / "artifacts")
    uploads = Uploads(path, artifacts)
    pieces = ()
    for text in grown:
        with path.open("a") as file:
            file.write(text)
        pieces = uploads.catch_up()
    whole = "".join(grown)
    host = Host(settings=None, home=Home(folder / "server"), store=None, artifacts=artifacts)  # type: ignore[arg-type]
    parts = list(from_offset(host, uuid4(), pieces, min(offset, len(whole))))
    assert "".join(part.text for part in parts) == whole[offset:]
    assert len(pieces) <= 1 + max(1, len(whole)).bit_length()
