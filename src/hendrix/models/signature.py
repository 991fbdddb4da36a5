"""Signatures: inferred from an example, and held against what comes in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from hendrix.entities import InvalidInputError
from hendrix.models.records import Column, ColumnType

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd

ARROW_TYPES: dict[ColumnType, pa.DataType] = {
    "boolean": pa.bool_(),
    "integer": pa.int32(),
    "long": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "string": pa.string(),
    "binary": pa.binary(),
    "datetime": pa.timestamp("us", tz="UTC"),
}

MOST_SHOWN = 8


def infer_columns(example: pa.Table, names: Sequence[str]) -> tuple[Column, ...]:
    """Read the types of the named columns from an example.

    Raises
    ------
    InvalidInputError
        For a column that the example does not have or of a type that no model takes.
    """
    require_columns(example, names, "the example")
    return tuple(_column(example.schema.field(name)) for name in names)


def conform(table: pa.Table, columns: Sequence[Column]) -> pa.Table:
    """Bring a table to a signature: its columns, in its order, of its types; further columns are dropped.

    Raises
    ------
    InvalidInputError
        For a missing column, or values that its type can't hold without loss.
    """
    require_columns(table, [column.name for column in columns], "the input")
    cast = [_cast(table.column(column.name), column) for column in columns]
    return pa.table(cast, names=[column.name for column in columns])


def as_matrix(table: pa.Table) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Lay a conformed table of numbers out as float64, shape (rows, columns); null is NaN."""
    import numpy as np

    matrix = np.empty((table.num_rows, table.num_columns), dtype=np.float64)
    for place, values in enumerate(table.columns):
        matrix[:, place] = pc.cast(values, pa.float64()).to_numpy()
    return matrix


def as_frame(table: pa.Table, columns: Sequence[Column]) -> pd.DataFrame:
    """Turn a conformed table into a pandas frame with the types that training saw; null is NaN."""
    for place, column in enumerate(columns):
        values = table.column(place)
        if column.type == "boolean" and values.null_count:
            # pandas would make objects of it, which no estimator takes.
            table = table.set_column(place, column.name, pc.cast(values, pa.float64()))
        if column.category:
            table = table.set_column(place, column.name, values.dictionary_encode())
    return table.to_pandas()


def is_numeric(columns: Sequence[Column]) -> bool:
    """Whether a matrix of numbers can hold all columns."""
    numbers = {"boolean", "integer", "long", "float", "double"}
    return all(column.type in numbers and not column.category for column in columns)


def require_columns(table: pa.Table, names: Sequence[str], what: str) -> None:
    """Raise an InvalidInputError that names the columns that a table does not have."""
    missing = [name for name in names if name not in table.column_names]
    if missing:
        message = f"{what} has no column {', '.join(map(repr, missing[:MOST_SHOWN]))}"
        if len(missing) > MOST_SHOWN:
            message += f" and {len(missing) - MOST_SHOWN} more"
        raise InvalidInputError(message, hint=f"It has {', '.join(table.column_names)}.", missing=missing)


def _column(field: pa.Field) -> Column:
    kind, category = field.type, False
    if pa.types.is_dictionary(kind):
        kind, category = kind.value_type, True
    name = _name_of(kind)
    if name is None:
        message = f"the example's column {field.name!r} has the type {kind}, which no signature can hold"
        raise InvalidInputError(message, hint="Use numbers, booleans, text, bytes or times; or leave it out.")
    return Column(name=field.name, type=name, category=category)


def _name_of(kind: pa.DataType) -> ColumnType | None:
    tests: list[tuple[ColumnType, bool]] = [
        ("boolean", pa.types.is_boolean(kind)),
        ("integer", pa.types.is_integer(kind) and kind.bit_width < 64 and kind != pa.uint32()),  # noqa: PLR2004
        ("long", pa.types.is_integer(kind)),
        ("float", pa.types.is_float16(kind) or pa.types.is_float32(kind)),
        ("double", pa.types.is_float64(kind) or pa.types.is_null(kind)),
        (
            "string",
            pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind),
        ),
        ("binary", pa.types.is_binary(kind) or pa.types.is_large_binary(kind)),
        ("datetime", pa.types.is_timestamp(kind) or pa.types.is_date(kind)),
    ]
    return next((name for name, holds in tests if holds), None)


def _cast(values: pa.ChunkedArray, column: Column) -> pa.ChunkedArray:
    wanted = ARROW_TYPES[column.type]
    if values.type == wanted:
        return values
    if pa.types.is_dictionary(values.type):
        values = pc.cast(values, values.type.value_type)
    allowed = column.type != "string" or _name_of(values.type) == "string" or pa.types.is_null(values.type)
    if pa.types.is_floating(values.type) and not pa.types.is_floating(wanted):
        values = pc.if_else(pc.is_nan(values), pa.scalar(None, values.type), values)
    try:
        if allowed and not (pa.types.is_floating(wanted) and _name_of(values.type) == "string"):
            # A float loses digits to a narrower float as a matter of course; whole numbers must not.
            return pc.cast(values, wanted, safe=not pa.types.is_floating(wanted))
        reason = f"it is {values.type}"
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        reason = str(error)
    message = f"the input's column {column.name!r} is no {column.type}: {reason}"
    raise InvalidInputError(message, hint=f"The model takes {column.type} there.", column=column.name)
