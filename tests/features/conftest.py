"""Fixtures of the feature tests."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from hendrix.session import connect, disconnect

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def home(tmp_path: Path) -> Iterator[Path]:
    """A state folder of its own, at hand for the test."""
    connect(home=str(tmp_path / "home"))
    yield tmp_path / "home"
    disconnect()
