"""Which way each metric is better."""

from __future__ import annotations

HIGHER_IS_BETTER: dict[str, bool] = {
    "auc": True,
    "log_loss": False,
    "brier": False,
    "accuracy": True,
    "precision": True,
    "recall": True,
    "calibration_error": False,
}
"""The base rate is neither."""


def is_better(name: str, candidate: float, baseline: float) -> bool | None:
    """Say whether a metric's value is better than another; None when equal or without a better side."""
    higher = HIGHER_IS_BETTER.get(name)
    if higher is None or candidate == baseline:
        return None
    return (candidate > baseline) == higher
