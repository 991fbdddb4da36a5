"""One local Ray for all tests of this room, and a fresh state folder for each."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from hendrix import session
from hendrix.compute import Cluster, connect, disconnect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hendrix.session import Client


@pytest.fixture(scope="session")
def ray(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A local Ray of two CPUs, started once."""
    session.connect(home=str(tmp_path_factory.mktemp("ray")))
    yield connect("local", num_cpus=2)
    disconnect()


@pytest.fixture
def home(ray: Cluster, tmp_path: Path) -> Client:
    """A session on a state folder of its own."""
    return session.connect(home=str(tmp_path / "state"))


@pytest.fixture
def until() -> Callable[..., None]:
    """Wait until something holds, or fail after half a minute."""

    def wait(holds: Callable[[], object], seconds: float = 30) -> None:
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, "it never came true"
            time.sleep(0.02)

    return wait
