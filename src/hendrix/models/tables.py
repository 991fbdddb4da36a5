"""Whatever people call a table, read as Arrow."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from hendrix.entities.errors import InvalidInputError


def as_table(frame: Any) -> pa.Table:
    """Read a table as Arrow, without a copy where the formats allow it.

    Parameters
    ----------
    frame
        An Arrow table or record batch, a pandas or Polars frame (a pandas index is left out), anything with
        `__arrow_c_stream__` or `to_arrow_table`, a mapping of columns, a list of rows as mappings, or a
        NumPy array of shape (rows, columns), whose columns are then named "0", "1", ...

    Raises
    ------
    InvalidInputError
        When it is none of these, or its columns don't fit together.
    """
    try:
        return _read(frame)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, ValueError) as error:
        message = f"the {type(frame).__name__} can't be read as a table: {error}"
        raise InvalidInputError(message, hint="pass columns of equal length, each of one type") from error


def _read(frame: Any) -> pa.Table:  # noqa: PLR0911 - one line for each kind of table
    if isinstance(frame, pa.Table):
        return frame
    if isinstance(frame, pa.RecordBatch):
        return pa.Table.from_batches([frame])
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(frame, pandas.DataFrame):
        table = pa.Table.from_pandas(frame, preserve_index=False)
        return table.replace_schema_metadata(None)
    polars = sys.modules.get("polars")
    if polars is not None and isinstance(frame, polars.DataFrame):
        return frame.to_arrow()
    if hasattr(frame, "to_arrow_table"):
        return _read(frame.to_arrow_table())
    if hasattr(frame, "__arrow_c_stream__"):
        return pa.table(frame)
    if isinstance(frame, np.ndarray) and frame.ndim == 2:  # noqa: PLR2004 - rows and columns
        return pa.table({str(place): frame[:, place] for place in range(frame.shape[1])})
    if isinstance(frame, Mapping):
        # NaN of a NumPy column is a missing value, as in pandas.
        return pa.table({str(name): _array(values) for name, values in frame.items()})
    if isinstance(frame, Sequence) and frame and all(isinstance(row, Mapping) for row in frame):
        return pa.Table.from_pylist(list(frame))
    message = f"a table is needed, not {type(frame).__name__}"
    raise InvalidInputError(message, hint="pass an Arrow, pandas or Polars table, or a mapping of columns")


def _array(values: Any) -> Any:
    return pa.array(values, from_pandas=True) if isinstance(values, np.ndarray) else values
