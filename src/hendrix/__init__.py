"""Hendrix: from an idea to a model in production, in one place.

    import hendrix as hx

The public surface, each name imported when it is first used. `hx.connect(...)` chooses a state folder or a
server; without it, the environment, hendrix.toml and the nearest `.hendrix` folder decide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hendrix.lazy import attach

if TYPE_CHECKING:
    from hendrix import compute, features, workflows
    from hendrix.data import Dataset, dataset
    from hendrix.entities import HendrixError
    from hendrix.evaluation import evaluate
    from hendrix.features import Entity, FeatureView, feature_view, materialize, training_frame, window
    from hendrix.models import log_model, model, promote
    from hendrix.serving import deploy, deployment
    from hendrix.session import connect
    from hendrix.tracking import lineage, run

__all__ = [
    "Dataset",
    "Entity",
    "FeatureView",
    "HendrixError",
    "compute",
    "connect",
    "dataset",
    "deploy",
    "deployment",
    "evaluate",
    "feature_view",
    "features",
    "lineage",
    "log_model",
    "materialize",
    "model",
    "promote",
    "run",
    "training_frame",
    "window",
    "workflows",
]

__getattr__, __dir__ = attach(
    __name__,
    {
        "hendrix.data": ("Dataset", "dataset"),
        "hendrix.entities": ("HendrixError",),
        "hendrix.evaluation": ("evaluate",),
        "hendrix.features": ("Entity", "FeatureView", "feature_view", "materialize", "training_frame", "window"),
        "hendrix.models": ("log_model", "model", "promote"),
        "hendrix.serving": ("deploy", "deployment"),
        "hendrix.session": ("connect",),
        "hendrix.tracking": ("lineage", "run"),
    },
    rooms=("compute", "features", "workflows"),
)
