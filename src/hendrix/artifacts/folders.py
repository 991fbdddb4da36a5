"""Folders as artifacts: a list of files by digest, itself an artifact, so that equal folders are one."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from hendrix.artifacts.records import File, Folder
from hendrix.entities import InvalidInputError

if TYPE_CHECKING:
    from hendrix.artifacts.store import Artifacts

_encoder = msgspec.json.Encoder(order="deterministic")


def put_folder(artifacts: Artifacts, folder: Path) -> Folder:
    """Keep every file below a folder, then the list of them.

    Raises
    ------
    InvalidInputError
        When the folder holds no file.
    """
    files: list[File] = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        blob = artifacts.put(path)
        files.append(File(path=path.relative_to(folder).as_posix(), digest=blob.digest, size=blob.size))
    if not files:
        message = f"{folder} holds no file"
        raise InvalidInputError(message, hint="Give a folder with something in it.")
    listed = artifacts.put(_encoder.encode(files))
    return Folder(digest=listed.digest, size=sum(file.size for file in files), files=tuple(files))


def read_folder(artifacts: Artifacts, digest: str) -> Folder:
    """Return the list of files of a stored folder."""
    files = msgspec.json.decode(artifacts.path(digest).read_bytes(), type=tuple[File, ...])
    return Folder(digest=digest, size=sum(file.size for file in files), files=files)


def get_folder(artifacts: Artifacts, digest: str, cache: Path) -> Path:
    """Return a local folder with these files, laid once below `cache`; treat it as read-only."""
    target = cache / digest.removeprefix("sha256:")
    if target.exists():
        return target
    cache.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=cache, prefix=".incoming-"))
    try:
        for file in read_folder(artifacts, digest).files:
            place = temporary / file.path
            place.parent.mkdir(parents=True, exist_ok=True)
            stored = artifacts.path(file.digest)
            try:
                os.link(stored, place)
            except OSError:  # another file system, or one without hard links
                shutil.copyfile(stored, place)
        temporary.rename(target)
    except OSError:
        if not target.exists():  # somebody else laid it in between: theirs is the same
            raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return target
