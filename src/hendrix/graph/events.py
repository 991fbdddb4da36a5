"""Events: every change as canonical bytes with a digest, its payload a row apart so that it can be erased."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa

from hendrix.entities import Entity, Event, Kind, Page, new_id, utc_now
from hendrix.graph import schema
from hendrix.graph.encoding import canonical, digest, micros, moment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from hendrix.graph.reading import Reading
    from hendrix.graph.transaction import Transaction


def record(
    transaction: Transaction,
    kind: str,
    *,
    entity: Entity | None = None,
    before: str | None = None,
    after: str | None = None,
    payload: Mapping[str, Any],
    occurred_at: datetime | None = None,
) -> None:
    """Write one event and its payload.

    The body holds who, when, what and the digests; the seal of the next numbered batch stands on its digest.
    """
    identity, now = new_id(), utc_now()
    told = canonical(payload)
    body = canonical(
        {
            "id": identity.hex,
            "namespace": transaction.namespace_id.hex,
            "kind": kind,
            "entity": entity.id.hex if entity else None,
            "principal": transaction.principal,
            "recorded_at": micros(now),
            "occurred_at": micros(occurred_at or now),
            "before": before,
            "after": after,
            "payload": digest(told),
        }
    )
    key = transaction.connection.scalar(
        sa.insert(schema.event)
        .values(
            id=identity,
            namespace=transaction.namespace_key,
            kind=kind,
            entity=entity.key if entity else None,
            principal=transaction.principal,
            recorded_at=micros(now),
            occurred_at=micros(occurred_at or now),
            body=body,
            digest=digest(body),
        )
        .returning(schema.event.c.key)
    )
    transaction.connection.execute(
        sa.insert(schema.payload).values(event=key, namespace=transaction.namespace_key, body=told)
    )


def history(
    graph: Reading,
    *,
    entity: Entity | None = None,
    after: int | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Event]:
    """Return events, newest first; of one entity, or of all that the namespace holds.

    Parameters
    ----------
    after
        Only events with a greater key, oldest first: for whoever follows the log.
    """
    v, e = schema.event.c, schema.entity.c
    query = (
        sa.select(schema.event, e.id.label("entity_id"), schema.payload.c.body.label("payload"))
        .outerjoin(schema.entity, e.key == v.entity)
        .outerjoin(schema.payload, schema.payload.c.event == v.key)
        .where(v.namespace == graph.namespace_key)
        .limit(limit + 1)
    )
    if entity is not None:
        query = query.where(v.entity == entity.key)
    if after is not None:
        query = query.where(v.key > after).order_by(v.key)
    else:
        query = query.order_by(v.key.desc())
        if cursor is not None:
            query = query.where(v.key < int(cursor))
    rows = graph.connection.execute(query).all()
    known = graph.by_keys({row.entity for row in rows if row.entity is not None})
    items = tuple(_event(row, known.get(row.entity)) for row in rows[:limit])
    return Page(items=items, next=str(rows[limit - 1].key) if len(rows) > limit else None)


def latest_key(graph: Reading) -> int:
    """Return the key of the newest event, 0 where there is none."""
    return graph.connection.scalar(sa.select(sa.func.max(schema.event.c.key))) or 0


def _event(row: Any, entity: Entity | None) -> Event:
    body = msgspec.json.decode(row.body)
    return Event(
        id=row.id,
        kind=row.kind,
        entity=entity.id if entity else None,
        entity_ref=entity.ref if entity else None,
        entity_name=entity.name if entity else None,
        entity_kind=Kind(entity.kind) if entity else None,
        principal=row.principal,
        recorded_at=moment(row.recorded_at),
        occurred_at=moment(row.occurred_at),
        before=body["before"],
        after=body["after"],
        digest=row.digest,
        sequence=row.sequence,
        payload=msgspec.json.decode(row.payload) if row.payload is not None else None,
    )
