"""Parquet files as one table: their common schema, and their columns in file order."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from hendrix.data.files import check_unchanged
from hendrix.data.naming import near
from hendrix.data.time_columns import require_aware
from hendrix.entities import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hendrix.data.records import Manifest
    from hendrix.session.reporting import Progress


def infer_schema(paths: Sequence[Path]) -> tuple[pa.Schema, list[int]]:
    """Read what the files say of themselves.

    Returns
    -------
    tuple
        Their common schema, without metadata, in the first file's order; and the rows of each.

    Raises
    ------
    InvalidInputError
        When a file is no Parquet, the files' columns differ, or none of them holds a row.
    """
    schema: pa.Schema | None = None
    rows: list[int] = []
    for path in paths:
        found, number = _footer(path)
        rows.append(number)
        if schema is None:
            schema = found
        else:
            _check_same(schema, found, paths[0], path)
    if schema is None or not sum(rows):
        message = f"{paths[0] if paths else 'the dataset'} holds no rows"
        raise InvalidInputError(message, hint="Register a dataset once it has data.")
    return schema, rows


def _footer(path: Path) -> tuple[pa.Schema, int]:
    try:
        with pq.ParquetFile(path) as file:
            return file.schema_arrow.remove_metadata(), file.metadata.num_rows
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        message = f"{path} is no Parquet file"
        hint = "Write it as Parquet: pandas frame.to_parquet(path), Polars frame.write_parquet(path)."
        raise InvalidInputError(message, hint=hint, path=str(path)) from error
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> InvalidInputError:
    told = (getattr(error, "strerror", None) or str(error)).splitlines()[0]
    return InvalidInputError(
        f"{path} can't be read: {told}", hint="Check its permissions, or write the file again.", path=str(path)
    )


def _check_same(schema: pa.Schema, found: pa.Schema, first: Path, path: Path) -> None:
    ours, theirs = ({field.name: str(field.type) for field in one} for one in (schema, found))
    if ours == theirs:
        return
    differing = [
        f"{name!r} is {theirs.get(name, 'missing')}, not {ours.get(name, 'there')}"
        for name in dict.fromkeys((*ours, *theirs))
        if ours.get(name) != theirs.get(name)
    ]
    message = f"the columns of {path} differ from those of {first.name}: {'; '.join(differing[:5])}"
    hint = "Write all files of a dataset with the same columns and types, or make two datasets."
    raise InvalidInputError(message, hint=hint, path=str(path))


def check_times(schema: pa.Schema, name: str, **columns: str | None) -> None:
    """Check that the named columns are there and hold times with a zone.

    Parameters
    ----------
    schema
        The dataset's.
    name
        The dataset's, for errors.
    **columns
        The columns by their role, `timestamp` and `known_at`; None: not given.

    Raises
    ------
    InvalidInputError
        Naming the column and the way out.
    """
    for role, column in columns.items():
        if column is None:
            continue
        if column not in schema.names:
            message = f"dataset {name!r} has no column {column!r} ({role})"
            raise InvalidInputError(message, hint=near(column, schema.names), column=column)
        require_aware(schema.field(column).type, column, f"dataset {name!r}")


def read_files(
    manifest: Manifest, dataset: str, columns: Sequence[str] | None = None, bar: Progress | None = None
) -> pa.Table:
    """Read a version's files in order, each checked to be what was registered.

    Parameters
    ----------
    manifest
        Which files.
    dataset
        The dataset's name, for errors.
    columns
        Which columns, in this order; None: all.
    bar
        Told of each file that is read.

    Raises
    ------
    DriftError
        When a file has changed.
    InvalidInputError
        For a column that is not there, or a file whose bytes are damaged.
    """
    known = [column.name for column in manifest.columns]
    wanted = known if columns is None else list(columns)
    for name in wanted:
        if name not in known:
            message = f"dataset {dataset!r} has no column {name!r}"
            raise InvalidInputError(message, hint=near(name, known), column=name)
    pieces = []
    for entry in manifest.files:
        check_unchanged(entry, dataset)
        # not pyarrow.parquet.read_table: that imports pyarrow's dataset layer, 0.6 s; and local files need no
        # reading ahead, which would hold the compressed bytes too
        path = Path(entry.path)
        try:
            with pq.ParquetFile(path, pre_buffer=False) as file:
                pieces.append(file.read(columns=wanted).select(wanted).replace_schema_metadata(None))
        except (pa.ArrowException, OSError) as error:
            raise _unreadable(path, error) from error
        if bar is not None:
            bar.advance()
    return pa.concat_tables(pieces)
