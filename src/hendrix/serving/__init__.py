"""Serving: a model version behind a real HTTP endpoint.

In come a model version from the registry and a name. Out comes a deployment: a process that answers over the Open
Inference Protocol v2 and MLflow's `/invocations`, looks the online features up itself, tells its live numbers, and
logs every prediction. One process serves one deployment; the agent owns it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hendrix.lazy import attach

if TYPE_CHECKING:
    from hendrix.serving.access import Access
    from hendrix.serving.core import InferenceCore
    from hendrix.serving.handles import Deployment, deploy, deployment, deployments
    from hendrix.serving.prediction_log import PredictionLog, read_predictions
    from hendrix.serving.records import (
        InputColumn,
        KeyColumn,
        Observed,
        OutputColumn,
        Served,
        ServingSpec,
        ServingStats,
        ViewKeys,
        WorkerOrder,
        WorkerStatus,
    )

__all__ = [
    "Access",
    "Deployment",
    "InferenceCore",
    "InputColumn",
    "KeyColumn",
    "Observed",
    "OutputColumn",
    "PredictionLog",
    "Served",
    "ServingSpec",
    "ServingStats",
    "ViewKeys",
    "WorkerOrder",
    "WorkerStatus",
    "deploy",
    "deployment",
    "deployments",
    "read_predictions",
]

__getattr__, __dir__ = attach(
    __name__,
    {
        "access": ("Access",),
        "core": ("InferenceCore",),
        "handles": ("Deployment", "deploy", "deployment", "deployments"),
        "prediction_log": ("PredictionLog", "read_predictions"),
        "records": (
            "InputColumn",
            "KeyColumn",
            "Observed",
            "OutputColumn",
            "Served",
            "ServingSpec",
            "ServingStats",
            "ViewKeys",
            "WorkerOrder",
            "WorkerStatus",
        ),
    },
)
