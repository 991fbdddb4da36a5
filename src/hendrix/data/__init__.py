"""Datasets: Parquet files under a name, in versions that say exactly which bytes they are.

In come paths, out come registered versions and their rows as Arrow tables. A version is a manifest (path, size,
time, SHA-256 and rows of every file), the columns, and which of them are times: `timestamp`, when something
happened, and `known_at`, since when it is known. Files that no longer hold what was registered are an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hendrix.lazy import attach

if TYPE_CHECKING:
    from hendrix.data.arrays import to_arrow, to_numpy, validity
    from hendrix.data.datasets import Dataset, dataset
    from hendrix.data.naming import near
    from hendrix.data.records import Column, FileEntry, Manifest
    from hendrix.data.tables import as_table
    from hendrix.data.time_columns import column_micros, require_aware
    from hendrix.data.times import BEGINNING, micros_moment, moment_micros, now_micros

__all__ = [
    "BEGINNING",
    "Column",
    "Dataset",
    "FileEntry",
    "Manifest",
    "as_table",
    "column_micros",
    "dataset",
    "micros_moment",
    "moment_micros",
    "near",
    "now_micros",
    "require_aware",
    "to_arrow",
    "to_numpy",
    "validity",
]

__getattr__, __dir__ = attach(
    __name__,
    {
        "arrays": ("to_arrow", "to_numpy", "validity"),
        "datasets": ("Dataset", "dataset"),
        "naming": ("near",),
        "records": ("Column", "FileEntry", "Manifest"),
        "tables": ("as_table",),
        "time_columns": ("column_micros", "require_aware"),
        "times": ("BEGINNING", "micros_moment", "moment_micros", "now_micros"),
    },
)
