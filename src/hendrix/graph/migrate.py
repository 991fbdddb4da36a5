"""Bringing a database to the present schema. The migration tool is imported only when there is work for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from hendrix.entities import ConflictError
from hendrix.graph.schema import REVISION

if TYPE_CHECKING:
    from alembic.config import Config

SCRIPTS = Path(__file__).parent / "migrations"


def revision(engine: sa.Engine) -> str | None:
    """Return the migration that a database is at; None for an empty one."""
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        present: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
        return present


def check(present: str | None, where: str) -> None:
    """Refuse a database that a newer Hendrix wrote.

    Raises
    ------
    ConflictError
        Naming both versions of the schema.
    """
    if present is not None and present > REVISION:
        message = f"{where} is of a newer Hendrix: its schema is {present}, this one knows {REVISION}"
        raise ConflictError(message, hint="Upgrade with `pip install -U hendrix-ml`; nothing was touched.")


def upgrade(engine: sa.Engine) -> bool:
    """Bring the database to the present schema; says whether there was anything to do.

    Raises
    ------
    ConflictError
        When a newer Hendrix wrote this database; nothing is touched.
    """
    present = revision(engine)
    check(present, engine.url.render_as_string(hide_password=True))
    if present == REVISION:
        return False
    from alembic import command

    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            # Two servers that start at once must not both migrate.
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(4837291)"))
        config = configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
    return True


def configuration() -> Config:
    """Return the migration tool's configuration for the scripts of this package."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    return config
