"""A materialization as one file, to travel to a server: its layout, its values, its strings."""

from __future__ import annotations

import struct
from typing import IO, TYPE_CHECKING

import msgspec

from hendrix.entities import InvalidInputError
from hendrix.features.layout import Layout

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hendrix.features.packing import Packed

_MAGIC = b"hendrix-features-1\n"
_VALUE, _TEXT = 0, 1
_HEAD = struct.Struct("<BII")


def write_spool(packed: Packed, path: Path) -> None:
    """Write a materialization to a file."""
    layout = msgspec.json.encode(packed.layout)
    with path.open("wb") as file:
        file.write(_MAGIC + struct.pack("<I", len(layout)) + layout)
        for key, value in packed.values():
            file.write(_HEAD.pack(_VALUE, len(key), len(value)) + key + value)
        for column, number, text in packed.strings():
            file.write(_HEAD.pack(_TEXT, 8, len(text)) + struct.pack("<II", column, number) + text)


class Spool:
    """A materialization that came as a file.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    InvalidInputError
        When it is none, or its layout can't be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with path.open("rb") as file:
            self.layout = self._layout(file)

    def _layout(self, file: IO[bytes]) -> Layout:
        try:
            if file.read(len(_MAGIC)) != _MAGIC:
                message = "the bytes are no materialization"
                raise InvalidInputError(message, hint="Send what hx.materialize makes.")
            return msgspec.json.decode(file.read(struct.unpack("<I", file.read(4))[0]), type=Layout)
        except (struct.error, msgspec.MsgspecError) as error:
            message = f"the materialization's layout can't be read: {error}"
            raise InvalidInputError(message, hint="Client and server must be of the same version.") from error

    def values(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield each key with its value."""
        return self._entries(_VALUE)

    def strings(self) -> Iterator[tuple[int, int, bytes]]:
        """Yield column, number and UTF-8 bytes of each distinct string."""
        for key, text in self._entries(_TEXT):
            column, number = struct.unpack("<II", key)
            yield column, number, text

    def _entries(self, wanted: int) -> Iterator[tuple[bytes, bytes]]:
        with self._path.open("rb") as file:
            self._layout(file)
            while head := file.read(_HEAD.size):
                kind, key, value = _HEAD.unpack(head)
                if kind == wanted:
                    yield file.read(key), file.read(value)
                else:
                    file.seek(key + value, 1)
