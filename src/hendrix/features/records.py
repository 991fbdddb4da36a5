"""The records of this room: entities, features and view definitions. Plain data, no heavy imports."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from hendrix.entities import Entity

Aggregate = Literal["last", "mean", "count"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityKeys:
    """What features are about: a name and the columns that identify one of it.

    Parameters
    ----------
    name
        Such as "carrier" or "route".
    keys
        The key columns, in order; the spine and the source call them the same.
    """

    name: str
    keys: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One column of a view: an aggregate of a source's column over a window.

    Parameters
    ----------
    name
        The column's name inside its view.
    aggregate
        "last", "mean" or "count".
    column
        The source's column; None only for "count", which then counts facts.
    window_us
        The window's length in microseconds; None for a plain column, whose window is the view's TTL.
    """

    name: str
    aggregate: Aggregate
    column: str | None = None
    window_us: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewDefinition:
    """A feature view as plain data; two views with the same digest compute the same.

    Parameters
    ----------
    name
        The view's name; its features appear as `<view>__<feature>`.
    entity
        Whose features they are.
    source
        The dataset's name.
    features
        In the order in which they appear.
    ttl_us
        How old the event behind a plain column may be, in microseconds; None: no limit.
    """

    name: str
    entity: EntityKeys
    source: str
    features: list[Feature]
    ttl_us: int | None = None

    @property
    def digest(self) -> str:
        """The SHA-256 of the definition's canonical JSON, as hex."""
        text = json.dumps(asdict(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def columns(self) -> list[str]:
        """The names that the features have in a frame: `<view>__<feature>`."""
        return [f"{self.name}__{feature.name}" for feature in self.features]

    def span_us(self, feature: Feature) -> int | None:
        """Give the window that a feature looks back over, in microseconds; None: no limit."""
        return self.ttl_us if feature.window_us is None else feature.window_us


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeColumns:
    """Where a source keeps its times.

    Parameters
    ----------
    timestamp
        The column of event times; None: the source never expires.
    known_at
        The column that says since when a fact is known; None: since its event time.
    """

    timestamp: str | None = None
    known_at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Misses:
    """How many rows of a spine or a request found no entity in a view.

    Parameters
    ----------
    unseen
        Rows whose key no fact had carried by then.
    null_keys
        Rows with a null in a key column.
    """

    unseen: int
    null_keys: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameView:
    """What a training frame says of a view in it.

    Parameters
    ----------
    view, version
        Which view.
    ref
        Its version's reference.
    dataset
        The reference of the dataset version that it was computed from.
    keys
        Its key columns and their Arrow types, as text.
    columns
        The frame's column for each feature.
    misses
        How many of the spine's rows found nothing.
    """

    view: str
    version: int
    ref: str
    dataset: str
    keys: dict[str, str]
    columns: dict[str, str]
    misses: Misses


@dataclass(frozen=True, slots=True, kw_only=True)
class Define:
    """What defines a view.

    Parameters
    ----------
    definition
        As plain data.
    source
        The reference of the dataset version that it is computed from.
    description
        In a sentence; None: as it was.
    project
        The project that the view belongs to, set when it is made.
    """

    definition: ViewDefinition
    source: str
    description: str | None = None
    project: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Defined:
    """A defined view.

    Parameters
    ----------
    version
        The view version's entity.
    made
        Whether it is new; else the latest said the same.
    """

    version: Entity
    made: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Materialization:
    """A view in the online store.

    Parameters
    ----------
    view
        The reference of its version.
    dataset
        The reference of the dataset version that it was computed from.
    at
        The earliest moment that it answers for, UTC.
    entities
        How many keys are stored.
    """

    view: str
    dataset: str
    at: datetime
    entities: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What loads a materialization that was sent as an artifact.

    Parameters
    ----------
    digest
        Of its file.
    """

    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What was loaded.

    Parameters
    ----------
    entities
        How many keys.
    """

    entities: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFeatures:
    """What reads online features.

    Parameters
    ----------
    views
        "name" (the version materialized last) or "name@2".
    keys
        Key column to values, one a row; times and dates in ISO 8601.
    at
        The moment to read as of; None: now.
    """

    views: list[str]
    keys: dict[str, list[Any]]
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureAnswer:
    """Online features.

    Parameters
    ----------
    columns
        `"view.feature"` to values, one a row, null where nothing is known; times and durations as the column's whole
        units since 1970, dates as days.
    types
        The Arrow type of each, as text.
    unseen
        Per view, the rows whose key is null or unseen.
    definitions
        Per view, the digest of the definition that was materialized.
    at
        The moment that was read as of.
    """

    columns: dict[str, list[Any]]
    types: dict[str, str]
    unseen: dict[str, int]
    definitions: dict[str, str]
    at: datetime
