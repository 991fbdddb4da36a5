"""The model registry: versions, aliases, signatures, promotion.

In comes a fitted model with an example of its input, out comes a version that anything can load, evaluate,
promote and serve.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hendrix.lazy import attach

if TYPE_CHECKING:
    from hendrix.models.folder import load, read_facts, save
    from hendrix.models.loaded import LoadedModel
    from hendrix.models.records import Column, FeatureLookup, InputSource, ModelFacts, PinnedView, Signature
    from hendrix.data import as_table

__all__ = [
    "Column",
    "FeatureLookup",
    "InputSource",
    "LoadedModel",
    "ModelFacts",
    "PinnedView",
    "Signature",
    "as_table",
    "load",
    "read_facts",
    "save",
]

__getattr__, __dir__ = attach(
    __name__,
    {
        "folder": ("load", "read_facts", "save"),
        "loaded": ("LoadedModel",),
        "records": ("Column", "FeatureLookup", "InputSource", "ModelFacts", "PinnedView", "Signature"),
        "tables": ("as_table",),
    },
)
