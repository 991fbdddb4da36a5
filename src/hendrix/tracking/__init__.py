"""Tracked runs: params, metrics, artifacts of a program, and the lineage of whatever it touched.

In comes what a program says while it works; out come runs that can be found, drawn and compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hendrix.lazy import attach

if TYPE_CHECKING:
    from hendrix.tracking.tracked import Run, run
    from hendrix.tracking.view import lineage

__all__ = ["Run", "lineage", "run"]

__getattr__, __dir__ = attach(__name__, {"tracked": ("Run", "run"), "view": ("lineage",)})
