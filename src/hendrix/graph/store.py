"""The database behind the graph: engines for SQLite and PostgreSQL, and short transactions on them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from hendrix.entities import DEFAULT_NAMESPACE, ConflictError, InvalidInputError, UnavailableError
from hendrix.graph.migrate import check, revision, upgrade
from hendrix.graph.schema import REVISION
from hendrix.graph.transaction import Transaction

if TYPE_CHECKING:
    from collections.abc import Iterator

BUSY_TIMEOUT_S = 30


class Graph:
    """One open database of entities, edges and events.

    Parameters
    ----------
    url
        `sqlite:///path` or `postgresql://...`.
    durability
        `normal`: what was acknowledged survives the death of any process. `full`: also a power cut.
    """

    def __init__(self, url: str, *, durability: str = "normal") -> None:
        self.url = _parsed(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        if self.url.get_backend_name() == "postgresql":
            self.url = self.url.set(drivername="postgresql+psycopg")
        options: dict[str, Any] = {"pool_pre_ping": True}
        if self.sqlite:
            # The driver begins nothing by itself: a write must begin as one (below), or it can fail half way.
            options = {"connect_args": {"timeout": BUSY_TIMEOUT_S, "isolation_level": None}}
        self.engine = sa.create_engine(self.url, **options)
        if self.sqlite:
            synchronous = "FULL" if durability == "full" else "NORMAL"

            @sa.event.listens_for(self.engine, "connect")
            def _configure(connection: Any, _record: Any) -> None:
                for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", "temp_store=MEMORY"):
                    connection.execute(f"PRAGMA {pragma}")

            @sa.event.listens_for(self.engine, "begin")
            def _begin(connection: sa.Connection) -> None:
                write = connection.get_execution_options().get("write", False)
                connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    def ready(self) -> bool:
        """Whether the schema is the present one.

        Raises
        ------
        ConflictError
            When a newer Hendrix wrote this database; nothing is touched.
        """
        try:
            present = revision(self.engine)
        except sa.exc.DBAPIError as error:
            where = self.url.render_as_string(hide_password=True)
            message = f"the graph at {where} can't be opened: {str(error.orig).strip()}"
            raise UnavailableError(message, hint="Check that the database runs, and the setting `database`.") from error
        check(present, self.url.render_as_string(hide_password=True))
        return present == REVISION

    def prepare(self) -> None:
        """Create or upgrade the schema, or refuse a database of a newer version.

        Raises
        ------
        ConflictError
            When a newer Hendrix wrote this database; nothing is touched.
        """
        upgrade(self.engine)

    @contextmanager
    def write(self, principal: str, namespace: str = DEFAULT_NAMESPACE) -> Iterator[Transaction]:
        """Open a write transaction: all of it is committed at the end of the block, or nothing."""
        with self._connection(write=True) as connection:
            transaction = Transaction(connection, principal=principal, namespace=namespace, sqlite=self.sqlite)
            yield transaction
            transaction.finish()

    @contextmanager
    def read(self, principal: str, namespace: str = DEFAULT_NAMESPACE) -> Iterator[Transaction]:
        """Open a read transaction: one consistent view of the graph."""
        with self._connection(write=False) as connection:
            yield Transaction(connection, principal=principal, namespace=namespace, sqlite=self.sqlite)

    @contextmanager
    def _connection(self, *, write: bool) -> Iterator[sa.Connection]:
        try:
            with self.engine.connect().execution_options(write=write) as connection, connection.begin():
                yield connection
        except sa.exc.OperationalError as error:
            if "locked" in str(error.orig):
                message = f"the graph stayed locked by another process for {BUSY_TIMEOUT_S} s"
                raise UnavailableError(message, hint="Try again; `hendrix doctor` names the processes.") from error
            message = f"the graph at {self.url.render_as_string(hide_password=True)} can't be used: {error.orig}"
            raise UnavailableError(
                message, hint="Check that the database runs and that this user may use it."
            ) from error
        except sa.exc.IntegrityError as error:
            message = f"the graph refused the change: {error.orig}"
            raise ConflictError(message, hint="Somebody made the same thing at the same moment; try again.") from error

    def close(self) -> None:
        """Close the pooled connections."""
        self.engine.dispose()


def _parsed(url: str) -> sa.URL:
    """Read a database's address.

    Raises
    ------
    InvalidInputError
        When it is none, or one of a database that the graph can't live in.
    """
    try:
        found = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        message = "the setting `database` is no address of a database"
        raise InvalidInputError(message, hint="Write postgresql://user@host/name, or sqlite:///path.") from error
    if found.get_backend_name() not in {"sqlite", "postgresql"}:
        message = f"the graph can't live in {found.get_backend_name()!r}"
        raise InvalidInputError(message, hint="Use postgresql://... or sqlite:///path.")
    return found
