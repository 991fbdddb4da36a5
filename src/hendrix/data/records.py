"""The records of this room: columns, files and manifests. Plain data, no heavy imports."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

from hendrix.entities import Entity


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a dataset.

    Parameters
    ----------
    name
        As in the files.
    type
        The Arrow type as text, such as "timestamp[us, tz=UTC]".
    """

    name: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEntry:
    """One file of a version: where it is, and what was in it.

    Parameters
    ----------
    path
        Absolute, with forward slashes.
    size
        Bytes.
    mtime_ns, inode
        When it was last written and which file it is, to notice changes without reading it.
    sha256
        Of its bytes, as hex.
    rows
        How many it holds.
    """

    path: str
    size: int
    mtime_ns: int
    inode: int
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A dataset version: its files in reading order, its columns, and which of them are times.

    Parameters
    ----------
    files
        In the order in which they are read; a row's position counts from the first.
    columns
        In file order.
    timestamp
        The column of event times; None: facts never expire.
    known_at
        The column that says since when a fact is known; None: since its event time.
    """

    files: list[FileEntry]
    columns: list[Column]
    timestamp: str | None = None
    known_at: str | None = None

    @property
    def rows(self) -> int:
        """How many rows all files hold."""
        return sum(file.rows for file in self.files)

    @property
    def size(self) -> int:
        """How many bytes all files hold."""
        return sum(file.size for file in self.files)

    @property
    def digest(self) -> str:
        """The SHA-256 of what the version says: paths, bytes, columns and times, not when files were touched."""
        said = asdict(self)
        for file in said["files"]:
            del file["mtime_ns"], file["inode"]
        text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """What registers a version.

    Parameters
    ----------
    name
        The dataset's.
    manifest
        What the version says.
    description
        In a sentence; None: as it was.
    project
        The project that the dataset belongs to, set when it is made.
    """

    name: str
    manifest: Manifest
    description: str | None = None
    project: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A registered version.

    Parameters
    ----------
    version
        The dataset version's entity.
    made
        Whether it is new; else the latest said the same.
    """

    version: Entity
    made: bool
