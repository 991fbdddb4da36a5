"""Whatever people call a table, read as Arrow."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from hendrix.entities import InvalidInputError


def as_table(frame: Any, what: str = "the table") -> pa.Table:
    """Read a table as Arrow, without a copy where the formats allow it.

    Parameters
    ----------
    frame
        An Arrow table, batch or reader, a pandas or Polars frame (a pandas index is left out, a Polars
        LazyFrame is collected), a DuckDB relation, anything with `__arrow_c_stream__`, a mapping of columns,
        a list of rows as mappings, or a NumPy array of shape (rows, columns), whose columns are then named
        "0", "1", ...
    what
        What it is, as the error should call it.

    Raises
    ------
    InvalidInputError
        When it is none of these, or its columns don't fit together.
    """
    try:
        table = _read(frame)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, ValueError) as error:
        message = f"{what} can't be read as a table: {error}"
        raise InvalidInputError(message, hint="Pass columns of equal length, each of one type.") from error
    if table is None:
        message = f"{what} must be a table, not {type(frame).__name__}"
        raise InvalidInputError(message, hint="Pass an Arrow, pandas, Polars or DuckDB table, or a mapping of columns.")
    return table


def _read(frame: Any) -> pa.Table | None:  # noqa: C901, PLR0911 - one line for each kind of table
    if isinstance(frame, pa.Table):
        return frame
    if isinstance(frame, pa.RecordBatch):
        return pa.Table.from_batches([frame])
    pandas, polars = sys.modules.get("pandas"), sys.modules.get("polars")
    if pandas is not None and isinstance(frame, pandas.DataFrame):
        return pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    if polars is not None and isinstance(frame, polars.LazyFrame):
        frame = frame.collect()
    if polars is not None and isinstance(frame, polars.DataFrame):
        return frame.to_arrow()
    if hasattr(frame, "__arrow_c_stream__"):
        return pa.table(frame)
    if hasattr(frame, "to_arrow_table"):
        return _read(frame.to_arrow_table())
    if isinstance(frame, np.ndarray) and frame.ndim == 2:  # noqa: PLR2004 - rows and columns
        return pa.table({str(place): frame[:, place] for place in range(frame.shape[1])})
    if isinstance(frame, Mapping):
        return pa.table(dict(frame))
    if isinstance(frame, Sequence) and frame and all(isinstance(row, Mapping) for row in frame):
        return pa.Table.from_pylist(list(frame))
    return None
