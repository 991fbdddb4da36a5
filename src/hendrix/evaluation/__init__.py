"""How good a model is, on which rows, and how sure we can be.

In come scores (or a model version) and a table with outcomes; out comes an `Evaluation`: metrics with
confidence intervals, overall and per slice, and the calibration. `ScoreCounts` is the mergeable form, for
data that lies in parts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hendrix.lazy import attach

if TYPE_CHECKING:
    from hendrix.evaluation.assessment import report
    from hendrix.evaluation.better import HIGHER_IS_BETTER, is_better
    from hendrix.evaluation.binary import metrics
    from hendrix.evaluation.comparison import compare
    from hendrix.evaluation.counts import ScoreCounts
    from hendrix.evaluation.gate import BeatsChampion
    from hendrix.evaluation.records import CalibrationBin, Comparison, Difference, Evaluation, Metric, Slice
    from hendrix.evaluation.reliability import calibration
    from hendrix.evaluation.verbs import Report, evaluate

__all__ = [
    "HIGHER_IS_BETTER",
    "BeatsChampion",
    "CalibrationBin",
    "Comparison",
    "Difference",
    "Evaluation",
    "Metric",
    "Report",
    "ScoreCounts",
    "Slice",
    "calibration",
    "compare",
    "evaluate",
    "is_better",
    "metrics",
    "report",
]

__getattr__, __dir__ = attach(
    __name__,
    {
        "reliability": ("calibration",),
        "verbs": ("Report", "evaluate"),
        "comparison": ("compare",),
        "better": ("HIGHER_IS_BETTER", "is_better"),
        "counts": ("ScoreCounts",),
        "binary": ("metrics",),
        "gate": ("BeatsChampion",),
        "records": ("CalibrationBin", "Comparison", "Difference", "Evaluation", "Metric", "Slice"),
        "assessment": ("report",),
    },
)
