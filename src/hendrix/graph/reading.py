"""Reading the graph: entities by id, key, name and reference, and lists of them."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from hendrix.entities import (
    CONTAINER_OF,
    NAMED,
    Entity,
    InvalidInputError,
    Kind,
    NotFoundError,
    Page,
    Ref,
    State,
    reference,
)
from hendrix.graph import schema
from hendrix.graph.encoding import moment

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

CHUNK = 500
"""How many keys go into one statement: under SQLite's limit of bound values."""


class Reading:
    """What can be asked of the graph in one transaction."""

    def __init__(self, connection: sa.Connection, *, namespace: str, sqlite: bool) -> None:
        self.connection = connection
        self.namespace = namespace
        self.sqlite = sqlite

    # --- the namespace --------------------------------------------------------------------------

    @functools.cached_property
    def _namespace_row(self) -> Any:
        e = schema.entity.c
        row = self.connection.execute(
            sa.select(e.key, e.id).where(e.kind == Kind.NAMESPACE, e.handle == self.namespace)
        ).one_or_none()
        if row is None:
            message = f"there is no namespace {self.namespace!r}"
            raise NotFoundError(message, hint="Use `default`, or ask an administrator to make it.")
        return row

    @property
    def namespace_key(self) -> int:
        """The key of the namespace that this transaction works in."""
        return int(self._namespace_row.key)

    @property
    def namespace_id(self) -> UUID:
        """The id of the namespace that this transaction works in."""
        return UUID(int=self._namespace_row.id.int)

    def key_of_namespace(self, name: str) -> int:
        """Return the key of a namespace by its name."""
        if name == self.namespace:
            return self.namespace_key
        e = schema.entity.c
        key = self.connection.scalar(sa.select(e.key).where(e.kind == Kind.NAMESPACE, e.handle == name))
        if key is None:
            message = f"there is no namespace {name!r}"
            raise NotFoundError(message)
        return int(key)

    # --- one entity -----------------------------------------------------------------------------

    def by_key(self, key: int) -> Entity:
        """Return the entity with a key.

        Raises
        ------
        NotFoundError
            When there is none.
        """
        found = self.by_keys([key])
        if key not in found:
            message = f"no entity has the key {key}"
            raise NotFoundError(message)
        return found[key]

    def by_id(self, identity: UUID) -> Entity | None:
        """Return the entity with an id, deleted ones too, or None."""
        return self._one(schema.entity.c.id == identity)

    def get(self, identity: UUID) -> Entity:
        """Return the entity with an id.

        Raises
        ------
        NotFoundError
            When there is none.
        """
        found = self.by_id(identity)
        if found is None:
            message = f"nothing has the id {identity.hex}"
            raise NotFoundError(message, hint="`hendrix run list` shows what there is.")
        return found

    def key_of(self, identity: UUID) -> int:
        """Return the key of an id."""
        key = self.connection.scalar(sa.select(schema.entity.c.key).where(schema.entity.c.id == identity))
        if key is None:
            message = f"nothing has the id {identity.hex}"
            raise NotFoundError(message)
        return int(key)

    def find(self, kind: Kind, name: str) -> Entity | None:
        """Return the living thing of a kind and name in this namespace, or None."""
        e = schema.entity.c
        return self._one(sa.and_(e.namespace == self.namespace_key, e.kind == kind, e.handle == name))

    def resolve(self, ref: str | Ref | UUID, kind: Kind | None = None) -> Entity:
        """Return what a reference, a short reference (with `kind`) or an id points at.

        `name` alone of a kind with versions is its container; `name@latest`, `name@3`, `name@alias`
        are versions.

        Raises
        ------
        NotFoundError
            When nothing is there; near names are offered.
        """
        if isinstance(ref, UUID):
            return self.get(ref)
        if isinstance(ref, str):
            identity = _as_uuid(ref)
            if identity is not None and (found := self.by_id(identity)) is not None:
                return found
            ref = Ref.parse(ref, kind=kind)
        base = ref.container
        if base not in NAMED:
            identity = _as_uuid(ref.name)
            if identity is None:
                return self._by_prefix(base, ref.name)
            return self.get(identity)
        found = self.find(base, ref.name)
        if found is None:
            raise self._missing(base, ref.name)
        return found if ref.selector is None else self.version(found, ref.selector)

    def version(self, container: Entity, selector: str | int) -> Entity:
        """Return a version of a container by number, by alias, or `latest`.

        Raises
        ------
        NotFoundError
            When the container has no such version; what it has is named.
        """
        e, a = schema.entity.c, schema.alias.c
        word = str(selector)
        number = word.removeprefix("v")
        if word == "latest":
            found = self.latest(container)
        elif number.isdigit():
            found = self._one(sa.and_(e.container == container.key, e.version == int(number)))
        else:
            target = sa.select(a.target).where(a.container == container.key, a.alias == word).scalar_subquery()
            found = self._one(e.key == target)
        if found is None:
            raise self._no_version(container, word)
        return found

    def latest(self, container: Entity) -> Entity | None:
        """Return the newest version of a container that is not deleted, or None."""
        e = schema.entity.c
        newest = (
            sa.select(e.key)
            .where(e.container == container.key, e.deleted_at.is_(None))
            .order_by(e.version.desc())
            .limit(1)
        )
        return self._one(e.key == newest.scalar_subquery())

    def container_key(self, version: Entity) -> int:
        """Return the key of the container of a version."""
        key = self.connection.scalar(sa.select(schema.entity.c.container).where(schema.entity.c.key == version.key))
        if key is None:
            message = f"{version.ref} is no version of anything"
            raise InvalidInputError(message)
        return int(key)

    # --- lists ----------------------------------------------------------------------------------

    def list(  # noqa: C901 - one branch for each filter
        self,
        *,
        kind: Kind | None = None,
        project: str | None = None,
        container: Entity | None = None,
        parent: UUID | None = None,
        state: State | None = None,
        text: str | None = None,
        tags: Mapping[str, str] | None = None,
        facts: Mapping[str, str] | None = None,
        deleted: bool = False,
        ascending: bool = False,
        limit: int = 100,
        cursor: str | None = None,
        count: bool = False,
    ) -> Page[Entity]:
        """Return entities of this namespace, newest first.

        Parameters
        ----------
        text
            Only those whose name contains it, whatever the case.
        facts
            Only those whose facts have these string values.
        cursor
            Where the page before said that the next one begins.
        count
            Whether `total` is counted.
        """
        e = schema.entity.c
        where: list[sa.ColumnElement[bool]] = [e.namespace == self.namespace_key]
        if not deleted:
            where.append(e.deleted_at.is_(None))
        if kind is not None:
            where.append(e.kind == kind)
        if project is not None:
            found = self.find(Kind.PROJECT, project)
            where.append(e.project == (found.key if found else -1))
        if container is not None:
            where.append(e.container == container.key)
        if parent is not None:
            where.append(e.parent == self.key_of(parent))
        if state is not None:
            where.append(e.state == state)
        if text:
            where.append(sa.func.lower(e.name).contains(text.lower(), autoescape=True))
        for name, value in (tags or {}).items():
            t = schema.tag.c
            where.append(sa.exists().where(t.entity == e.key, t.name == name, t.value == value))
        for name, value in (facts or {}).items():
            where.append(self._fact(name) == value)
        query = sa.select(e.key).where(*where)
        if cursor is not None:
            query = query.where(e.key > int(cursor) if ascending else e.key < int(cursor))
        order = e.key.asc() if ascending else e.key.desc()
        keys = self.connection.scalars(query.order_by(order).limit(limit + 1)).all()
        known = self.by_keys(keys[:limit])
        total = (
            self.connection.scalar(sa.select(sa.func.count()).select_from(schema.entity).where(*where))
            if count
            else None
        )
        items = tuple(known[key] for key in keys[:limit])
        return Page(items=items, next=str(keys[limit - 1]) if len(keys) > limit else None, total=total)

    def counts(self) -> dict[str, int]:
        """Return how many living entities of each kind the namespace holds."""
        e = schema.entity.c
        rows = self.connection.execute(
            sa.select(e.kind, sa.func.count())
            .where(e.namespace == self.namespace_key, e.deleted_at.is_(None))
            .group_by(e.kind)
        )
        return {kind: number for kind, number in rows if kind != Kind.NAMESPACE}

    def by_keys(self, keys: Collection[int]) -> dict[int, Entity]:
        """Return entities by their keys, in one round a thousand."""
        wanted = list(keys)
        found: dict[int, Entity] = {}
        for begin in range(0, len(wanted), CHUNK):
            found |= {
                entity.key: entity for entity in self._select(schema.entity.c.key.in_(wanted[begin : begin + CHUNK]))
            }
        return found

    # --- inside ---------------------------------------------------------------------------------

    def _fact(self, name: str) -> sa.ColumnElement[Any]:
        facts = schema.entity.c.facts
        if self.sqlite:
            value: sa.ColumnElement[Any] = sa.func.json_extract(facts, f'$."{name}"')
            return value
        value = sa.cast(facts, JSONB)[name].as_string()
        return value  # noqa: RET504 - the type of the expression is Any

    def _one(self, where: sa.ColumnElement[bool]) -> Entity | None:
        found = self._select(where)
        return found[0] if found else None

    def _select(self, where: sa.ColumnElement[bool]) -> Sequence[Entity]:
        rows = self.connection.execute(_ENTITIES.where(where)).all()
        keys = [row.key for row in rows]
        tags, aliases = self._tags(keys), self._aliases([row.key for row in rows if row.version is not None])
        return [_entity(row, tags.get(row.key, {}), aliases.get(row.key, ())) for row in rows]

    def _tags(self, keys: Sequence[int]) -> dict[int, dict[str, str]]:
        t = schema.tag.c
        found: dict[int, dict[str, str]] = {}
        if keys:
            query = sa.select(t.entity, t.name, t.value).where(t.entity.in_(keys)).order_by(t.name)
            for key, name, value in self.connection.execute(query):
                found.setdefault(key, {})[name] = value
        return found

    def _aliases(self, keys: Sequence[int]) -> dict[int, tuple[str, ...]]:
        a = schema.alias.c
        found: dict[int, tuple[str, ...]] = {}
        if keys:
            query = sa.select(a.target, a.alias).where(a.target.in_(keys)).order_by(a.alias)
            for key, alias in self.connection.execute(query):
                found[key] = (*found.get(key, ()), alias)
        return found

    def _by_prefix(self, kind: Kind, prefix: str) -> Entity:
        """Find what is called by the beginning of its id (at least four hex digits), or the newest of a name."""
        e = schema.entity.c
        mine = sa.and_(e.namespace == self.namespace_key, e.kind == kind)
        newest = self.connection.scalar(sa.select(sa.func.max(e.key)).where(mine, e.name == prefix))
        if newest is not None:
            return self.by_key(newest)
        found: Sequence[Entity] = ()
        if len(prefix) >= 4 and all(c in "0123456789abcdef" for c in prefix.lower()):  # noqa: PLR2004
            low = UUID(prefix.lower().ljust(32, "0"))
            high = UUID(prefix.lower().ljust(32, "f"))
            found = self._select(sa.and_(mine, e.id >= low, e.id <= high))
        if len(found) > 1:
            named = ", ".join(entity.id.hex[:12] for entity in found[:3])
            message = f"{prefix!r} could be any of {len(found)} {kind}s ({named}, ...)"
            raise InvalidInputError(message, hint="Give more of the id.")
        if not found:
            message = f"there is no {kind} {prefix!r}"
            raise NotFoundError(message, hint=f"`hendrix {kind} list` shows what there is.")
        return found[0]

    def _missing(self, kind: Kind, name: str) -> NotFoundError:
        import difflib

        e = schema.entity.c
        names = self.connection.scalars(
            sa.select(e.handle)
            .where(e.namespace == self.namespace_key, e.kind == kind, e.handle.is_not(None))
            .limit(1000)
        ).all()
        near = difflib.get_close_matches(name, names, n=3)
        word = str(kind).replace("_", " ")
        message = f"there is no {word} named {name!r}"
        if near:
            return NotFoundError(message, hint=f"Did you mean {' or '.join(repr(n) for n in near)}?")
        if names:
            return NotFoundError(
                message, hint=f"There {'is' if len(names) == 1 else 'are'} {', '.join(sorted(names)[:8])}."
            )
        return NotFoundError(message, hint=f"There is no {word} yet.")

    def _no_version(self, container: Entity, word: str) -> NotFoundError:
        e, a = schema.entity.c, schema.alias.c
        newest = self.connection.scalar(sa.select(sa.func.max(e.version)).where(e.container == container.key))
        aliases = self.connection.scalars(sa.select(a.alias).where(a.container == container.key)).all()
        kind = "version" if word.removeprefix("v").isdigit() or word == "latest" else "version or alias"
        message = f"{container.kind} {container.name!r} has no {kind} {word!r}"
        if newest is None:
            return NotFoundError(message, hint="It has no versions yet.")
        named = f" and the aliases {', '.join(sorted(aliases))}" if aliases else ""
        return NotFoundError(message, hint=f"It has the versions up to {newest}{named}.")


