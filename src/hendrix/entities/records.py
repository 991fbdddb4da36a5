"""The records that every product shares: entities, edges, events, and pages of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from hendrix.entities.kinds import EdgeType, Kind, State

T = TypeVar("T")


def utc_now() -> datetime:
    """Return the present instant in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """Anything that the platform knows: who made it, when, of what kind, in which state.

    `facts` are the kind's own JSON values, `observed` what a running process last said of itself.
    `key` is a whole number of this one database; identity across databases is `id`.
    """

    id: UUID
    key: int
    ref: str
    kind: Kind
    namespace: str
    name: str
    state: State
    version: int | None = None
    container: str | None = None
    project: str | None = None
    parent: UUID | None = None
    owner: str | None = None
    description: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    digest: str | None = None
    aliases: tuple[str, ...] = ()
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    started_at: datetime | None = None
    ended_at: datetime | None = None
    deleted_at: datetime | None = None
    observed: dict[str, Any] | None = None
    observed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One join between two entities, pointing the way that the data flows. Ends are ids."""

    type: EdgeType
    upstream: UUID
    downstream: UUID
    run: UUID | None = None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """An entity as lineage shows it. One of a namespace that the reader may not see has no name."""

    id: UUID
    ref: str
    kind: Kind
    name: str
    version: int | None
    state: State
    depth: int
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """A part of the graph around one entity: depth 0 is the entity, negative depths lie upstream."""

    root: UUID
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    truncated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One change: who, when, what, with the digests of the entity before and after it.

    `sequence` is the place in the sealed order; an event that is not yet sealed has none.
    """

    id: UUID
    kind: str
    entity: UUID | None
    entity_ref: str | None
    entity_name: str | None
    entity_kind: Kind | None
    principal: str
    recorded_at: datetime
    occurred_at: datetime
    before: str | None
    after: str | None
    digest: str
    sequence: int | None
    payload: dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """A part of a long list, and where the next part begins (None: this is the last)."""

    items: tuple[T, ...]
    next: str | None = None
    total: int | None = None
