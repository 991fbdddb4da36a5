"""The tables of the graph. Every one carries its namespace; ends of edges and owners of rows are keys.

Times are whole microseconds since 1970 in UTC. Text compares by code point on both databases. JSON is
text in canonical form. NaN is a flag beside its number, because SQLite would store it as NULL.
"""

from __future__ import annotations

import sqlalchemy as sa

REVISION = "0001"
"""The newest migration. The migration tool is not imported when a database says the same."""

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""A whole number that SQLite takes as its row id and PostgreSQL from a sequence."""
Text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
Micros = sa.BigInteger()
Bytes = sa.LargeBinary()


def _key() -> sa.Column[int]:
    return sa.Column("key", Key, primary_key=True, autoincrement=True)


def _namespace() -> sa.Column[int]:
    return sa.Column("namespace", Key, nullable=False)


entity = sa.Table(
    "entity",
    metadata,
    _key(),
    sa.Column("id", sa.Uuid(), nullable=False, unique=True),
    _namespace(),
    sa.Column("kind", Text, nullable=False),
    sa.Column("name", Text, nullable=False),
    # The name while it is taken; NULL for what has no unique name, and for what was deleted.
    sa.Column("handle", Text),
    sa.Column("container", Key),
    sa.Column("version", sa.Integer()),
    sa.Column("project", Key),
    sa.Column("parent", Key),
    sa.Column("state", Text, nullable=False),
    sa.Column("owner", Text),
    sa.Column("description", Text, nullable=False),
    sa.Column("facts", Text, nullable=False),
    sa.Column("digest", Text),
    sa.Column("origin", Text),
    sa.Column("created_at", Micros, nullable=False),
    sa.Column("created_by", Text, nullable=False),
    sa.Column("updated_at", Micros, nullable=False),
    sa.Column("updated_by", Text, nullable=False),
    sa.Column("started_at", Micros),
    sa.Column("ended_at", Micros),
    sa.Column("deleted_at", Micros),
    sa.UniqueConstraint("namespace", "kind", "handle"),
    sa.UniqueConstraint("container", "version"),
    sa.Index(None, "namespace", "kind", "key"),
    sa.Index(None, "parent"),
    sa.Index(None, "project", "kind", "key"),
)

tag = sa.Table(
    "tag",
    metadata,
    sa.Column("entity", Key, primary_key=True, autoincrement=False),
    sa.Column("name", Text, primary_key=True),
    _namespace(),
    sa.Column("value", Text, nullable=False),
    sa.Index(None, "namespace", "name", "entity"),
)

alias = sa.Table(
    "alias",
    metadata,
    sa.Column("container", Key, primary_key=True, autoincrement=False),
    sa.Column("alias", Text, primary_key=True),
    _namespace(),
    sa.Column("target", Key, nullable=False),
    sa.Index(None, "target"),
)

edge = sa.Table(
    "edge",
    metadata,
    _key(),
    _namespace(),
    sa.Column("type", Text, nullable=False),
    sa.Column("upstream", Key, nullable=False),
    sa.Column("downstream", Key, nullable=False),
    sa.Column("upstream_namespace", Key, nullable=False),
    sa.Column("downstream_namespace", Key, nullable=False),
    # 0 where no run made it, so that one edge stands once.
    sa.Column("run", Key, nullable=False),
    sa.Column("created_at", Micros, nullable=False),
    sa.UniqueConstraint("downstream", "upstream", "type", "run"),
    sa.Index(None, "upstream", "downstream"),
)

observation = sa.Table(
    "observation",
    metadata,
    sa.Column("entity", Key, primary_key=True, autoincrement=False),
    _namespace(),
    sa.Column("body", Text, nullable=False),
    sa.Column("observed_at", Micros, nullable=False),
)

param = sa.Table(
    "param",
    metadata,
    sa.Column("run", Key, primary_key=True, autoincrement=False),
    sa.Column("name", Text, primary_key=True),
    _namespace(),
    sa.Column("value", Text, nullable=False),
)

metric = sa.Table(
    "metric",
    metadata,
    sa.Column("run", Key, primary_key=True, autoincrement=False),
    sa.Column("name", Text, primary_key=True),
    _namespace(),
    sa.Column("last", sa.Double()),
    sa.Column("is_nan", sa.Boolean(create_constraint=False), nullable=False),
    sa.Column("step", sa.BigInteger(), nullable=False),
    sa.Column("logged_at", Micros, nullable=False),
    sa.Column("least", sa.Double()),
    sa.Column("greatest", sa.Double()),
    sa.Column("points", sa.BigInteger(), nullable=False),
)

metric_chunk = sa.Table(
    "metric_chunk",
    metadata,
    sa.Column("run", Key, primary_key=True, autoincrement=False),
    sa.Column("writer", sa.Uuid(), primary_key=True),
    sa.Column("sequence", sa.BigInteger(), primary_key=True, autoincrement=False),
    _namespace(),
    sa.Column("points", sa.Integer(), nullable=False),
    sa.Column("packed", Bytes, nullable=False),
)

artifact = sa.Table(
    "artifact",
    metadata,
    sa.Column("entity", Key, primary_key=True, autoincrement=False),
    sa.Column("path", Text, primary_key=True),
    _namespace(),
    sa.Column("digest", Text, nullable=False),
    sa.Column("size", sa.BigInteger(), nullable=False),
    sa.Column("created_at", Micros, nullable=False),
)

event = sa.Table(
    "event",
    metadata,
    _key(),
    sa.Column("id", sa.Uuid(), nullable=False, unique=True),
    _namespace(),
    sa.Column("kind", Text, nullable=False),
    sa.Column("entity", Key),
    sa.Column("principal", Text, nullable=False),
    sa.Column("recorded_at", Micros, nullable=False),
    sa.Column("occurred_at", Micros, nullable=False),
    # The canonical bytes that the digest and, later, the seal stand on.
    sa.Column("body", Bytes, nullable=False),
    sa.Column("digest", Text, nullable=False),
    # Given by the sealer, without gaps; NULL until then.
    sa.Column("sequence", sa.BigInteger(), unique=True),
    sa.Index(None, "entity", "key"),
    sa.Index(None, "namespace", "key"),
)

payload = sa.Table(
    "payload",
    metadata,
    sa.Column("event", Key, primary_key=True, autoincrement=False),
    _namespace(),
    sa.Column("body", Bytes, nullable=False),
)

seal = sa.Table(
    "seal",
    metadata,
    sa.Column("last", sa.BigInteger(), primary_key=True, autoincrement=False),
    _namespace(),
    sa.Column("first", sa.BigInteger(), nullable=False),
    sa.Column("chain", Text, nullable=False),
    sa.Column("sealed_at", Micros, nullable=False),
)

lease = sa.Table(
    "lease",
    metadata,
    sa.Column("name", Text, primary_key=True),
    _namespace(),
    sa.Column("holder", Text, nullable=False),
    sa.Column("fence", sa.BigInteger(), nullable=False),
    sa.Column("expires_at", Micros, nullable=False),
)

answer = sa.Table(
    "answer",
    metadata,
    sa.Column("idempotency_key", Text, primary_key=True),
    _namespace(),
    sa.Column("operation", Text, nullable=False),
    sa.Column("request_digest", Text, nullable=False),
    sa.Column("body", Bytes, nullable=False),
    sa.Column("created_at", Micros, nullable=False),
    sa.Index(None, "created_at"),
)
