"""Small files that processes leave for each other in a state folder: one record each, always whole."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

if TYPE_CHECKING:
    from pathlib import Path

R = TypeVar("R")


def write_record(path: Path, record: Any) -> None:
    """Write a record so that readers find the old or the new one, never a half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Hidden, so that no reader that lists the folder takes it for a record.
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(msgspec.json.encode(record))
    temporary.replace(path)


def read_record(path: Path, kind: type[R]) -> R | None:
    """Read a record; None when there is none, or none that this version of Hendrix can read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None
