"""Every seam on one page: where the platform's own parts are listed, and where yours plug in.

Yours are found by entry points of the same names, in any installed distribution:

    [project.entry-points."hendrix.operations"]
    mine = "my_package.operations"

- `hendrix.operations`: a module whose operations the server offers.
- `hendrix.gates`: a `hendrix.models.Gate` that a promotion must pass.
"""

from __future__ import annotations

import importlib
from importlib.metadata import entry_points
from typing import Any

OPERATIONS: tuple[str, ...] = (
    "hendrix.session.operations",
    "hendrix.session.runs",
    "hendrix.compute.operations",
    "hendrix.data.operations",
    "hendrix.features.operations",
    "hendrix.tracking.operations",
    "hendrix.models.operations",
    "hendrix.evaluation.operations",
    "hendrix.serving.operations",
    "hendrix.workflows.operations",
)
"""Modules of the platform's own operations."""

GATES: tuple[str, ...] = ("hendrix.evaluation.gate:BeatsChampion",)
"""The platform's own gates on promotion, by dotted path and name."""


def modules(group: str, own: tuple[str, ...]) -> list[Any]:
    """Import the platform's own modules and those that were plugged in."""
    return [importlib.import_module(name) for name in own] + [point.load() for point in entry_points(group=group)]


def objects(group: str, own: tuple[str, ...]) -> list[Any]:
    """Import the platform's own objects (`module:name`) and those that were plugged in."""
    found = []
    for path in own:
        module, _, name = path.partition(":")
        found.append(getattr(importlib.import_module(module), name))
    return found + [point.load() for point in entry_points(group=group)]
