"""A fresh state folder for each test of this room."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from hendrix import session

if TYPE_CHECKING:
    from collections.abc import Callable

    from hendrix.compute import Cluster
    from hendrix.session import Client


@pytest.fixture
def home(ray: Cluster, tmp_path: Path) -> Client:
    """A session on a state folder of its own."""
    return session.connect(home=str(tmp_path / "state"))


@pytest.fixture
def until() -> Callable[..., None]:
    """Wait until something holds, or fail after a minute."""

    def wait(holds: Callable[[], object], seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, "it never came true"
            time.sleep(0.02)

    return wait
