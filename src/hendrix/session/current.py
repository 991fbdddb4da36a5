"""The session and the run at hand: what a verb finds when it is called without saying where."""

from __future__ import annotations

import contextlib
import os
import threading
from contextvars import ContextVar
from typing import TYPE_CHECKING
from uuid import UUID

from hendrix.session.home import Home
from hendrix.session.settings import Settings
from hendrix.session.wire import Client, EmbeddedClient, RemoteClient

if TYPE_CHECKING:
    from collections.abc import Iterator

RUN_VARIABLE = "HENDRIX_RUN"
"""The environment variable that tells a worker which run it belongs to."""

_lock = threading.RLock()
_client: Client | None = None
_run: ContextVar[UUID | None] = ContextVar("hendrix_run", default=None)


def connect(**given: str | None) -> Client:
    """Open a session with these settings (`home`, `url`, `token`, ...) and make it the one at hand.

    `token` given here is the token itself.
    """
    global _client  # noqa: PLW0603 - one process speaks to one Hendrix at a time
    token = given.pop("token", None)
    settings = Settings({name.replace("_", "."): value for name, value in given.items()})
    home = Home.find(settings["home"])
    url = settings["url"]
    client: Client
    if url:
        client = RemoteClient(settings, home, url, token or settings.secret("token") or home.read_token())
    else:
        client = EmbeddedClient(settings, home)
    with _lock:
        _client = client
    return client


def client() -> Client:
    """Return the session at hand, opened by the environment and hendrix.toml when there is none yet."""
    with _lock:
        return _client if _client is not None else connect()


def disconnect() -> None:
    """Forget the session at hand; the next verb opens a new one."""
    global _client  # noqa: PLW0603
    with _lock:
        _client = None


def current_run() -> UUID | None:
    """Return the id of the run that this code belongs to, or None."""
    run = _run.get()
    if run is not None:
        return run
    given = os.environ.get(RUN_VARIABLE)
    return UUID(given) if given else None


@contextlib.contextmanager
def running(run: UUID) -> Iterator[None]:
    """Make a run the one at hand for the block: what is made in it is joined to it."""
    token = _run.set(run)
    try:
        yield
    finally:
        _run.reset(token)


def environment(run: UUID | None = None) -> dict[str, str]:
    """Return the variables that make a worker process speak to the same Hendrix, for the same run."""
    here = client()
    variables = {"HENDRIX_HOME": str(here.home.root), "HENDRIX_NAMESPACE": here.settings.namespace}
    if here.url:
        variables["HENDRIX_URL"] = here.url
        token = here._token if isinstance(here, RemoteClient) else None  # noqa: SLF001 - the worker speaks as we do
        if token:
            variables["HENDRIX_TOKEN"] = token
    if here.settings["database"]:
        variables["HENDRIX_DATABASE"] = here.settings["database"]
    if run is not None:
        variables[RUN_VARIABLE] = run.hex
    return variables
