"""What is asked of the graph itself, by every product and by the portal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from hendrix.entities import EdgeType, Kind, Node, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """One entity: a reference (`hx://...`), an id, or with `kind` a short name."""

    ref: str
    kind: Kind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class List:
    """A part of the list of entities, newest first. `tag` is `name=value`; `run_kind` only fits runs."""

    kind: Kind | None = None
    project: str | None = None
    container: str | None = None
    parent: UUID | None = None
    state: State | None = None
    run_kind: str | None = None
    text: str | None = None
    tag: str | None = None
    order: Literal["newest", "oldest"] = "newest"
    limit: int = 100
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """A request without anything to say, or an answer without anything to tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many living entities there are of each kind."""

    kinds: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """The part of the graph around one entity."""

    ref: str
    kind: Kind | None = None
    direction: Literal["upstream", "downstream", "both"] = "both"
    depth: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence of provenance: `Read: flights 1, weather 1`."""

    label: str
    upstream: bool
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where an entity came from and who uses it, one step away, in sentences."""

    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One join to make, the way that the data flows. Both ends are ids."""

    type: EdgeType
    upstream: UUID
    downstream: UUID
    run: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Joins to make together: all or none."""

    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A change that a person makes: what is None stays, a tag with the value None goes."""

    ref: str
    kind: Kind | None = None
    description: str | None = None
    owner: str | None = None
    tags: dict[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Events of one entity (`ref`) or of all, newest first."""

    ref: str | None = None
    kind: Kind | None = None
    limit: int = 50
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """Events as they are written, from now on."""

    ref: str | None = None
