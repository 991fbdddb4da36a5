"""Feature values as fixed-width numbers, for the online store: what each Arrow type becomes and comes back as."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from hendrix.data import to_numpy, validity
from hendrix.entities import InvalidInputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TEXT = "u4"
"""The stored type of strings: their place in the column's list of distinct strings."""

_NUMBERS = {
    pa.bool_(): "u1",
    pa.int8(): "i1",
    pa.int16(): "i2",
    pa.int32(): "i4",
    pa.int64(): "i8",
    pa.uint8(): "u1",
    pa.uint16(): "u2",
    pa.uint32(): "u4",
    pa.uint64(): "u8",
    pa.float16(): "f2",
    pa.float32(): "f4",
    pa.float64(): "f8",
    pa.date32(): "i4",
    pa.date64(): "i8",
    pa.time32("s"): "i4",
    pa.time32("ms"): "i4",
    pa.time64("us"): "i8",
    pa.time64("ns"): "i8",
}

CHARS = {
    "u1": "B",
    "i1": "b",
    "i2": "h",
    "u2": "H",
    "i4": "i",
    "u4": "I",
    "i8": "q",
    "u8": "Q",
    "f2": "e",
    "f4": "f",
    "f8": "d",
}
"""Each stored type's character in `struct`."""


def is_text(kind: pa.DataType) -> bool:
    """Whether values of a type are strings."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def stored_type(kind: pa.DataType, name: str, owner: str) -> str:
    """Say how values of a column are stored.

    Raises
    ------
    InvalidInputError
        When values of the type can't be features (lists, structs, binary, decimals, ...).
    """
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if is_text(kind):
        return TEXT
    if pa.types.is_timestamp(kind) or pa.types.is_duration(kind):
        return "i8"
    if kind in _NUMBERS:
        return _NUMBERS[kind]
    message = f"column {name!r} of {owner} holds {kind}, which can't be a feature"
    hint = "Features are numbers, booleans, strings, dates, times or durations; cast the column in the source."
    raise InvalidInputError(message, hint=hint, column=name)


@dataclass(frozen=True, slots=True)
class Stored:
    """A column ready to be stored: values (0 where null), which are valid (None: all), and distinct strings."""

    values: NDArray[Any]
    valid: NDArray[np.bool_] | None
    texts: list[str]


def store(column: pa.Array, stored: str) -> Stored:
    """Turn an Arrow column into stored values."""
    valid = validity(column)
    texts: list[str] = []
    if is_text(column.type):
        encoded = column.dictionary_encode()
        texts, column = encoded.dictionary.to_pylist(), encoded.indices
    elif stored[0] in "iu" and not pa.types.is_integer(column.type) and not pa.types.is_boolean(column.type):
        column = column.view(pa.int32() if stored == "i4" else pa.int64())
    if column.null_count:
        column = column.fill_null(pa.scalar(0).cast(column.type))
    return Stored(to_numpy(column).astype(stored, copy=False), valid, texts)


def restore(values: list[Any], kind: pa.DataType) -> pa.Array:
    """Turn stored values, None for null, back into an Arrow column."""
    stored = TEXT if is_text(kind) else stored_type(kind, "", "")
    if is_text(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return pa.array(values, kind)
    if pa.types.is_boolean(kind):
        return pa.array([None if value is None else bool(value) for value in values], kind)
    return pa.array(values, pa.int32() if stored == "i4" else pa.int64()).view(kind)
