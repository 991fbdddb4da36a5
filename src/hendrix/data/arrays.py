"""Between Arrow and NumPy without a copy, and without pandas, which pyarrow's own conversions import (0.7 s)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TYPES = {
    pa.int8(): np.int8,
    pa.int16(): np.int16,
    pa.int32(): np.int32,
    pa.int64(): np.int64,
    pa.uint8(): np.uint8,
    pa.uint16(): np.uint16,
    pa.uint32(): np.uint32,
    pa.uint64(): np.uint64,
    pa.float16(): np.float16,
    pa.float32(): np.float32,
    pa.float64(): np.float64,
}


def to_numpy(column: pa.Array) -> NDArray[Any]:
    """Give the values of a column of numbers or booleans; where it is null, what happens to lie there."""
    if pa.types.is_boolean(column.type):
        return to_numpy(column.cast(pa.uint8())).view(np.bool_)
    data = column.buffers()[1]
    kind = _TYPES[column.type]
    if data is None or not len(column):
        return np.empty(0, kind)
    return np.frombuffer(data, kind, count=len(column), offset=column.offset * np.dtype(kind).itemsize)


def validity(column: pa.Array) -> NDArray[np.bool_] | None:
    """Say which values are not null; None: all of them."""
    return to_numpy(column.is_valid()) if column.null_count else None


def to_arrow(values: NDArray[Any], missing: NDArray[np.bool_] | None = None) -> pa.Array:
    """Give a column of numbers or booleans, null where `missing` says so."""
    kind = pa.from_numpy_dtype(values.dtype)
    data = np.packbits(values, bitorder="little") if values.dtype == np.bool_ else np.ascontiguousarray(values)
    nulls = 0 if missing is None else int(np.count_nonzero(missing))
    valid = pa.py_buffer(np.packbits(~missing, bitorder="little")) if missing is not None and nulls else None
    return pa.Array.from_buffers(kind, len(values), [valid, pa.py_buffer(data)], nulls)
