"""Fixtures of the dataset tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hendrix.session import connect, disconnect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def home(tmp_path: Path) -> Iterator[Path]:
    """A state folder of its own, at hand for the test."""
    connect(home=str(tmp_path / "home"))
    yield tmp_path / "home"
    disconnect()
