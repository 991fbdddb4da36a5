"""Files of a dataset: found by a pattern, fingerprinted, and checked before they are read."""

from __future__ import annotations

import glob
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from hendrix.data.records import FileEntry
from hendrix.entities import DriftError, InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence


def find_files(path: str | os.PathLike[str] | Sequence[str | os.PathLike[str]]) -> list[Path]:
    """Find the files that a path, a folder, a pattern or a list of these means.

    Returns
    -------
    list of Path
        Absolute, without repetition: the parts in the order given, each part's files sorted by path.

    Raises
    ------
    NotFoundError
        When a part matches nothing.
    InvalidInputError
        When a part is no path, or an address that is not on this file system.
    """
    hint = 'Pass a path or a pattern, such as "data/flights/*.parquet".'
    parts = list(path) if isinstance(path, (list, tuple)) else [path]
    found: dict[Path, None] = {}
    for part in parts:
        if not isinstance(part, (str, os.PathLike)) or not os.fspath(part):
            message = f"{part!r} is no path"
            raise InvalidInputError(message, hint=hint)
        found.update(dict.fromkeys(_find(os.fspath(part))))
    if not found:
        message = "the list of paths is empty"
        raise InvalidInputError(message, hint=hint)
    return list(found)


def _find(text: str) -> list[Path]:
    if "://" in text:
        message = f"{text!r} is not on this file system"
        raise InvalidInputError(message, hint="Datasets are read from local Parquet files.")
    text = str(Path(text).expanduser())
    folder = Path(text)
    if folder.is_dir():
        # what lies in hidden folders (.git, .hendrix) is no data either
        inside = (one.relative_to(folder) for one in folder.rglob("*.parquet"))
        matches = [str(folder / one) for one in inside if not any(part.startswith(".") for part in one.parts)]
    elif folder.is_file():
        matches = [text]
    else:
        matches = glob.glob(text, recursive=True)  # noqa: PTH207 the pattern may be absolute
    # hidden files and those of writers at work (Spark's _temporary) are no data
    files = [Path(one) for one in matches if Path(one).is_file() and Path(one).name[0] not in "._"]
    if not files and folder.is_dir():
        message = f"the folder {text!r} holds no *.parquet file"
        raise NotFoundError(message, hint="Name the files by a pattern if they are called otherwise.", path=text)
    if not files:
        hint = f"Looked in {Path.cwd()}." if not folder.is_absolute() else "Check the path."
        nearest = next((parent for parent in folder.absolute().parents if parent.is_dir()), None)
        if nearest is not None:
            held = sorted(one.name for one in nearest.iterdir())[:5]
            hint += f" {nearest} holds " + (", ".join(held) if held else "nothing") + "."
        message = f"{text!r} matches no file"
        raise NotFoundError(message, hint=hint, path=text)
    return sorted(Path(os.path.abspath(one)) for one in files)  # noqa: PTH100 links are kept as they are named


def fingerprint(path: Path, rows: int, before: FileEntry | None = None) -> FileEntry:
    """Describe a file by its bytes.

    Parameters
    ----------
    path
        Absolute.
    rows
        How many rows it holds.
    before
        What was known about this path; its digest is taken over when size, time and inode are the same.
    """
    status = path.stat()
    unchanged = (
        before is not None
        and before.path == path.as_posix()
        and (before.size, before.mtime_ns, before.inode) == (status.st_size, status.st_mtime_ns, status.st_ino)
    )
    return FileEntry(
        path=path.as_posix(),
        size=status.st_size,
        mtime_ns=status.st_mtime_ns,
        inode=status.st_ino,
        sha256=before.sha256 if before is not None and unchanged else sha256_of(path),
        rows=rows,
    )


def sha256_of(path: Path) -> str:
    """Digest a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_unchanged(file: FileEntry, dataset: str) -> None:
    """Check that a file still holds the bytes that were registered.

    The digest is only computed where size and time differ from what was noted.

    Raises
    ------
    DriftError
        When it is gone or holds other bytes; it names the file and the way out.
    """
    path = Path(file.path)
    hint = f'Restore the file, or register what is there now as the next version: hx.Dataset("{dataset}", ...) again.'
    if not path.is_file():
        message = f"{file.path} of dataset {dataset!r} is gone since its version was registered"
        raise DriftError(message, hint=hint, path=file.path)
    status = path.stat()
    if (status.st_size, status.st_mtime_ns) == (file.size, file.mtime_ns):
        return
    if status.st_size != file.size or sha256_of(path) != file.sha256:
        message = f"{file.path} of dataset {dataset!r} has changed since its version was registered"
        raise DriftError(message, hint=hint, path=file.path)
