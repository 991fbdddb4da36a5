"""Fixtures of the serving tests."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from serving_parts import Server, flights, vectors

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """The flights' model behind granian."""
    with flights() as running:
        yield running


@pytest.fixture(scope="module")
def vector_server() -> Iterator[Server]:
    """The vectors' model behind granian."""
    with vectors() as running:
        yield running
