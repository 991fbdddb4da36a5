"""One transaction on the graph: the only way to read it or to change it.

A change of an entity writes its event in the same transaction; a set of edges is one event with a digest.
Observations (heartbeats, live state) and metric points are no events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from hendrix.entities import (
    CONTAINER_OF,
    NAMED,
    VERSIONS,
    ConflictError,
    EdgeType,
    Entity,
    InvalidInputError,
    Kind,
    NotFoundError,
    State,
    check_alias,
    check_name,
    new_id,
    utc_now,
)
from hendrix.graph import reading, schema
from hendrix.graph.encoding import canonical, digest, micros, text
from hendrix.graph.events import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from uuid import UUID

UNSET: Any = object()
"""The mark of an argument that was not given, where None has a meaning."""


class Transaction(reading.Reading):
    """What can be asked of the graph and done to it, until the block ends.

    Parameters
    ----------
    connection
        An open connection with a transaction begun.
    principal
        Who asks: the name that events and entities carry.
    namespace
        The name of the namespace that new things are made in and short names are looked up in.
    """

    def __init__(self, connection: sa.Connection, *, principal: str, namespace: str, sqlite: bool) -> None:
        super().__init__(connection, namespace=namespace, sqlite=sqlite)
        self.principal = principal
        self._linked: list[dict[str, Any]] = []

    # --- making ---------------------------------------------------------------------------------

    def create(
        self,
        kind: Kind,
        name: str,
        *,
        id: UUID | None = None,  # noqa: A002
        project: str | None = None,
        parent: UUID | None = None,
        state: State = State.ACTIVE,
        owner: str | None = None,
        description: str = "",
        tags: Mapping[str, str] | None = None,
        facts: Mapping[str, Any] | None = None,
        digest: str | None = None,
        started_at: datetime | None = None,
        ended_at: datetime | None = None,
        occurred_at: datetime | None = None,
    ) -> Entity:
        """Make a new entity; for a version, use `add_version`.

        The same `id` again returns the entity that has it: so a spool can be replayed.

        Raises
        ------
        ConflictError
            When a living thing of this kind already has the name.
        """
        if id is not None and (known := self.by_id(id)) is not None:
            return known
        if kind in NAMED:
            check_name(name)
            if self.find(kind, name) is not None:
                message = f"there is already a {kind} named {name!r} in {self.namespace}"
                raise ConflictError(message, hint="Choose another name, or delete that one first.")
        return self._insert(
            kind=kind,
            name=name,
            handle=name if kind in NAMED else None,
            id=id,
            project=project,
            parent=parent,
            state=state,
            owner=owner,
            description=description,
            tags=tags,
            facts=facts,
            digest=digest,
            started_at=started_at,
            ended_at=ended_at,
            occurred_at=occurred_at,
        )

    def ensure(self, kind: Kind, name: str, **fields: Any) -> tuple[Entity, bool]:
        """Get the living thing of this kind and name, or make it; says whether it was made."""
        if (known := self.find(kind, name)) is not None:
            return known, False
        return self.create(kind, name, **fields), True

    def add_version(
        self,
        container: Entity,
        *,
        digest: str,
        facts: Mapping[str, Any] | None = None,
        id: UUID | None = None,  # noqa: A002
        description: str = "",
        tags: Mapping[str, str] | None = None,
        reuse: bool = True,
        occurred_at: datetime | None = None,
    ) -> tuple[Entity, bool]:
        """Give a container its next version; says whether it was made.

        Parameters
        ----------
        digest
            What the version is, byte for byte.
        reuse
            Whether a latest version of the same digest is returned instead of a new one.
        """
        if id is not None and (known := self.by_id(id)) is not None:
            return known, False
        # Taken on the container, so that two writers cannot give the same number.
        self.connection.execute(
            sa.select(schema.entity.c.key).where(schema.entity.c.key == container.key).with_for_update()
        )
        latest = self.latest(container)
        if reuse and latest is not None and latest.digest == digest:
            return latest, False
        made = self._insert(
            kind=VERSIONS[container.kind],
            name=container.name,
            handle=None,
            id=id,
            container=container,
            version=self._highest(container) + 1,
            project=container.project,
            description=description,
            tags=tags,
            facts=facts,
            digest=digest,
            occurred_at=occurred_at,
        )
        return made, True

    def _highest(self, container: Entity) -> int:
        e = schema.entity.c
        return self.connection.scalar(sa.select(sa.func.max(e.version)).where(e.container == container.key)) or 0

    def _insert(
        self,
        *,
        kind: Kind,
        name: str,
        handle: str | None,
        id: UUID | None,  # noqa: A002
        container: Entity | None = None,
        version: int | None = None,
        project: str | None = None,
        parent: UUID | None = None,
        state: State = State.ACTIVE,
        owner: str | None = None,
        description: str = "",
        tags: Mapping[str, str] | None = None,
        facts: Mapping[str, Any] | None = None,
        digest: str | None = None,
        started_at: datetime | None = None,
        ended_at: datetime | None = None,
        occurred_at: datetime | None = None,
    ) -> Entity:
        now = utc_now()
        key = self.connection.scalar(
            sa.insert(schema.entity)
            .values(
                id=id or new_id(),
                namespace=self.namespace_key,
                kind=kind,
                name=name,
                handle=handle,
                container=container.key if container else None,
                version=version,
                project=self.ensure(Kind.PROJECT, project)[0].key if project else None,
                parent=self.key_of(parent) if parent else None,
                state=state,
                owner=owner or self.principal,
                description=description,
                facts=text(dict(facts or {})),
                digest=digest,
                created_at=micros(now),
                created_by=self.principal,
                updated_at=micros(now),
                updated_by=self.principal,
                started_at=micros(started_at) if started_at else None,
                ended_at=micros(ended_at) if ended_at else None,
            )
            .returning(schema.entity.c.key)
        )
        if key is None:
            message = f"the database gave no key for a new {kind}"
            raise ConflictError(message)
        self._set_tags(key, tags or {})
        made = self.by_key(key)
        self.event("created", made, before=None, occurred_at=occurred_at)
        return made

    # --- changing -------------------------------------------------------------------------------

    def update(
        self,
        entity: Entity,
        *,
        state: State = UNSET,
        description: str = UNSET,
        owner: str | None = UNSET,
        facts: Mapping[str, Any] = UNSET,
        tags: Mapping[str, str | None] = UNSET,
        started_at: datetime | None = UNSET,
        ended_at: datetime | None = UNSET,
        occurred_at: datetime | None = None,
        verb: str = "updated",
    ) -> Entity:
        """Change an entity. `facts` and `tags` are merged into those it has; None takes one away."""
        changes: dict[str, Any] = {}
        if state is not UNSET:
            changes["state"] = state
        if description is not UNSET:
            changes["description"] = description
        if owner is not UNSET:
            changes["owner"] = owner
        if facts is not UNSET:
            merged = {**entity.facts, **facts}
            changes["facts"] = text({name: value for name, value in merged.items() if value is not None})
        if started_at is not UNSET:
            changes["started_at"] = micros(started_at) if started_at else None
        if ended_at is not UNSET:
            changes["ended_at"] = micros(ended_at) if ended_at else None
        return self._change(entity, changes, {} if tags is UNSET else tags, verb, occurred_at)

    def delete(self, entity: Entity) -> Entity:
        """Delete softly: the name is free again, the rows stay and the id still answers."""
        now = micros(utc_now())
        return self._change(entity, {"state": State.DELETED, "deleted_at": now, "handle": None}, {}, "deleted", None)

    def _change(
        self,
        entity: Entity,
        changes: dict[str, Any],
        tags: Mapping[str, str | None],
        verb: str,
        occurred_at: datetime | None,
    ) -> Entity:
        changes |= {"updated_at": micros(utc_now()), "updated_by": self.principal}
        self.connection.execute(sa.update(schema.entity).where(schema.entity.c.key == entity.key).values(**changes))
        self._set_tags(entity.key, tags)
        changed = self.by_key(entity.key)
        self.event(verb, changed, before=entity, occurred_at=occurred_at)
        return changed

    def _set_tags(self, key: int, tags: Mapping[str, str | None]) -> None:
        t = schema.tag
        for name, value in tags.items():
            check_name(name, "tag")
            self.connection.execute(sa.delete(t).where(t.c.entity == key, t.c.name == name))
            if value is not None:
                self.connection.execute(
                    sa.insert(t).values(entity=key, name=name, namespace=self.namespace_key, value=str(value))
                )

    def set_alias(self, version: Entity, alias: str) -> Entity:
        """Point an alias of the version's container at it. Pointing it where it points changes nothing.

        Raises
        ------
        InvalidInputError
            For a reserved alias, or an entity that is no version.
        """
        check_alias(alias)
        if version.kind not in CONTAINER_OF:
            message = f"{version.ref} is no version, so nothing can be called {alias!r} there"
            raise InvalidInputError(message, hint="Give a version, such as delay@3.")
        if alias in version.aliases:
            return version
        a = schema.alias
        container = self.container_key(version)
        self.connection.execute(sa.delete(a).where(a.c.container == container, a.c.alias == alias))
        self.connection.execute(
            sa.insert(a).values(container=container, alias=alias, namespace=self.namespace_key, target=version.key)
        )
        changed = self.by_key(version.key)
        self.event("aliased", changed, before=version, facts={"alias": alias})
        return changed

    def delete_alias(self, version: Entity, alias: str) -> Entity:
        """Take an alias away from the version that has it.

        Raises
        ------
        NotFoundError
            When the version does not have the alias.
        """
        if alias not in version.aliases:
            message = f"{version.ref} has no alias {alias!r}"
            raise NotFoundError(message, hint=f"It has: {', '.join(version.aliases) or 'none'}.")
        a = schema.alias
        self.connection.execute(sa.delete(a).where(a.c.target == version.key, a.c.alias == alias))
        changed = self.by_key(version.key)
        self.event("unaliased", changed, before=version, facts={"alias": alias})
        return changed

    # --- joining --------------------------------------------------------------------------------

    def link(self, type: EdgeType, upstream: Entity, downstream: Entity, *, run: UUID | None = None) -> None:  # noqa: A002
        """Join two entities, the way that the data flows. An edge that stands already stays one."""
        e = schema.edge
        run_key = self.key_of(run) if run else 0
        stands = sa.select(e.c.key).where(
            e.c.downstream == downstream.key,
            e.c.upstream == upstream.key,
            e.c.type == type,
            e.c.run == run_key,
        )
        if self.connection.scalar(stands) is not None:
            return
        self.connection.execute(
            sa.insert(e).values(
                namespace=self.namespace_key,
                type=type,
                upstream=upstream.key,
                downstream=downstream.key,
                upstream_namespace=self.key_of_namespace(upstream.namespace),
                downstream_namespace=self.key_of_namespace(downstream.namespace),
                run=run_key,
                created_at=micros(utc_now()),
            )
        )
        self._linked.append({"type": type, "upstream": upstream.id, "downstream": downstream.id, "run": run})

    # --- observing ------------------------------------------------------------------------------

    def observe(self, entity: Entity, **body: Any) -> None:
        """Merge what a running process says of itself into the entity's observation; no event."""
        o = schema.observation
        known = entity.observed or {}
        merged = {name: value for name, value in {**known, **body}.items() if value is not None}
        self.connection.execute(sa.delete(o).where(o.c.entity == entity.key))
        self.connection.execute(
            sa.insert(o).values(
                entity=entity.key, namespace=self.namespace_key, body=text(merged), observed_at=micros(utc_now())
            )
        )

    # --- telling --------------------------------------------------------------------------------

    def event(
        self,
        verb: str,
        entity: Entity,
        *,
        before: Entity | None,
        facts: Mapping[str, Any] | None = None,
        occurred_at: datetime | None = None,
    ) -> None:
        """Write the event of a change of one entity; its payload is what changed."""
        record(
            self,
            f"{entity.kind}.{verb}",
            entity=entity,
            before=snapshot(before),
            after=snapshot(entity),
            payload={**difference(before, entity), **(facts or {})},
            occurred_at=occurred_at,
        )

    def finish(self) -> None:
        """Write what is told once a transaction: the event of the edges made in it."""
        if self._linked:
            record(self, "edges.linked", payload={"edges": self._linked}, after=digest(canonical(self._linked)))
            self._linked = []


VOLATILE = frozenset({"key", "observed", "observed_at", "updated_at", "updated_by"})


def snapshot(entity: Entity | None) -> str | None:
    """Return the digest of what an entity is, without what only one database or one moment knows."""
    if entity is None:
        return None
    return digest(canonical({name: getattr(entity, name) for name in fields(entity) if name not in VOLATILE}))


def difference(before: Entity | None, after: Entity) -> dict[str, Any]:
    """Return the fields that a change gave new values."""
    return {
        name: getattr(after, name)
        for name in fields(after)
        if name not in VOLATILE and (getattr(after, name) != getattr(before, name, None))
    }


def fields(entity: Entity) -> Iterable[str]:
    """Return the names of an entity's fields."""
    return entity.__dataclass_fields__
