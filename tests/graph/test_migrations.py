"""Migrations bring an empty database to the schema of the code, and refuse what a newer Hendrix wrote."""

from __future__ import annotations

import subprocess
import sys

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from hendrix.entities import ConflictError
from hendrix.graph import Graph, schema


def test_the_migrations_make_the_schema_of_the_code(graph):
    with graph.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []


def test_every_table_has_its_namespace():
    assert all("namespace" in table.c for table in schema.metadata.tables.values())


def test_a_newer_database_is_refused_untouched(graph):
    with graph.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConflictError, match=r"newer Hendrix.*9999"):
        Graph(graph.url.render_as_string(hide_password=False)).ready()
    with graph.engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT version_num FROM alembic_version")) == "9999"


def test_preparing_twice_does_nothing(graph):
    graph.prepare()
    assert graph.ready()


def test_the_migration_tool_is_not_imported_when_the_schema_is_there(tmp_path):
    url = f"sqlite:///{tmp_path / 'g.db'}"
    Graph(url).prepare()
    program = (
        f"import sys; from hendrix.graph import Graph; assert Graph({url!r}).ready(); print('alembic' in sys.modules)"
    )
    assert subprocess.check_output([sys.executable, "-c", program], text=True).strip() == "False"
