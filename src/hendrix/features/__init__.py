"""Features: defined once, computed as of any moment by what was known then, offline and online alike.

In come datasets and definitions, out come training frames (Arrow) and online answers. The rules of time, which hold
everywhere in this room, in UTC microseconds:

- A fact (a row of a source) has an event time, the dataset's `timestamp`, and a time since when it is known, its
  `known_at` (absent: the event time; null: never). A source without a `timestamp` has no event times: its facts count
  from their known-at time, or always, and never grow old. A fact whose event time is null never counts.
- At a moment t a fact counts if both times have come: known_at <= t and event time <= t.
- A window of length d holds the facts that count and whose event time is in (t - d, t].
- A plain column is `last` over the view's TTL (no TTL: over everything that counts).
- `last` is the value, even a null, of the fact with the latest event time; ties go to the latest known_at, then to the
  last in file order. `mean` leaves nulls out and is null when nothing is left; its sum is exact, rounded once.
  `count` counts facts, or those with a value in a column.
- A key is seen at t once any of its facts counts, at any age: its empty windows then count 0, and their means are null.
  An unseen key, or one with a null in it, has null features, and is counted and reported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hendrix.lazy import attach

if TYPE_CHECKING:
    from hendrix.features import window
    from hendrix.features.frame import frame_views, training_frame
    from hendrix.features.materialization import materialize
    from hendrix.features.online import OnlineReader
    from hendrix.features.records import Feature, FrameView, Materialization, Misses, ViewDefinition
    from hendrix.features.views import Entity, FeatureView, feature_view

__all__ = [
    "Entity",
    "Feature",
    "FeatureView",
    "FrameView",
    "Materialization",
    "Misses",
    "OnlineReader",
    "ViewDefinition",
    "feature_view",
    "frame_views",
    "materialize",
    "training_frame",
    "window",
]

__getattr__, __dir__ = attach(
    __name__,
    {
        "frame": ("frame_views", "training_frame"),
        "materialization": ("materialize",),
        "online": ("OnlineReader",),
        "records": ("Feature", "FrameView", "Materialization", "Misses", "ViewDefinition"),
        "views": ("Entity", "FeatureView", "feature_view"),
    },
    rooms=("window",),
)
