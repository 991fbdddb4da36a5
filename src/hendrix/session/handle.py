"""Handles: what the verbs of the SDK return, with the same few members whatever it is."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from hendrix.entities import DEFAULT_NAMESPACE, Entity, Kind, Lineage, Ref
from hendrix.session.current import client
from hendrix.session.home import read_note
from hendrix.session.operations import delete, edit, lineage, show
from hendrix.session.records import Edit, Show, Walk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID


class Handle:
    """Something in the graph, in the hands of a person.

    Equality and hash are by reference; `entity` is the record as it was last read.
    """

    def __init__(self, entity: Entity) -> None:
        self.entity = entity

    @property
    def id(self) -> UUID:
        """The id: the same in every database."""
        return self.entity.id

    @property
    def name(self) -> str:
        """The name that a person gave it."""
        return self.entity.name

    @property
    def ref(self) -> str:
        """The reference, as in hx://default/model/delay@3."""
        return self.entity.ref

    @property
    def url(self) -> str | None:
        """The page of the portal, where a server runs."""
        return page(self.entity.ref)

    @property
    def tags(self) -> dict[str, str]:
        """The tags, as they were last read."""
        return dict(self.entity.tags)

    def tag(self, **tags: str | None) -> None:
        """Set tags; None takes one away."""
        self.entity = client().call(edit, Edit(ref=str(self.id), tags=tags))

    def describe(self, text: str) -> None:
        """Write the description."""
        self.entity = client().call(edit, Edit(ref=str(self.id), description=text))

    def lineage(self) -> LineageView:
        """Return where it came from and who uses it."""
        return LineageView(self.ref)

    def refresh(self) -> None:
        """Read the record again."""
        self.entity = client().call(show, Show(ref=str(self.id)))

    def delete(self) -> None:
        """Delete it softly: the name is free again, the rows stay."""
        self.entity = client().call(delete, Show(ref=str(self.id)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Handle) and self.ref == other.ref

    def __hash__(self) -> int:
        return hash(self.ref)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {short(self.ref)}>"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left;padding-right:1em;font-weight:500'>{html.escape(name)}</th>"
            f"<td>{html.escape(value)}</td></tr>"
            for name, value in self.rows()
        )
        title = f"<b>{html.escape(self.name)}</b> <code>{html.escape(short(self.ref))}</code>"
        return f"<div style='font:13px system-ui;border:1px solid #8884;padding:.6em 1em;border-radius:6px'>{title}<table>{rows}</table></div>"

    def rows(self) -> Iterator[tuple[str, str]]:
        """Yield what a card in a notebook shows: names and values."""
        yield "state", str(self.entity.state)
        for name, value in self.entity.facts.items():
            if isinstance(value, str | int | float | bool):
                yield name.replace("_", " "), f"{value:.4g}" if isinstance(value, float) else str(value)


class LineageView:
    """Walks along the graph from one entity.

    Parameters
    ----------
    ref
        The reference or id of the entity.
    """

    def __init__(self, ref: str) -> None:
        self.ref = ref

    def upstream(self, depth: int = 10) -> Walked:
        """Return what it came from, back to the raw data."""
        return Walked(self._walk("upstream", depth))

    def downstream(self, depth: int = 10) -> Walked:
        """Return what depends on it."""
        return Walked(self._walk("downstream", depth))

    def _walk(self, direction: Literal["upstream", "downstream"], depth: int) -> Lineage:
        return client().call(lineage, Walk(ref=self.ref, direction=direction, depth=depth))

    def __repr__(self) -> str:
        return f"Upstream of {short(self.ref)}\n{self.upstream()}\n\nDownstream\n{self.downstream()}"


class Walked:
    """The result of a walk: iterable nodes, printed as a tree."""

    def __init__(self, record: Lineage) -> None:
        self.record = record

    def __iter__(self) -> Iterator[Any]:
        return iter(node for node in self.record.nodes if node.id != self.record.root)

    def __len__(self) -> int:
        return len(self.record.nodes) - 1

    def kinds(self) -> set[Kind]:
        """Return the kinds of what was reached."""
        return {node.kind for node in self}

    def __repr__(self) -> str:
        return "\n".join(tree(self.record)) or "nothing"


def tree(record: Lineage) -> Iterator[str]:
    """Yield a walk as lines of an indented tree; what was shown before is not opened again."""
    nodes = {node.id: node for node in record.nodes}
    upstream = any(node.depth < 0 for node in record.nodes)
    below: dict[UUID, list[tuple[str, UUID]]] = {}
    for edge in record.edges:
        near, far = (edge.downstream, edge.upstream) if upstream else (edge.upstream, edge.downstream)
        below.setdefault(near, []).append((str(edge.type).replace("_", " "), far))
    seen = {record.root}

    def lines(identity: UUID, indent: str) -> Iterator[str]:
        children = list(dict.fromkeys(below.get(identity, [])))
        for position, (word, child) in enumerate(children):
            last = position == len(children) - 1
            again = child in seen and below.get(child)
            node = nodes[child]
            label = short(node.ref) if node.version is not None or node.kind is not Kind.RUN else node.name
            detail = f" ({node.detail})" if node.detail else ""
            kind = str(node.kind).replace("_", " ")
            yield f"{indent}{'└─' if last else '├─'} {word} {kind} {label}{detail}{' …' if again else ''}"
            if child not in seen:
                seen.add(child)
                yield from lines(child, indent + ("   " if last else "│  "))

    yield from lines(record.root, "")


def page(ref: str) -> str | None:
    """Return the address of an entity's page in the portal, or None where no server is known."""
    here = client()
    note = None if here.url else read_note(here.home)
    base = here.url or (note.url if note else None)
    return f"{base}{page_path(ref)}" if base else None


def page_path(ref: str) -> str:
    """Return the portal's path of an entity: /model/delay@3, or below /hx/ for another namespace."""
    parsed = Ref.parse(ref)
    selected = f"@{quote(parsed.selector, safe='')}" if parsed.selector else ""
    path = f"/{parsed.kind}/{quote(parsed.name, safe='')}{selected}"
    return path if parsed.namespace == DEFAULT_NAMESPACE else f"/hx/{quote(parsed.namespace, safe='')}{path}"


def short(ref: str) -> str:
    """Return a reference as people say it: `delay@3`, or the first digits of a run's id."""
    parsed = Ref.parse(ref)
    if parsed.kind in {Kind.RUN, Kind.EVALUATION, Kind.LOGGED_MODEL}:
        return parsed.name[:12]
    return f"{parsed.name}@{parsed.selector}" if parsed.selector else parsed.name
