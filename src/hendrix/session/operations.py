"""What can be asked of the graph itself: entities, lineage and events, whatever product wrote them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hendrix.entities import (
    SENTENCES,
    ConflictError,
    Entity,
    Event,
    InvalidInputError,
    Kind,
    Lineage,
    Page,
)
from hendrix.graph import history, latest_key, neighbours, node, walk
from hendrix.session.declaration import Session, operation
from hendrix.session.records import (
    Counts,
    Edit,
    Follow,
    History,
    Links,
    List,
    Nothing,
    Provenance,
    Sentence,
    Show,
    Walk,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST = 1000


@operation("entities.show", permission="entities:read", kind="read")
def show(session: Session, request: Show) -> Entity:
    """Return one entity by reference or id."""
    return session.graph.resolve(request.ref, request.kind)


@operation("entities.list", permission="entities:read", kind="read")
def list_entities(session: Session, request: List) -> Page[Entity]:
    """Return a part of the list of entities, newest first."""
    if not 1 <= request.limit <= MOST:
        message = f"limit is {request.limit}"
        raise InvalidInputError(message, hint=f"Take 1 to {MOST} at a time, and `next` for the rest.")
    graph = session.graph
    container = graph.resolve(request.container, None) if request.container else None
    tag = request.tag.partition("=") if request.tag else None
    return graph.list(
        kind=request.kind,
        project=request.project,
        container=container,
        parent=request.parent,
        state=request.state,
        text=request.text,
        tags={tag[0]: tag[2]} if tag else None,
        facts={"run_kind": request.run_kind} if request.run_kind else None,
        ascending=request.order == "oldest",
        limit=request.limit,
        cursor=request.cursor,
        count=True,
    )


@operation("entities.counts", permission="entities:read", kind="read")
def counts(session: Session, request: Nothing) -> Counts:  # noqa: ARG001 - every operation takes a request
    """Return how many living entities there are of each kind."""
    return Counts(kinds=session.graph.counts())


@operation("entities.edit", permission="entities:write")
def edit(session: Session, request: Edit) -> Entity:
    """Change what people write about an entity: description, owner, tags."""
    graph = session.graph
    found = graph.resolve(request.ref, request.kind)
    changes: dict[str, object] = {"tags": request.tags}
    if request.description is not None:
        changes["description"] = request.description
    if request.owner is not None:
        changes["owner"] = request.owner
    return graph.update(found, verb="edited", **changes)  # type: ignore[arg-type]


@operation("entities.delete", permission="entities:run")
def delete(session: Session, request: Show) -> Entity:
    """Delete an entity softly. What is being served or is running is stopped first."""
    found = session.graph.resolve(request.ref, request.kind)
    if found.kind in {Kind.NAMESPACE, Kind.DEPLOYMENT}:
        message = f"{found.ref} can't be deleted this way"
        raise ConflictError(message, hint="A deployment goes by `hendrix deployment delete NAME`.")
    return session.graph.delete(found)


@operation("entities.provenance", permission="entities:read", kind="read")
def provenance(session: Session, request: Show) -> Provenance:
    """Return where an entity came from and who uses it, one step away, in sentences."""
    root = session.graph.resolve(request.ref, request.kind)
    grouped: dict[tuple[bool, str], list[Entity]] = {}
    for kind, upstream, other in neighbours(session.graph, root):
        label = SENTENCES[kind][0 if upstream else 1]
        grouped.setdefault((not upstream, label), []).append(other)
    return Provenance(
        sentences=tuple(
            Sentence(
                label=label,
                upstream=not down,
                items=tuple(node(item, 1 if down else -1) for item in {item.key: item for item in items}.values()),
            )
            for (down, label), items in sorted(grouped.items())
        )
    )


@operation("lineage.walk", permission="lineage:read", kind="read")
def lineage(session: Session, request: Walk) -> Lineage:
    """Return what lies upstream or downstream of an entity, to a depth."""
    root = session.graph.resolve(request.ref, request.kind)
    return walk(session.graph, root, direction=request.direction, depth=max(0, min(request.depth, 100)))


@operation("lineage.link", permission="lineage:log")
def link(session: Session, request: Links) -> Nothing:
    """Join entities: all of the edges or none."""
    graph = session.graph
    for join in request.links:
        graph.link(join.type, graph.get(join.upstream), graph.get(join.downstream), run=join.run)
    return Nothing()


@operation("events.list", permission="events:read", kind="read")
def events(session: Session, request: History) -> Page[Event]:
    """Return what happened, newest first, to one entity or to all."""
    found = session.graph.resolve(request.ref, request.kind) if request.ref else None
    return history(session.graph, entity=found, limit=max(1, min(request.limit, MOST)), cursor=request.cursor)


@operation("events.stream", permission="events:read", kind="stream")
def follow(session: Session, request: Follow) -> Iterator[Event | None]:
    """Yield events as they are written, from now on; None whenever there is nothing new."""
    with session.reading() as graph:
        after = latest_key(graph)
        entity = graph.resolve(request.ref) if request.ref else None
    while True:
        with session.reading() as graph:
            page = history(graph, entity=entity, after=after)
            after = max(after, latest_key(graph)) if not page.items or page.next is None else int(page.next)
        yield from page.items
        yield None
