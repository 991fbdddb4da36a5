"""Entity keys: brought to one form, then to small whole numbers that the spine and the source share."""

from __future__ import annotations

import hashlib
import math
import struct
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hendrix.data import column_micros, moment_micros, to_arrow, to_numpy
from hendrix.entities import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Ints: TypeAlias = NDArray[np.int64]

Family = Literal["integer", "string", "boolean", "date", "time"]

WORDS: dict[Family, str] = {
    "integer": "a whole number",
    "string": "a string",
    "boolean": "true or false",
    "date": "a date",
    "time": "a time with a zone",
}
"""What each kind of key takes, for errors."""

NULL, UNKNOWN = -1, -2
"""Codes of a key with a null in it, and of one that the other side has nowhere."""

LONGEST_KEY = 400
"""Bytes of a stored key, before a digest must shorten it."""

_DENSE = 1 << 22
_MANY = 1 << 31
_LEAST, _MOST = -(1 << 63), (1 << 63) - 1
_WORD = struct.Struct("<q")
_EPOCH_DAY = date(1970, 1, 1)


def family(kind: pa.DataType, name: str, owner: str) -> Family:
    """Say what kind of key a column's type is.

    Raises
    ------
    InvalidInputError
        When values of the type can't be keys (floats, lists, naive times, ...).
    """
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    if pa.types.is_integer(kind):
        return "integer"
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return "string"
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_date(kind):
        return "date"
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        return "time"
    message = f"key column {name!r} of {owner} holds {kind}"
    hint = "Keys are whole numbers, strings, booleans, dates or times with a time zone."
    raise InvalidInputError(message, hint=hint, column=name)


