"""How the agent tells a worker what to serve, and the worker says how it goes: two small files, always whole.

They lie in the state folder, so that an agent that comes after a killed one finds the workers that still answer.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeVar

import msgspec

if TYPE_CHECKING:
    from pathlib import Path

    from hendrix.serving.records import WorkerOrder, WorkerStatus

R = TypeVar("R")


def order_path(folder: Path, worker: str) -> Path:
    """Say where a worker's order lies."""
    return folder / f"{worker}.order.json"


def status_path(folder: Path, worker: str) -> Path:
    """Say where a worker's status lies."""
    return folder / f"{worker}.status.json"


def write(path: Path, record: WorkerOrder | WorkerStatus) -> None:
    """Write a record so that readers find the old or the new one, never a half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(msgspec.json.encode(record))
    temporary.replace(path)


def read(path: Path, kind: type[R]) -> R | None:
    """Read a record; None when there is none."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        return None
