"""Stored answers: the same idempotency key within a day gets the same answer, and nothing happens twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from hendrix.entities import ConflictError, utc_now
from hendrix.graph.encoding import micros
from hendrix.graph.schema import answer

if TYPE_CHECKING:
    from hendrix.graph.transaction import Transaction

KEPT_MICROS = 24 * 3600 * 1_000_000
"""A day."""


def recall(graph: Transaction, key: str, *, operation: str, request_digest: str) -> bytes | None:
    """Return the answer that this key got before, or None.

    Raises
    ------
    ConflictError
        When the key came with another request.
    """
    row = graph.connection.execute(
        sa.select(answer).where(answer.c.idempotency_key == _scoped(graph, key))
    ).one_or_none()
    if row is None:
        return None
    if row.operation != operation or row.request_digest != request_digest:
        message = f"the idempotency key {key!r} was used for another request ({row.operation})"
        raise ConflictError(message, hint="Make a new key for each thing that is asked.")
    return bytes(row.body)


def remember(graph: Transaction, key: str, *, operation: str, request_digest: str, body: bytes) -> None:
    """Keep an answer for a day, and forget those that are older."""
    now = micros(utc_now())
    graph.connection.execute(sa.delete(answer).where(answer.c.created_at < now - KEPT_MICROS))
    graph.connection.execute(
        sa.insert(answer).values(
            idempotency_key=_scoped(graph, key),
            namespace=graph.namespace_key,
            operation=operation,
            request_digest=request_digest,
            body=body,
            created_at=now,
        )
    )


def _scoped(graph: Transaction, key: str) -> str:
    return f"{graph.namespace_key}/{key}"