def canonical(column: pa.ChunkedArray, wanted: Family, name: str, owner: str) -> pa.Array:
    """Bring a key column to int64 or large_string, nulls kept.

    Whole numbers may come as floats (as pandas holds them beside nulls); a fraction finds nothing.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if pa.types.is_null(kind):
        return pa.nulls(len(column), pa.large_string() if wanted == "string" else pa.int64())
    if wanted == "integer" and pa.types.is_floating(kind):
        return _whole_numbers(column)
    given = family(kind, name, owner)
    if given != wanted:
        message = f"key column {name!r} of {owner} holds {kind}, but the source's key is {WORDS[wanted]}"
        raise InvalidInputError(message, hint=f"Cast {name!r} to the type that the source has.", column=name)
    if wanted == "time":
        micros, valid = column_micros(column, name, owner)
        return to_arrow(micros, None if valid is None else ~valid)
    if wanted == "date":
        column = column.cast(pa.date32()).cast(pa.int32())
    try:
        return column.cast(pa.large_string() if wanted == "string" else pa.int64()).combine_chunks()
    except pa.ArrowInvalid as error:
        message = f"key column {name!r} of {owner} holds numbers beyond 64 signed bits"
        raise InvalidInputError(message, hint=f"Cast {name!r} to a string on both sides.") from error


def _whole_numbers(column: pa.ChunkedArray) -> pa.Array:
    values = to_numpy(column.cast(pa.float64()).fill_null(math.nan).combine_chunks())
    known = ~np.isnan(values)
    whole = known & (values == np.rint(values)) & (np.abs(values) < 2.0**63)
    # a number that no key can be finds nothing; the least integer stands in, as no identifier is ever that
    numbers = np.where(whole, values, 0.0).astype(np.int64)
    numbers[known & ~whole] = np.iinfo(np.int64).min
    return to_arrow(numbers, ~known)


def match(spine: Sequence[pa.Array], source: Sequence[pa.Array]) -> tuple[Ints, Ints, int]:
    """Give the spine's keys numbers, and the source's by the same numbers.

    Parameters
    ----------
    spine, source
        The key columns of each side in canonical form, in the same order.

    Returns
    -------
    tuple
        The code of each row of the spine (`NULL` where a part is null), of each row of the source
        (below zero where a part is null or not in the spine), and how many codes there may be, at most 2**31.
    """
    left, right, radix = _match_one(spine[0], source[0])
    for one, other in zip(spine[1:], source[1:], strict=True):
        more_left, more_right, size = _match_one(one, other)
        if radix > _MANY:
            left, right, radix = _densify(left, right)
        left = np.where((left < 0) | (more_left < 0), NULL, left * size + more_left)
        right = np.where((right < 0) | (more_right < 0), UNKNOWN, right * size + more_right)
        radix *= size
    if radix > _MANY:
        left, right, radix = _densify(left, right)
    return left, right, max(radix, 1)


def _match_one(spine: pa.Array, source: pa.Array) -> tuple[Ints, Ints, int]:
    if pa.types.is_integer(spine.type) and len(spine) > spine.null_count:
        bounds = pc.min_max(spine)
        least, most = bounds["min"].as_py(), bounds["max"].as_py()
        if most - least < _DENSE:
            return _offset(spine, least, most, NULL), _offset(source, least, most, UNKNOWN), most - least + 1
    encoded = spine.dictionary_encode()
    left = to_numpy(encoded.indices.cast(pa.int64()).fill_null(NULL))
    right = to_numpy(pc.index_in(source, encoded.dictionary).cast(pa.int64()).fill_null(UNKNOWN))
    return left, right, max(len(encoded.dictionary), 1)


def _offset(column: pa.Array, least: int, most: int, missing: int) -> Ints:
    values = to_numpy(column.fill_null(least) if column.null_count else column)
    offsets = values - least
    outside = offsets.view(np.uint64) > np.uint64(most - least)  # wraps below zero
    if column.null_count:
        outside |= to_numpy(column.is_null())
    return np.where(outside, missing, offsets) if outside.any() else offsets


def _densify(left: Ints, right: Ints) -> tuple[Ints, Ints, int]:
    distinct = np.unique(left[left >= 0])
    if not len(distinct):
        return np.full_like(left, NULL), np.full_like(right, UNKNOWN), 1
    left = np.where(left < 0, NULL, np.searchsorted(distinct, left))
    at = np.minimum(np.searchsorted(distinct, right), len(distinct) - 1)
    return left, np.where((right >= 0) & (distinct[at] == right), at, UNKNOWN), len(distinct)


def distinct_keys(columns: Sequence[pa.Array]) -> tuple[Ints, list[pa.Array]]:
    """Give the keys of one table numbers.

    Returns
    -------
    tuple
        The code of each row (`NULL` where a part is null), and the key columns with one row a code.
    """
    codes, _, _ = match(columns, [column.slice(0, 0) for column in columns])
    distinct, first = np.unique(codes, return_index=True)
    keep = distinct >= 0
    codes = np.where(codes < 0, NULL, np.searchsorted(distinct[keep], codes))
    rows = to_arrow(first[keep])
    return codes, [column.take(rows) for column in columns]


def encode_keys(columns: Sequence[pa.Array]) -> list[bytes]:
    """Write keys in canonical form as bytes, one a row."""
    if len(columns) == 1 and pa.types.is_integer(columns[0].type):
        raw = to_numpy(columns[0]).astype("<i8").tobytes()
        return [raw[place : place + 8] for place in range(0, len(raw), 8)]
    return [encode_key(parts) for parts in zip(*(column.to_pylist() for column in columns), strict=True)]


def encode_key(parts: Sequence[int | str]) -> bytes:
    """Write one key's parts in canonical form as bytes; different keys differ in them.

    Keys beyond `LONGEST_KEY` bytes keep their beginning, and a digest stands for the rest.
    """
    if len(parts) == 1 and isinstance(parts[0], str):
        encoded = parts[0].encode(errors="surrogatepass")
    else:
        encoded = b"".join(map(_encode_part, parts))
    if len(encoded) <= LONGEST_KEY:
        return encoded
    return encoded[:LONGEST_KEY] + hashlib.blake2b(encoded, digest_size=32).digest()


def _encode_part(part: int | str) -> bytes:
    if isinstance(part, int):
        return _WORD.pack(part)
    text = part.encode(errors="surrogatepass")
    return struct.pack("<I", len(text)) + text


def key_encoder(names: Sequence[str], families: Sequence[str]) -> Callable[[Sequence[Any]], bytes | None]:
    """Make the function that turns a request's row of key values into a stored key.

    Parameters
    ----------
    names, families
        The key columns, and what kind of key each is.

    Returns
    -------
    callable
        Gives None for a row that no stored key can be: one with a null, or with a number beyond 64 bits. It raises
        `InvalidInputError` for a value of another kind than its key.
    """
    # values that are canonical as they are, the usual case, are told by their type alone
    plain = [{"string": str, "integer": int}.get(kind) for kind in families]

    def encode(row: Sequence[Any]) -> bytes | None:
        parts = []
        for name, kind, usual, given in zip(names, families, plain, row, strict=True):
            part: Any = given if type(given) is usual else key_value(given, kind, name)  # type: ignore[arg-type]
            if part is None or (type(part) is int and not _LEAST <= part <= _MOST):
                return None
            parts.append(part)
        return encode_key(parts)

    def encode_number(row: Sequence[Any]) -> bytes | None:
        given = row[0]
        return _WORD.pack(given) if type(given) is int and _LEAST <= given <= _MOST else encode(row)

    return encode_number if list(families) == ["integer"] else encode


def key_value(value: Any, wanted: Family, name: str) -> int | str | None:
    """Bring one value of a request to its canonical form; None for null.

    Raises
    ------
    InvalidInputError
        When the value is of another kind than the key.
    """
    if value is None or value != value:  # noqa: PLR0124 NaN is how pandas says null
        return None
    found: int | str | None = None
    match wanted, value:
        case "string", str():
            found = str(value)
        case "boolean", bool() | np.bool_():
            found = int(value)
        case "time", datetime():
            found = moment_micros(value, f"key {name!r}")
        case "date", date() if not isinstance(value, datetime):
            found = (value - _EPOCH_DAY).days
        case "integer", int() | np.integer() if not isinstance(value, bool):
            found = int(value)
        case "integer", float() | np.floating() if float(value).is_integer():
            found = int(value)
        case ("time", str()) | ("date", str()):
            found = _from_text(value, wanted, name)
    if found is None:
        message = f"key {name!r} takes {WORDS[wanted]}, not {value!r}"
        raise InvalidInputError(message, hint=f"Send {name!r} as the source has it.", key=name)
    return found


def _from_text(text: str, wanted: Family, name: str) -> int | str | None:
    try:
        value: Any = datetime.fromisoformat(text) if wanted == "time" else date.fromisoformat(text)
    except ValueError as error:
        message = f"key {name!r} takes {WORDS[wanted]}, not {text!r}"
        raise InvalidInputError(message, hint="Write it in ISO 8601.", key=name) from error
    return key_value(value, wanted, name)
