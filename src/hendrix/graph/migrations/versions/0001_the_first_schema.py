"""The first schema, with the namespace `default` in it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hendrix.entities import DEFAULT_NAMESPACE, DEFAULT_NAMESPACE_ID

revision = "0001"
down_revision = None


def Key() -> sa.types.TypeEngine[int]:  # noqa: N802 - reads as the type that it makes
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def Text() -> sa.types.TypeEngine[str]:  # noqa: N802 - reads as the type that it makes
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "alias",
        sa.Column("container", Key(), autoincrement=False, nullable=False),
        sa.Column("alias", Text(), nullable=False),
        sa.Column("namespace", Key(), nullable=False),
        sa.Column("target", Key(), nullable=False),
        sa.PrimaryKeyConstraint("container", "alias", name=op.f("pk_alias")),
    )
    op.create_index(op.f("ix_alias_target"), "alias", ["target"], unique=False)
    op.create_table(
        "answer",
        sa.Column("idempotency_key", Text(), nullable=False),
        sa.Column("namespace", Key(), nullable=False),
        sa.Column("operation", Text(), nullable=False),
        sa.Column("request_digest", Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("idempotency_key", name=op.f("pk_answer")),
    )
    op.create_index(op.f("ix_answer_created_at"), "answer", ["created_at"], unique=False)
    op.create_table(
        "artifact",
        sa.Column("entity", Key(), autoincrement=False, nullable=False),
        sa.Column("path", Text(), nullable=False),
        sa.Column("namespace", Key(), nullable=False),
        sa.Column("digest", Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("entity", "path", name=op.f("pk_artifact")),
    )
    op.create_table(
        "edge",
        sa.Column("key", Key(), autoincrement=True, nullable=False),
        sa.Column("namespace", Key(), nullable=False),
        sa.Column("type", Text(), nullable=False),
        sa.Column("upstream", Key(), nullable=False),
        sa.Column("downstream", Key(), nullable=False),
        sa.Column("upstream_namespace", Key(), nullable=False),
        sa.Column("downstream_namespace", Key(), nullable=False),
        sa.Column("run", Key(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_edge")),
        sa.UniqueConstraint("downstream", "upstream", "type", "run", name=op.f("uq_edge_downstream_upstream_type_run")),
    )
    op.create_index(op.f("ix_edge_upstream_downstream"), "edge", ["upstream", "downstream"], unique=False)
    op.create_table(
        "entity",
        sa.Column("key", Key(), autoincrement=True, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("namespace", Key(), nullable=False),
        sa.Column("kind", Text(), nullable=False),
        sa.Column("name", Text(), nullable=False),
        sa.Column("handle", Text(), nullable=True),
        sa.Column("container", Key(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("project", Key(), nullable=True),
        sa.Column("parent", Key(), nullable=True),
        sa.Column("state", Text(), nullable=False),
        sa.Column("owner", Text(), nullable=True),
        sa.Column("description", Text(), nullable=False),
        sa.Column("facts", Text(), nullable=False),
        sa.Column("digest", Text(), nullable=True),
        sa.Column("origin", Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", Text(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_by", Text(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_entity")),
        sa.UniqueConstraint("container", "version", name=op.f("uq_entity_container_version")),
        sa.UniqueConstraint("id", name=op.f("uq_entity_id")),
        sa.UniqueConstraint("namespace", "kind", "handle", name=op.f("uq_entity_namespace_kind_handle")),
    )
    op.create_index(op.f("ix_entity_namespace_kind_key"), "entity", ["namespace", "kind", "key"], unique=False)
    op.create_index(op.f("ix_entity_parent"), "entity", ["parent"], unique=False)
    op.create_index(op.f("ix_entity_project_kind_key"), "entity", ["project", "kind", "key"], unique=False)
    op.create_table(
        "event",
        sa.Column("key", Key(), autoincrement=True, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("namespace", Key(), nullable=False),
        sa.Column("kind", Text(), nullable=False),
        sa.Column("entity", Key(), nullable=True),
        sa.Column("principal", Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("digest", Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_event")),
        sa.UniqueConstraint("id", name=op.f("uq_event_id")),
        sa.UniqueConstraint("sequence", name=op.f("uq_event_sequence")),
    )
    op.create_index(op.f("ix_event_entity_key"), "event", ["entity", "key"], unique=False)
    op.create_index(op.f("ix_event_namespace_key"), "event", ["namespace", "key"], unique=False)
    op.create_table(
        "lease",
        sa.Column("name", Text(), nullable=False),
        sa.Column("namespace", Key(), nullable=False),
        sa.Column("holder", Text(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "metric",
        sa.Column("run", Key(), autoincrement=False, nullable=False),
        sa.Column("name", Text(), nullable=False),
        sa.Column("namespace", Key(), nullable=False),
        sa.Column("last", sa.Double(), nullable=True),
        sa.Column("is_nan", sa.Boolean(), nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("logged_at", sa.BigInteger(), nullable=False),
        sa.Column("least", sa.Double(), nullable=True),
        sa.Column("greatest", sa.Double(), nullable=True),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("run", "name", name=op.f("pk_metric")),
    )
    op.create_table(
        "metric_chunk",
        sa.Column("run", Key(), autoincrement=False, nullable=False),
        sa.Column("writer", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("namespace", Key(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("run", "writer", "sequence", name=op.f("pk_metric_chunk")),
    )
    op.create_table(
        "observation",
        sa.Column("entity", Key(), autoincrement=False, nullable=False),
        sa.Column("namespace", Key(), nullable=False),
        sa.Column("body", Text(), nullable=False),
        sa.Column("observed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("entity", name=op.f("pk_observation")),
    )
    op.create_table(
        "param",
        sa.Column("run", Key(), autoincrement=False, nullable=False),
        sa.Column("name", Text(), nullable=False),
        sa.Column("namespace", Key(), nullable=False),
        sa.Column("value", Text(), nullable=False),
        sa.PrimaryKeyConstraint("run", "name", name=op.f("pk_param")),
    )
    op.create_table(
        "payload",
        sa.Column("event", Key(), autoincrement=False, nullable=False),
        sa.Column("namespace", Key(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("event", name=op.f("pk_payload")),
    )
    op.create_table(
        "seal",
        sa.Column("last", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("namespace", Key(), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("chain", Text(), nullable=False),
        sa.Column("sealed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("last", name=op.f("pk_seal")),
    )
    op.create_table(
        "tag",
        sa.Column("entity", Key(), autoincrement=False, nullable=False),
        sa.Column("name", Text(), nullable=False),
        sa.Column("namespace", Key(), nullable=False),
        sa.Column("value", Text(), nullable=False),
        sa.PrimaryKeyConstraint("entity", "name", name=op.f("pk_tag")),
    )
    op.create_index(op.f("ix_tag_namespace_name_entity"), "tag", ["namespace", "name", "entity"], unique=False)
    op.execute(
        sa.table(
            "entity",
            *(sa.column(name) for name in ("namespace", "kind", "name", "handle", "state", "description", "facts")),
            *(sa.column(name) for name in ("created_at", "created_by", "updated_at", "updated_by")),
            sa.column("id", sa.Uuid()),
        )
        .insert()
        .values(
            id=DEFAULT_NAMESPACE_ID,
            namespace=1,
            kind="namespace",
            name=DEFAULT_NAMESPACE,
            handle=DEFAULT_NAMESPACE,
            state="active",
            description="",
            facts="{}",
            created_at=0,
            created_by="hendrix",
            updated_at=0,
            updated_by="hendrix",
        )
    )
