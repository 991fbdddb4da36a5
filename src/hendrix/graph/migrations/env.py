"""The migration tool's environment: it works on the connection that it is given."""

from __future__ import annotations

from alembic import context

from hendrix.graph.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transaction_per_migration=False,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
