"""A journal, a state folder, and processes that run the programs beside this file."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hendrix.session import connect, disconnect
from hendrix.workflows import engine
from hendrix.workflows.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROGRAMS = Path(__file__).parent / "programs"
sys.path.insert(0, str(PROGRAMS))


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with contextlib.closing(Journal(tmp_path / "journal.db")) as journal:
        yield journal


@pytest.fixture
def run(journal: Journal) -> Callable[..., Any]:
    """Run a task on the journal alone, without a graph; give its outputs."""

    def run(task: Any, *, name: str = "test", **inputs: Any) -> Any:
        return engine.execute(journal, task, inputs, name=name)[1]

    return run


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "home"
    connect(home=str(folder))
    yield folder
    disconnect()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Run a task of programs/steady.py in a process of its own, on the state folder `home`."""
    begun: list[subprocess.Popen[str]] = []

    def start(task: str, name: str, *inputs: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, str(PROGRAMS / "runner.py"), str(tmp_path / "home"), task, name, *inputs],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        begun.append(process)
        return process

    yield start
    for process in begun:
        process.kill()
        process.communicate()