def _entities() -> sa.Select[Any]:
    """Build the statement that reads entities; building it costs more than running it."""
    entity, observation = schema.entity, schema.observation
    namespace, project, parent = entity.alias("n"), entity.alias("p"), entity.alias("r")
    return (
        sa.select(
            entity,
            namespace.c.name.label("namespace_name"),
            project.c.name.label("project_name"),
            parent.c.id.label("parent_id"),
            observation.c.body.label("observed"),
            observation.c.observed_at,
        )
        .join(namespace, namespace.c.key == entity.c.namespace)
        .outerjoin(project, project.c.key == entity.c.project)
        .outerjoin(parent, parent.c.key == entity.c.parent)
        .outerjoin(observation, observation.c.entity == entity.c.key)
    )


_ENTITIES = _entities()


def _as_uuid(text: str) -> UUID | None:
    bare = text.replace("-", "")
    if len(bare) != 32:  # noqa: PLR2004 - hex digits of a UUID
        return None
    try:
        return UUID(bare)
    except ValueError:
        return None


def _entity(row: Any, tags: dict[str, str], aliases: tuple[str, ...]) -> Entity:
    kind = Kind(row.kind)
    container = str(Ref(CONTAINER_OF[kind], row.name, None, row.namespace_name)) if kind in CONTAINER_OF else None
    return Entity(
        id=row.id,
        key=row.key,
        ref=reference(kind, row.namespace_name, row.name, row.version, row.id),
        kind=kind,
        namespace=row.namespace_name,
        name=row.name,
        state=State(row.state),
        version=row.version,
        container=container,
        project=row.project_name,
        parent=row.parent_id,
        owner=row.owner,
        description=row.description,
        tags=tags,
        facts=msgspec.json.decode(row.facts),
        digest=row.digest,
        aliases=aliases,
        created_at=moment(row.created_at),
        created_by=row.created_by,
        updated_at=moment(row.updated_at),
        updated_by=row.updated_by,
        started_at=moment(row.started_at) if row.started_at is not None else None,
        ended_at=moment(row.ended_at) if row.ended_at is not None else None,
        deleted_at=moment(row.deleted_at) if row.deleted_at is not None else None,
        observed=msgspec.json.decode(row.observed) if row.observed is not None else None,
        observed_at=moment(row.observed_at) if row.observed_at is not None else None,
    )
