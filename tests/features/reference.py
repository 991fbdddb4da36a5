"""The rules of "Time in features" in plain Python, one fact at a time, sharing no code with the engine."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime, timedelta

Row = dict[str, Any]


def features_at(
    facts: list[Row],
    key: tuple[Any, ...],
    at: datetime,
    features: list[tuple[str, str | None, timedelta | None]],
    *,
    keys: list[str],
    timestamp: str | None,
    known_at: str | None,
) -> list[Any]:
    """Compute (aggregate, column, window) features for one key at one time."""
    if any(part is None for part in key):
        return [None] * len(features)
    counting = []
    for position, fact in enumerate(facts):
        if tuple(fact[name] for name in keys) != key:
            continue
        event = fact[timestamp] if timestamp else None
        known = fact[known_at] if known_at else event
        if (timestamp and (event is None or event > at)) or (known_at and (known is None or known > at)):
            continue
        counting.append((event, known, position, fact))
    if not counting:
        return [None] * len(features)

    def rank(item: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(part for part in item[:3] if part is not None)

    answers: list[Any] = []
    for aggregate, column, window in features:
        inside = [item for item in counting if window is None or not timestamp or item[0] > at - window]
        values = [item[3][column] for item in inside] if column else inside
        present = [value for value in values if value is not None]
        if aggregate == "last":
            answers.append(max(inside, key=rank)[3][column] if inside else None)
        elif aggregate == "count":
            answers.append(len(present))
        else:
            answers.append(math.fsum(present) / len(present) if present else None)
    return answers
