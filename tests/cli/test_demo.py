"""The demo completes whatever killed it, says what it reused, and ends well only if every step held."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HENDRIX = (sys.executable, "-m", "hendrix.cli.main")
TASKS = ("register", "train", "promote", "report", "serve")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "home"
    yield folder
    _down(folder)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_killed_twice_it_completes_and_then_reuses_all(home: Path) -> None:
    _killed_at("▸ train", home)
    _killed_at("▸ report", home)

    completed = _run(home)
    assert completed.returncode == 0, completed.stdout + completed.stderr
    assert "✓ register  reused" in completed.stdout
    assert "✓ train     reused" in completed.stdout
    assert "1,000 of 1,000 answers" in completed.stdout
    assert "160 flights have no plane on record" in completed.stdout
    assert "9,430 flights have no arrival delay" in completed.stdout
    assert "every step held" in completed.stdout

    _down(home)
    again = _interrupted_at("The server stays up", home)
    for task in ("data", *TASKS, "ready"):
        assert f"✓ {task:9} reused" in again
    assert "1,000 of 1,000 answers" in again
    assert "delay@2" not in again


def test_it_does_not_work_against_a_server(home: Path) -> None:
    done = _run(home, HENDRIX_URL="http://127.0.0.1:9")
    assert done.returncode == 2
    assert "HENDRIX_URL is http://127.0.0.1:9" in done.stderr
    assert "Traceback" not in done.stderr


def _run(home: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = _environment(home) | variables
    return subprocess.run(
        (*HENDRIX, "demo", "--once"), env=environment, capture_output=True, text=True, check=False, timeout=600
    )


def _killed_at(line: str, home: Path) -> None:
    """Run the demo and kill it, as the kernel would, when it prints a line that begins so."""
    process, _ = _until(line, home)
    process.send_signal(signal.SIGKILL)
    process.wait(60)


def _interrupted_at(line: str, home: Path) -> str:
    """Run the demo, press Ctrl-C when it prints a line that begins so, and see it end well; what it said."""
    process, said = _until(line, home)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0
    return said


def _until(line: str, home: Path) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen(
        (*HENDRIX, "demo"), env=_environment(home), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    said = []
    for told in process.stdout:
        said.append(told)
        if told.startswith(line):
            return process, "".join(said)
    pytest.fail("".join(said))


def _down(home: Path) -> None:
    subprocess.run((*HENDRIX, "down"), env=_environment(home), check=False, timeout=60)


def _environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HENDRIX_", "DEMO_"))}
    return kept | {"HENDRIX_HOME": str(home), "PYTHONUNBUFFERED": "1"}
