"""Lineage: walks along the edges, one statement a level with the frontier as parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa

from hendrix.entities import Edge, EdgeType, Entity, Lineage, Node
from hendrix.graph import schema
from hendrix.graph.encoding import moment
from hendrix.graph.reading import CHUNK

if TYPE_CHECKING:
    from hendrix.graph.reading import Reading

Direction = Literal["upstream", "downstream", "both"]
NODES = 2_000
"""How many entities one walk returns at most: beyond it the answer says that it was cut."""


def walk(graph: Reading, root: Entity, *, direction: Direction = "both", depth: int = 10) -> Lineage:
    """Return what lies upstream (where it came from), downstream (who uses it), or both.

    Parameters
    ----------
    depth
        How many edges away at most.
    """
    depths: dict[int, int] = {root.key: 0}
    found: dict[int, sa.Row[Any]] = {}
    truncated = False
    for sign in {"upstream": (-1,), "downstream": (1,), "both": (-1, 1)}[direction]:
        frontier = [root.key]
        for level in range(1, depth + 1):
            reached: list[int] = []
            for row in _edges(graph, frontier, upstream=sign < 0):
                found[row.key] = row
                other = row.upstream if sign < 0 else row.downstream
                if other not in depths:
                    if len(depths) >= NODES:
                        truncated = True
                        continue
                    depths[other] = sign * level
                    reached.append(other)
            frontier = reached
            if not frontier:
                break
    entities = graph.by_keys(depths)
    edges = [row for row in found.values() if row.upstream in entities and row.downstream in entities]
    runs = graph.by_keys({row.run for row in edges if row.run})
    return Lineage(
        root=root.id,
        nodes=tuple(node(entities[key], depth) for key, depth in depths.items() if key in entities),
        edges=tuple(
            Edge(
                type=EdgeType(row.type),
                upstream=entities[row.upstream].id,
                downstream=entities[row.downstream].id,
                run=runs[row.run].id if row.run in runs else None,
                created_at=moment(row.created_at),
            )
            for row in edges
        ),
        truncated=truncated,
    )


def neighbours(graph: Reading, root: Entity) -> list[tuple[EdgeType, bool, Entity]]:
    """Return the entities one edge away: the edge's type, whether the other end is upstream, and that end."""
    rows = [(row, True) for row in _edges(graph, [root.key], upstream=True)]
    rows += [(row, False) for row in _edges(graph, [root.key], upstream=False)]
    known = graph.by_keys({row.upstream if up else row.downstream for row, up in rows})
    return [(EdgeType(row.type), up, known[row.upstream if up else row.downstream]) for row, up in rows]


def node(entity: Entity, depth: int) -> Node:
    """Return an entity as lineage shows it."""
    return Node(
        id=entity.id,
        ref=entity.ref,
        kind=entity.kind,
        name=entity.name,
        version=entity.version,
        state=entity.state,
        depth=depth,
        detail=str(entity.facts.get("run_kind", "")) or ", ".join(entity.aliases),
    )


def _edges(graph: Reading, keys: list[int], *, upstream: bool) -> list[sa.Row[Any]]:
    e = schema.edge.c
    near = e.downstream if upstream else e.upstream
    rows: list[sa.Row[Any]] = []
    for begin in range(0, len(keys), CHUNK):
        query = sa.select(e.key, e.type, e.upstream, e.downstream, e.run, e.created_at)
        rows.extend(graph.connection.execute(query.where(near.in_(keys[begin : begin + CHUNK])).order_by(e.key)))
    return rows
