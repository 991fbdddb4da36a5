"""The model registry: versions, aliases, signatures, promotion.

In comes a fitted model with an example of its input, out comes a version that anything can load, evaluate,
promote and serve.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hendrix.lazy import attach

if TYPE_CHECKING:
    from hendrix.models.folder import load, read_facts, save
    from hendrix.models.handles import ModelVersion, log_model, model, promote
    from hendrix.models.loaded import LoadedModel
    from hendrix.models.promotion import facts_of, version_of
    from hendrix.models.records import (
        Candidacy,
        Column,
        Evaluated,
        FeatureLookup,
        InputSource,
        ModelFacts,
        PinnedView,
        Promotion,
        Signature,
        Verdict,
    )
    from hendrix.models.seams import Gate
    from hendrix.models.signature import require_columns

__all__ = [
    "Candidacy",
    "Column",
    "Evaluated",
    "FeatureLookup",
    "Gate",
    "InputSource",
    "LoadedModel",
    "ModelFacts",
    "ModelVersion",
    "PinnedView",
    "Promotion",
    "Signature",
    "Verdict",
    "facts_of",
    "load",
    "log_model",
    "model",
    "promote",
    "read_facts",
    "require_columns",
    "save",
    "version_of",
]

__getattr__, __dir__ = attach(
    __name__,
    {
        "folder": ("load", "read_facts", "save"),
        "handles": ("ModelVersion", "log_model", "model", "promote"),
        "loaded": ("LoadedModel",),
        "promotion": ("facts_of", "version_of"),
        "records": (
            "Candidacy",
            "Column",
            "Evaluated",
            "FeatureLookup",
            "InputSource",
            "ModelFacts",
            "PinnedView",
            "Promotion",
            "Signature",
            "Verdict",
        ),
        "seams": ("Gate",),
        "signature": ("require_columns",),
    },
)
