"""What identifies an evaluation set: the digest of its rows' values."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Sequence


def table_digest(table: pa.Table, columns: Sequence[str] | None = None) -> str:
    """Digest a table's values, in the order of its rows.

    Equal values give equal digests, however the table is chunked, sliced or dictionary-encoded and in
    whatever order its columns are.

    Parameters
    ----------
    table
        The rows.
    columns
        The columns that identify them; by default all.

    Returns
    -------
    str
        `sha256:` and 64 hexadecimal digits.
    """
    digest = hashlib.sha256(f"rows {table.num_rows}\n".encode())
    for name in sorted(table.column_names if columns is None else set(columns)):
        values = _plain(table.column(name))
        digest.update(f"{len(name.encode())} {name} {_kind(values.type)}\n".encode())
        for part in _bytes(values):
            digest.update(part)
    return f"sha256:{digest.hexdigest()}"


def _plain(column: pa.ChunkedArray) -> pa.Array:
    values = column.combine_chunks()
    values = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    if pa.types.is_dictionary(values.type):
        values = pc.cast(values, values.type.value_type)
    if _is_text(values.type):
        return pc.cast(values, pa.large_string())
    return values


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _kind(kind: pa.DataType) -> str:
    return "string" if _is_text(kind) else str(kind)


def _bytes(values: pa.Array) -> list[Any]:
    # What lies under a null is arbitrary, so it is replaced; the mask tells nulls and zeros apart.
    valid = np.packbits(values.is_valid().to_numpy(zero_copy_only=False))
    if _is_text(values.type):
        filled = pc.fill_null(values, "")
        _, ends, text = filled.buffers()
        places = np.frombuffer(ends, dtype="<i8")[filled.offset : filled.offset + len(filled) + 1]
        return [valid, np.diff(places), text[int(places[0]) : int(places[-1])] if text and len(filled) else b""]
    if pa.types.is_boolean(values.type):
        return [valid, np.packbits(pc.fill_null(values, False).to_numpy(zero_copy_only=False))]  # noqa: FBT003
    if pa.types.is_floating(values.type):
        numbers = pc.fill_null(values, 0.0).to_numpy(zero_copy_only=False)
        return [valid, np.where(np.isnan(numbers), np.nan, numbers).astype(numbers.dtype).tobytes()]
    if pa.types.is_integer(values.type):
        return [valid, np.ascontiguousarray(pc.fill_null(values, 0).to_numpy(zero_copy_only=False))]
    if pa.types.is_temporal(values.type) and values.type.bit_width in {32, 64}:
        whole = pa.int64() if values.type.bit_width == 64 else pa.int32()  # noqa: PLR2004 - bits
        return [
            valid,
            np.ascontiguousarray(pc.fill_null(values.cast(whole), 0).to_numpy(zero_copy_only=False)),
        ]
    return [valid, repr(values.to_pylist()).encode()]
