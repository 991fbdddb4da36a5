"""Serving: a model version behind a real HTTP endpoint.

In come a loaded model, what it takes and where each value comes from (`ServingSpec`), and the online store's
reader. Out come answers over the Open Inference Protocol v2 and MLflow's `/invocations`, live numbers, and a log of
every prediction. One process serves one deployment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hendrix.lazy import attach

if TYPE_CHECKING:
    from hendrix.serving.access import Access as Access
    from hendrix.serving.core import InferenceCore as InferenceCore
    from hendrix.serving.prediction_log import PredictionLog as PredictionLog
    from hendrix.serving.prediction_log import read_predictions as read_predictions
    from hendrix.serving.records import InputColumn as InputColumn
    from hendrix.serving.records import KeyColumn as KeyColumn
    from hendrix.serving.records import OutputColumn as OutputColumn
    from hendrix.serving.records import Served as Served
    from hendrix.serving.records import ServingSpec as ServingSpec
    from hendrix.serving.records import ServingStats as ServingStats
    from hendrix.serving.records import ViewKeys as ViewKeys

__getattr__, __dir__ = attach(
    __name__,
    {
        "access": ("Access",),
        "core": ("InferenceCore",),
        "prediction_log": ("PredictionLog", "read_predictions"),
        "records": (
            "InputColumn",
            "KeyColumn",
            "OutputColumn",
            "Served",
            "ServingSpec",
            "ServingStats",
            "ViewKeys",
        ),
    },
)
