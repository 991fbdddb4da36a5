"""Training frames: a spine with the features of its rows, each as of the row's time."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec
import numpy as np
import pyarrow as pa

from hendrix.data import as_table, column_micros, moment_micros, near
from hendrix.data.parquet import read_files
from hendrix.entities import InvalidInputError
from hendrix.features.engine import point_in_time
from hendrix.features.records import FrameView
from hendrix.features.views import listed
from hendrix.session import consumed, progress

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from hendrix.features.engine import ViewColumns
    from hendrix.features.views import FeatureView
    from hendrix.session.reporting import Progress

    Ints: TypeAlias = NDArray[np.int64]

VIEWS = b"hendrix.views"
"""The key of the schema's metadata that says which views are in a frame."""
FEATURE = b"hendrix.feature"
"""The key of a column's metadata that says which feature it is, as `view@version.feature`."""


def training_frame(
    spine: Any, views: FeatureView | Sequence[FeatureView], *, time: str | None = None, at: datetime | None = None
) -> pa.Table:
    """Join a spine with features, each row as of its own time, by what was known then.

    Parameters
    ----------
    spine
        Whose features are wanted, and when: an Arrow, pandas, Polars or DuckDB table with the views' key columns and
        a time. Every row is kept, in order.
    views
        One view or several.
    time
        The spine's column of times (with a time zone); default: "time".
    at
        One moment for all rows instead, with a time zone.

    Returns
    -------
    pyarrow.Table
        The spine's columns, then `<view>__<feature>` for each view. A key that no fact had carried by then, or that
        is null, has null features; the metadata counts them (see `frame_views`).

    Raises
    ------
    InvalidInputError
        When the spine lacks a key or the time, its times have no zone or are null, or names collide.
    DriftError
        When a source's file has changed since its version was registered.
    """
    held = listed(views)
    table = as_table(spine, "the spine")
    _check(table, held)
    moments = _moments(table, time, at)
    by_source: dict[str, list[FeatureView]] = {}
    for view in held:
        by_source.setdefault(view.source.ref, []).append(view)
    with progress("Building the frame", total=len(held)) as bar:
        workers = min(len(by_source), os.cpu_count() or 1) or 1
        with ThreadPoolExecutor(workers, thread_name_prefix="frame") as pool:
            # the largest sources first, so that no long one is left for the end
            order = sorted(by_source.values(), key=lambda group: -group[0].source.rows)
            done = pool.map(lambda group: _join(table, moments, group, bar), order)
            found = {view.name: columns for group in done for view, columns in group}
    consumed(*{view.source.entity.id for view in held}, *{view.graph_entity.id for view in held})
    return _assemble(table, held, found)


def frame_views(frame: pa.Table) -> list[FrameView]:
    """Say which views are in a training frame, and how many of its rows found nothing in each.

    A frame that was sliced or given further columns still says it; one without views says none.
    """
    told = (frame.schema.metadata or {}).get(VIEWS)
    return msgspec.json.decode(told, type=list[FrameView]) if told else []


def _check(table: pa.Table, views: Sequence[FeatureView]) -> None:
    names = [view.name for view in views]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        message = f"feature view {twice!r} is given twice"
        raise InvalidInputError(message, hint="Give each view once.")
    for view in views:
        for key in view.definition.entity.keys:
            if key not in table.column_names:
                message = f"the spine has no column {key!r}, the key of feature view {view.name!r}"
                raise InvalidInputError(message, hint=near(key, table.column_names), column=key, view=view.name)
        taken = next((name for name in view.columns if name in table.column_names), None)
        if taken is not None:
            message = f"the spine already has a column {taken!r}"
            raise InvalidInputError(message, hint=f"Drop or rename it: {view.name!r} brings one.", column=taken)


def _moments(table: pa.Table, time: str | None, at: datetime | None) -> Ints:
    if at is not None:
        if time is not None:
            message = f"both time={time!r} and at={at} are given"
            raise InvalidInputError(message, hint="Give the spine's column of times, or one moment for all rows.")
        return np.full(table.num_rows, moment_micros(at))
    name = time or "time"
    if name not in table.column_names:
        message = f"the spine has no column {name!r} of times"
        stamps = [field.name for field in table.schema if pa.types.is_timestamp(field.type)]
        named = f" It has {', '.join(map(repr, stamps))}." if stamps else ""
        hint = f'Pass time="..." (or at= for one moment).{named}'
        raise InvalidInputError(message, hint=hint, column=name)
    moments, valid = column_micros(table[name], name, "the spine")
    if valid is not None:
        message = f"{int((~valid).sum())} of the spine's {len(valid)} rows have no {name!r}"
        raise InvalidInputError(message, hint="Drop these rows, or give them a time.", column=name)
    return moments


def _join(
    table: pa.Table, moments: Ints, views: Sequence[FeatureView], bar: Progress
) -> list[tuple[FeatureView, ViewColumns]]:
    """Compute the views of one source, which is read once."""
    source = views[0].source
    wanted = list(dict.fromkeys(name for view in views for name in view.source_columns()))
    facts = read_files(source.manifest, source.name, wanted)
    answers = []
    for view in views:
        keys = [table[name] for name in view.definition.entity.keys]
        answers.append((view, point_in_time(view.definition, facts, view.times, keys, moments)))
        bar.advance()
    return answers


def _assemble(table: pa.Table, views: Sequence[FeatureView], found: dict[str, ViewColumns]) -> pa.Table:
    told = []
    for view in views:
        answer = found[view.name]
        for feature, name, column in zip(view.definition.features, view.columns, answer.arrays, strict=True):
            label = f"{view.name}@{view.version}.{feature.name}".encode()
            table = table.append_column(pa.field(name, column.type, metadata={FEATURE: label}), column)
        told.append(
            FrameView(
                view=view.name,
                version=view.version,
                ref=view.ref,
                dataset=view.source.ref,
                keys=view.key_types,
                columns={one.name: name for one, name in zip(view.definition.features, view.columns, strict=True)},
                misses=answer.misses,
            )
        )
    return table.replace_schema_metadata({**(table.schema.metadata or {}), VIEWS: msgspec.json.encode(told)})
