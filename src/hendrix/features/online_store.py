"""The embedded online store: LMDB, one packed value a (view version, key).

Each materialization is a generation of its own. It is written in pieces beside the old one; a last small transaction
points the view at it, and the old one is then deleted. So a reader finds the old or the new one, never half, also
after a kill. What a killed writer left is deleted by the next.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import struct
import threading
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec

from hendrix.entities import UnavailableError
from hendrix.features.layout import Layout
from hendrix.lazy import require

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_COUNTER = b"\x00generation"
_POINTER = b"\x01"
_LATEST = b"\x02"
_VALUE = b"\x03"
_TEXT = b"\x04"
_FORMAT = b"\x00format"
_VERSION = b"1"

_MAP_SIZE = 1 << 40
"""Addresses, not bytes on disk: the file grows with what is in it. Growing the map under readers is not safe."""

_PIECE = 20_000
_READERS = 1024

_open: dict[tuple[int, str], Any] = {}
_lock = threading.Lock()


def _environment(path: Path) -> Any:
    """Open the store, once in each process (LMDB forbids a second time)."""
    lmdb = require("lmdb", "features")
    key = (os.getpid(), str(path))
    with _lock:
        if key not in _open:
            path.mkdir(parents=True, exist_ok=True)
            try:
                # without fsync a commit survives the end of the process, not of the power; the store can be made again
                _open[key] = lmdb.open(str(path), map_size=_MAP_SIZE, max_readers=_READERS, sync=False, readahead=False)
            except lmdb.Error as error:
                message = f"the online store at {path} can't be opened: {error}"
                hint = "Delete the folder and materialize again."
                raise UnavailableError(message, hint=hint) from error
        return _open[key]


def _name(view: str) -> bytes:
    return hashlib.blake2b(view.encode(), digest_size=16).digest()


class OnlineStore:
    """Reads and writes one namespace's online features.

    Safe for many threads and processes at once.

    Parameters
    ----------
    path
        The folder; it is made when there is none.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._env = _environment(path.resolve())

    @contextlib.contextmanager
    def reading(self) -> Iterator[Any]:
        """Open a snapshot: `get(key)` gives a buffer that is valid inside the block, or None."""
        with self._env.begin(buffers=True) as transaction:
            yield transaction

    def pointer(self, transaction: Any, view: str) -> bytes | None:
        """Give what a view, "name" or "name@version", points at: its generation and layout, as stored."""
        name = _name(view)
        if "@" not in view:
            latest = transaction.get(_LATEST + name)
            if latest is None:
                return None
            name = bytes(latest)
        found = transaction.get(_POINTER + name)
        return None if found is None else bytes(found)

    @staticmethod
    def parse(pointer: bytes) -> tuple[bytes, Layout]:
        """Read a pointer: the prefix of the generation's keys, and the layout."""
        return _VALUE + pointer[:8], msgspec.json.decode(pointer[8:], type=Layout)

    @staticmethod
    def text_key(prefix: bytes, column: int, number: int) -> bytes:
        """Give the key of a distinct string of a column."""
        return _TEXT + prefix[1:] + struct.pack(">II", column, number)

    def write(
        self, layout: Layout, values: Iterable[tuple[bytes, bytes]], texts: Iterable[tuple[int, int, bytes]]
    ) -> None:
        """Write a materialization and point its view at it, at once for all readers.

        One writer at a time; another waits.

        Parameters
        ----------
        layout
            How the values are packed, and of which view they are.
        values
            Keys and packed values.
        texts
            Column, number and UTF-8 bytes of each distinct string.
        """
        with self._writing():
            self._sweep()
            generation = self._next_generation()
            prefix = _VALUE + generation
            self._put((prefix + key, value) for key, value in values)
            self._put((self.text_key(prefix, column, number), text) for column, number, text in texts)
            name = _name(f"{layout.view}@{layout.version}")
            with self._env.begin(write=True) as transaction:
                transaction.put(_POINTER + name, generation + msgspec.json.encode(layout))
                transaction.put(_LATEST + _name(layout.view), name)
            self._sweep()
            self._env.sync(True)  # noqa: FBT003 - LMDB's own parameter: wait for the disk

    def _put(self, pairs: Iterable[tuple[bytes, bytes]]) -> None:
        left = iter(pairs)
        while piece := sorted(islice(left, _PIECE)):
            with self._env.begin(write=True) as transaction:
                transaction.cursor().putmulti(piece)

    def _next_generation(self) -> bytes:
        with self._env.begin(write=True) as transaction:
            number = int.from_bytes(transaction.get(_COUNTER) or b"", "big") + 1
            transaction.put(_FORMAT, _VERSION)
            transaction.put(_COUNTER, number.to_bytes(8, "big"))
        return number.to_bytes(8, "big")

    def _sweep(self) -> None:
        """Delete the generations that no view points at."""
        with self._env.begin() as transaction:
            used = {value[:8] for key, value in _with_prefix(transaction, _POINTER)}
            stale = [
                (kind, generation)
                for kind in (_VALUE, _TEXT)
                for generation in _generations(transaction, kind)
                if generation not in used
            ]
        for kind, generation in stale:
            while True:
                with self._env.begin(write=True) as transaction:
                    keys = [key for key, _ in islice(_with_prefix(transaction, kind + generation), _PIECE)]
                    for key in keys:
                        transaction.delete(key)
                if len(keys) < _PIECE:
                    break

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Hold the store's writer lock; it falls with the process."""
        with (self.path / "writer.lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _with_prefix(transaction: Any, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
    cursor = transaction.cursor()
    if cursor.set_range(prefix):
        for key, value in cursor:
            if not bytes(key).startswith(prefix):
                return
            yield bytes(key), bytes(value)


def _generations(transaction: Any, kind: bytes) -> Iterable[bytes]:
    cursor, found = transaction.cursor(), []
    here = cursor.set_range(kind)
    while here and bytes(cursor.key()[:1]) == kind:
        generation = bytes(cursor.key()[1:9])
        found.append(generation)
        here = cursor.set_range(kind + (int.from_bytes(generation, "big") + 1).to_bytes(8, "big"))
    return found
