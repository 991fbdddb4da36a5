"""The language of the platform: kinds, references, edges, events and errors.

Pure data: this room imports nothing of ours, and everything else speaks in its words.
"""

from __future__ import annotations

from hendrix.entities.errors import (
    ConflictError,
    DriftError,
    HendrixError,
    InvalidInputError,
    MissingExtraError,
    NotFoundError,
    RefusedError,
    UnauthenticatedError,
    UnavailableError,
)
from hendrix.entities.identity import (
    DEFAULT_NAMESPACE,
    DEFAULT_NAMESPACE_ID,
    Ref,
    check_alias,
    check_name,
    has_versions,
    new_id,
    reference,
)
from hendrix.entities.kinds import (
    CONTAINER_OF,
    ENDED,
    NAMED,
    SENTENCES,
    VERSIONS,
    EdgeType,
    Kind,
    RunKind,
    State,
)
from hendrix.entities.records import Edge, Entity, Event, Lineage, Node, Page, utc_now

__all__ = [
    "CONTAINER_OF",
    "DEFAULT_NAMESPACE",
    "DEFAULT_NAMESPACE_ID",
    "ENDED",
    "NAMED",
    "SENTENCES",
    "VERSIONS",
    "ConflictError",
    "DriftError",
    "Edge",
    "EdgeType",
    "Entity",
    "Event",
    "HendrixError",
    "InvalidInputError",
    "Kind",
    "Lineage",
    "MissingExtraError",
    "Node",
    "NotFoundError",
    "Page",
    "Ref",
    "RefusedError",
    "RunKind",
    "State",
    "UnauthenticatedError",
    "UnavailableError",
    "check_alias",
    "check_name",
    "has_versions",
    "new_id",
    "reference",
    "utc_now",
]
