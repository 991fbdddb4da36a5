"""Logs: what processes printed into a file, read while it grows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

CHUNK = 1 << 18
"""Bytes that are read at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPart:
    """Consecutive text of a log, and the byte offset to read on from."""

    text: str
    next: int


def log_parts(path: Path, offset: int, *, begin: int = 0) -> Iterator[LogPart]:
    """Yield what a log has from a byte offset on, cut at the ends of lines where that can be.

    Parameters
    ----------
    begin
        Where the file's first byte lies in the whole log.
    """
    with path.open("rb") as file:
        file.seek(offset - begin)
        while chunk := file.read(CHUNK):
            # A line longer than a chunk, or the last of the log, has no end to wait for.
            taken = chunk[: chunk.rfind(b"\n") + 1 or len(chunk)]
            offset += len(taken)
            file.seek(offset - begin)
            yield LogPart(text=taken.decode(errors="replace"), next=offset)


def lines(parts: Iterable[LogPart]) -> Iterator[str]:
    """Cut the text of a log into its lines, without their ends."""
    rest = ""
    for part in parts:
        *whole, rest = (rest + part.text).split("\n")
        yield from whole
    if rest:
        yield rest
