"""What the agent's tests share besides fixtures."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Callable

WITHIN_S = 40.0


def rows_of(version: int) -> pa.Table:
    """The rows that a version was trained on; each version learns another rule."""
    values = np.random.default_rng(version).normal(size=(200, 2))
    return pa.table({"a": values[:, 0], "b": values[:, 1]})


def until(condition: Callable[[], bool], what: str) -> None:
    """Look until something holds; it is looked at often, and given up after a while."""
    end_at = time.monotonic() + WITHIN_S
    while not condition():
        assert time.monotonic() < end_at, f"not within {WITHIN_S:.0f} s: {what}"
        time.sleep(0.02)


def free_port() -> int:
    """A port that the system says is free."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
