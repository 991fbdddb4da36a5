"""What artifacts are called by: the digest of their bytes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    """Stored bytes: `digest` is `sha256:` and 64 hex digits, `size` in bytes."""

    digest: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One file of a folder: its path inside it (with /), and its bytes."""

    path: str
    digest: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A stored folder: the digest of the canonical list of its files, and the files in order of path."""

    digest: str
    size: int
    files: tuple[File, ...]
