"""A job's log: one file of everything that its processes printed, readable while it grows.

Where the state is on a server, the worker uploads its log in pieces, and the server reads those.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hendrix.compute.records import LogPiece
from hendrix.session import log_parts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from uuid import UUID

    from hendrix.artifacts import Artifacts
    from hendrix.session import Home, Host, LogPart

PIECE_MOST = 1 << 24
"""Bytes above which two uploaded pieces are not joined any more."""


def log_path(home: Home, job: UUID) -> Path:
    """Where a job's log lies in a state folder."""
    return home.logs / f"job-{job.hex}.log"


def from_offset(host: Host, job: UUID, pieces: tuple[LogPiece, ...], offset: int) -> Iterator[LogPart]:
    """Yield what a log has from a byte offset on, cut at the ends of lines where that can be."""
    path = log_path(host.home, job)
    if path.exists():
        yield from log_parts(path, offset)
        return
    begin = 0
    for piece in pieces:
        if begin + piece.size > offset:
            yield from log_parts(host.artifacts.path(piece.digest), max(begin, offset), begin=begin)
        begin += piece.size


class Uploads:
    """A growing log, uploaded in pieces whose number stays small: neighbours of like size are joined."""

    def __init__(self, path: Path, artifacts: Artifacts) -> None:
        self._path = path
        self._artifacts = artifacts
        self._pieces: list[LogPiece] = []

    def catch_up(self) -> tuple[LogPiece, ...]:
        """Upload what was added since the last time. Returns all pieces, in order."""
        sent = sum(piece.size for piece in self._pieces)
        size = self._path.stat().st_size if self._path.exists() else 0
        while sent < size:
            begin, end = sent, min(size, sent + PIECE_MOST)
            while self._pieces and self._pieces[-1].size <= end - begin < PIECE_MOST:
                begin -= self._pieces.pop().size
            with self._path.open("rb") as file:
                file.seek(begin)
                blob = self._artifacts.put(file.read(end - begin))
            self._pieces.append(LogPiece(digest=blob.digest, size=end - begin))
            sent = end
        return tuple(self._pieces)
