"""Columns of times as whole microseconds since 1970 in UTC."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import pyarrow as pa

from hendrix.data.arrays import to_numpy, validity
from hendrix.entities import InvalidInputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints: TypeAlias = NDArray[np.int64]
    Flags: TypeAlias = NDArray[np.bool_]

_SECOND = 1_000_000
_PER_SECOND = {"s": 1, "ms": 1_000, "us": _SECOND, "ns": 1_000_000_000}


def column_micros(column: pa.ChunkedArray, name: str, owner: str) -> tuple[Ints, Flags | None]:
    """Read a timezone-aware column.

    Parameters
    ----------
    column
        Of any timestamp type with a time zone; nanoseconds are cut to microseconds.
    name, owner
        The column's name and what it belongs to, as errors should call them ("the spine").

    Returns
    -------
    tuple
        Microseconds (0 where null), and which rows are not null (None: all).

    Raises
    ------
    InvalidInputError
        When the column holds no times, or times without a zone.
    """
    require_aware(column.type, name, owner)
    whole = column.cast(pa.int64()).combine_chunks()
    valid = validity(whole)
    values = to_numpy(whole if valid is None else whole.fill_null(0))
    scale = _PER_SECOND[column.type.unit]
    if scale > _SECOND:
        values = values // (scale // _SECOND)
    elif scale < _SECOND:
        values = values * (_SECOND // scale)
    return values, valid


def require_aware(kind: pa.DataType, name: str, owner: str) -> None:
    """Check that a column's type is a timestamp with a time zone.

    Raises
    ------
    InvalidInputError
        When it is not; the hint says how to make it one.
    """
    if not pa.types.is_timestamp(kind):
        message = f"column {name!r} of {owner} holds {kind}, not times"
        raise InvalidInputError(message, hint="Name a column of timestamps with a time zone.", column=name)
    if kind.tz is None:
        message = f"column {name!r} of {owner} holds times without a time zone ({kind})"
        hint = (
            f'Give it one: pandas frame["{name}"].dt.tz_localize("UTC"), '
            f'Polars pl.col("{name}").dt.replace_time_zone("UTC").'
        )
        raise InvalidInputError(message, hint=hint, column=name)
