"""A job's log: one file of everything that its processes printed, readable while it grows.

Where the state is on a server, the worker uploads its log in pieces, and the server reads those.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hendrix.compute.records import LogPart, LogPiece

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from uuid import UUID

    from hendrix.artifacts import Artifacts
    from hendrix.session import Home, Host

CHUNK = 1 << 18
"""Bytes that are read at a time."""
PIECE_MOST = 1 << 24
"""Bytes above which two uploaded pieces are not joined any more."""


def log_path(home: Home, job: UUID) -> Path:
    """Where a job's log lies in a state folder."""
    return home.logs / f"job-{job.hex}.log"


def from_offset(host: Host, job: UUID, pieces: tuple[LogPiece, ...], offset: int) -> Iterator[LogPart]:
    """Yield what a log has from a byte offset on, cut at the ends of lines where that can be."""
    path = log_path(host.home, job)
    if path.exists():
        yield from _parts(path, 0, offset)
        return
    begin = 0
    for piece in pieces:
        if begin + piece.size > offset:
            yield from _parts(host.artifacts.path(piece.digest), begin, max(begin, offset))
        begin += piece.size


def _parts(path: Path, begin: int, offset: int) -> Iterator[LogPart]:
    """Yield a file's text; its first byte lies at `begin` in the whole log."""
    with path.open("rb") as file:
        file.seek(offset - begin)
        while chunk := file.read(CHUNK):
            # A line longer than a chunk, or the last of the log, has no end to wait for.
            taken = chunk[: chunk.rfind(b"\n") + 1 or len(chunk)]
            offset += len(taken)
            file.seek(offset - begin)
            yield LogPart(text=taken.decode(errors="replace"), next=offset)


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


def lines(texts: Iterator[str]) -> Iterator[str]:
    """Cut a stream of text into its lines, without their ends."""
    rest = ""
    for text in texts:
        *whole, rest = (rest + text).split("\n")
        yield from whole
    if rest:
        yield rest
