"""Values of a request: checked against the type of their column, then made into arrays."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from hendrix.entities import InvalidInputError
from hendrix.graph import micros, moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from hendrix.serving.records import ColumnType

    Values = Sequence[Any] | npt.NDArray[Any]

NULL = type(None)
DTYPES: dict[str, Any] = {
    "boolean": np.bool_,
    "integer": np.int32,
    "long": np.int64,
    "float": np.float32,
    "double": np.float64,
    "string": np.object_,
    "datetime": np.dtype("datetime64[us]"),
    "any": np.object_,
}
_ACCEPTED: dict[str, frozenset[type]] = {
    "boolean": frozenset({bool, NULL}),
    "integer": frozenset({int, NULL}),
    "long": frozenset({int, NULL}),
    "float": frozenset({float, int, NULL}),
    "double": frozenset({float, int, NULL}),
    "string": frozenset({str, NULL}),
    "datetime": frozenset({datetime, NULL}),
    "any": frozenset({str, int, float, bool, NULL}),
}
_TENSOR_KINDS = {
    "boolean": "b",
    "integer": "iu",
    "long": "iu",
    "float": "fiu",
    "double": "fiu",
    "string": "OSU",
    "any": "biufOSU",
}
_WHOLE = ("integer", "long")


def checked(values: Values, type_: ColumnType, shape: tuple[int, ...], name: str) -> Values:
    """Check that values are what a column takes; values that arrive in another spelling are put right.

    Raises
    ------
    InvalidInputError
        Naming the column, the row and the value.
    """
    if isinstance(values, np.ndarray):
        return _checked_tensor(values, type_, shape, name)
    if shape:
        flat: Any = values
        for depth, length in enumerate(shape):
            for row, value in enumerate(flat):
                if not isinstance(value, list | tuple) or len(value) != length:
                    at = f" (row {row})" if depth == 0 else ""
                    message = f"{name!r} takes {list(shape)} values a row, got {_shown(value)}{at}"
                    raise InvalidInputError(message, hint="Send one list of that length for each row.")
            flat = list(chain.from_iterable(flat))
        _check_scalars(flat, type_, name)
        return values
    if type_ == "datetime":
        return [_instant(value, name, row) for row, value in enumerate(values)]
    if _check_scalars(values, type_, name):
        return [int(value) if type(value) is float else value for value in values]
    return values


def plainly_right(values: Any, type_: ColumnType) -> bool:
    """Whether values are a plain sequence of scalars that needs no more checking: the common case, told quickly."""
    if type(values) is np.ndarray or type_ == "datetime":
        return False
    accepted = _ACCEPTED[type_]
    return type(values[0]) in accepted if len(values) == 1 else accepted.issuperset(map(type, values))


def _check_scalars(values: Sequence[Any], type_: ColumnType, name: str) -> bool:
    """Check elements; True when whole numbers arrived spelled as floats (`3.0`, as pandas writes them)."""
    wrong = set(map(type, values)) - _ACCEPTED[type_]
    if not wrong:
        return False
    if type_ in _WHOLE and wrong == {float}:
        row = next((i for i, v in enumerate(values) if type(v) is float and not v.is_integer()), None)
        if row is None:
            return True
    else:
        row = next(i for i, v in enumerate(values) if type(v) in wrong)
    message = f"{name!r} takes {_article(type_)}, got {_shown(values[row])} (row {row})"
    raise InvalidInputError(message, hint=f"Send {_article(type_)} or null.", column=name, row=row)


def _checked_tensor(values: npt.NDArray[Any], type_: ColumnType, shape: tuple[int, ...], name: str) -> Values:
    if values.ndim == len(shape) + 2 and values.shape[1] == 1:
        values = values.reshape(values.shape[0], *values.shape[2:])
    if values.shape[1:] != shape:
        message = f"{name!r} takes a tensor of shape {[-1, *shape]}, got {list(values.shape)}"
        raise InvalidInputError(message, hint="The first dimension counts the rows.")
    if type_ == "datetime":
        return [_instant(value, name, row) for row, value in enumerate(values.tolist())]
    kind = values.dtype.kind
    if kind not in _TENSOR_KINDS[type_]:
        message = f"{name!r} takes {_article(type_)}, got a tensor of {values.dtype}"
        raise InvalidInputError(message, hint=f"Send it as {datatype_of(type_)}.", column=name)
    return values


def to_array(values: Values, type_: ColumnType, shape: tuple[int, ...], name: str) -> npt.NDArray[Any]:
    """Make an array of checked values: nulls become NaN, NaT, or None in an object array.

    Raises
    ------
    InvalidInputError
        When a number does not fit its type.
    """
    dtype = DTYPES[type_]
    if isinstance(values, np.ndarray) and values.dtype == dtype:
        return values
    try:
        if isinstance(values, np.ndarray):
            # A feature of whole numbers with nulls is stored as floats with NaN, and stays so.
            keep = type_ in _WHOLE and values.dtype.kind == "f"
            return values if keep else _narrowed(values, dtype, name)
        if type_ == "string" or (type_ == "boolean" and None in values):
            array = np.empty(len(values), dtype=np.object_)
            array[:] = values
            return array
        if type_ in _WHOLE and not shape and None in values:
            return np.array(values, dtype=np.float64)
        if type_ == "integer":
            return _narrowed(np.array(values, dtype=np.int64), dtype, name)
        return np.array(values, dtype=dtype).reshape(len(values), *shape)
    except (OverflowError, TypeError, ValueError) as error:
        message = f"{name!r} holds a value that does not fit {_article(type_)}"
        raise InvalidInputError(message, hint=str(error), column=name) from error


def to_rows(columns: list[Values], type_: ColumnType) -> list[npt.NDArray[Any]] | None:
    """Make arrays of many columns of floats in one step, or None where one of them needs a look of its own."""
    if any(type(values) is np.ndarray for values in columns):
        return None
    try:
        return list(np.array(columns, dtype=DTYPES[type_]))
    except (OverflowError, TypeError, ValueError):
        return None


def _narrowed(values: npt.NDArray[Any], dtype: Any, name: str) -> npt.NDArray[Any]:
    if np.issubdtype(dtype, np.integer) and len(values):
        limits = np.iinfo(dtype)
        low, high = int(values.min()), int(values.max())
        if low < limits.min or high > limits.max:
            bad = low if low < limits.min else high
            message = f"{name!r} takes {np.dtype(dtype).name}, got {bad}"
            raise InvalidInputError(message, hint=f"Between {limits.min} and {limits.max}.", column=name)
    return values.astype(dtype)


def joined(parts: Sequence[Values]) -> Values:
    """Join the values of several requests."""
    if len(parts) == 1:
        return parts[0]
    if any(isinstance(part, np.ndarray) for part in parts):
        # Null-bearing parts can't be arrays of the column's own type yet, so lists are the meeting point.
        if all(isinstance(part, np.ndarray) for part in parts):
            return np.concatenate(parts)
        return list(chain.from_iterable(p.tolist() if isinstance(p, np.ndarray) else p for p in parts))
    return list(chain.from_iterable(parts))


def instant_us(value: object, name: str) -> int:
    """Read a moment: ISO 8601 with a zone, or whole microseconds since 1970 UTC.

    Raises
    ------
    InvalidInputError
        When it is neither.
    """
    found = _instant(value, name, None)
    if found is None:
        message = f"{name!r} is null"
        raise InvalidInputError(message, hint=f"Leave {name!r} out to mean now.")
    return micros(found.replace(tzinfo=UTC))


def _instant(value: object, name: str, row: int | None) -> datetime | None:
    """Read a moment as naive UTC, which is what NumPy's datetime64 takes."""
    where = "" if row is None else f" (row {row})"
    hint = 'send ISO 8601 with a zone ("2013-12-15T06:00:00-05:00") or whole microseconds since 1970 UTC'
    if value is None:
        return None
    try:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if type(value) is int:
            return moment(value).replace(tzinfo=None)
        if isinstance(value, str):
            read = datetime.fromisoformat(value)
            if read.tzinfo is None:
                message = f"{name!r} has no time zone: {value!r}{where}"
                raise InvalidInputError(message, hint=hint)
            return read.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError) as error:
        message = f"{name!r} is no moment: {_shown(value)}{where}"
        raise InvalidInputError(message, hint=hint) from error
    message = f"{name!r} is no moment: {_shown(value)}{where}"
    raise InvalidInputError(message, hint=hint)


def datatype_of(type_: ColumnType) -> str:
    """Name a type as the Open Inference Protocol does; a moment travels as its text or microseconds."""
    return {
        "boolean": "BOOL",
        "integer": "INT32",
        "long": "INT64",
        "float": "FP32",
        "double": "FP64",
        "string": "BYTES",
        "datetime": "BYTES",
        "any": "BYTES",
    }[type_]


def _article(type_: ColumnType) -> str:
    return {
        "boolean": "true or false",
        "integer": "a whole number (32 bits)",
        "long": "a whole number",
        "float": "a number",
        "double": "a number",
        "string": "a string",
        "datetime": "a moment",
        "any": "a string, a number or true or false",
    }[type_]


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."  # noqa: PLR2004 - what fits a line


def is_null(value: object) -> bool:
    """Whether a key value says nothing: None or NaN."""
    return value is None or (isinstance(value, float) and math.isnan(value))
