"""How the agent tells a worker what to serve, and the worker says how it goes: two small files, always whole.

They lie in the state folder, so that an agent that comes after a killed one finds the workers that still answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def order_path(folder: Path, worker: str) -> Path:
    """Say where a worker's order lies."""
    return folder / f"{worker}.order.json"


def status_path(folder: Path, worker: str) -> Path:
    """Say where a worker's status lies."""
    return folder / f"{worker}.status.json"
