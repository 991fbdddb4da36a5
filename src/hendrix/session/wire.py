"""The wire client: how a verb of the SDK reaches its operation, here or on a server."""

from __future__ import annotations

import functools
import os
import time
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import msgspec

from hendrix.artifacts import LocalArtifacts, RemoteArtifacts
from hendrix.entities import HendrixError, UnavailableError, new_id
from hendrix.entities.errors import BY_CODE
from hendrix.session.declaration import Host, Operation, decode, execute, follow
from hendrix.session.principal import local_user

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

    from hendrix.artifacts import Artifacts
    from hendrix.session.home import Home
    from hendrix.session.settings import Settings

Q = TypeVar("Q")
A = TypeVar("A")

TRIES = 4
"""How often a request that did not reach the server is sent: the idempotency key makes that safe."""


class Client(Protocol):
    """What the verbs of the SDK speak to."""

    settings: Settings
    home: Home

    @property
    def artifacts(self) -> Artifacts:
        """The content-addressed files."""
        ...

    @property
    def url(self) -> str | None:
        """The server's address; None where this process works on the state folder itself."""
        ...

    def call(self, op: Operation[Q, A], request: Q, *, idempotency_key: str | None = None) -> A:
        """Ask for an operation and return its answer."""
        ...

    def stream(self, op: Operation[Q, Iterator[A | None]], request: Q) -> Iterator[A]:
        """Ask for a stream and yield its records as they come."""
        ...


class EmbeddedClient:
    """The operations, called in this process on its own state folder."""

    def __init__(self, settings: Settings, home: Home) -> None:
        self.settings = settings
        self.home = home
        self.principal = local_user(settings.namespace)

    @property
    def url(self) -> str | None:
        """None: there is no server in between."""
        return None

    @functools.cached_property
    def artifacts(self) -> LocalArtifacts:
        """The artifacts of the state folder."""
        return LocalArtifacts(self.home.artifacts)

    @functools.cached_property
    def host(self) -> Host:
        """The graph and the artifacts, opened when first needed."""
        return open_host(self.settings, self.home)

    def call(self, op: Operation[Q, A], request: Q, *, idempotency_key: str | None = None) -> A:
        """Call the operation."""
        return execute(self.host, self.principal, op, request, idempotency_key=idempotency_key)

    def stream(self, op: Operation[Q, Iterator[A | None]], request: Q) -> Iterator[A]:
        """Follow the operation."""
        return follow(self.host, self.principal, op, request)


class RemoteClient:
    """The same operations, asked of a server over HTTP."""

    def __init__(self, settings: Settings, home: Home, url: str, token: str | None) -> None:
        self.settings = settings
        self.home = home
        self._url = url.rstrip("/")
        self._token = token
        self._pid = os.getpid()

    @property
    def url(self) -> str | None:
        """The server's address."""
        return self._url

    @functools.cached_property
    def http(self) -> httpx.Client:
        """The connection, made when first needed."""
        import httpx

        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        return httpx.Client(base_url=self._url, headers=headers, timeout=60)

    @functools.cached_property
    def artifacts(self) -> Artifacts:
        """The server's artifacts, cached in this machine's state folder."""
        return RemoteArtifacts(self.http, self.home.cache / "artifacts")

    def call(self, op: Operation[Q, A], request: Q, *, idempotency_key: str | None = None) -> A:
        """Send the request and read the answer; a lost connection is tried again under the same key.

        Raises
        ------
        UnavailableError
            When the server can't be reached.
        HendrixError
            What the operation raised, of the same class as here.
        """
        if op.method == "GET":
            answer = self._send("GET", op.path, params=query(request))
        else:
            answer = self._send(
                "POST",
                op.path,
                content=msgspec.json.encode(request),
                headers={"Content-Type": "application/json", "Idempotency-Key": idempotency_key or new_id().hex},
            )
        if answer.is_error:
            raise problem(answer.content, answer.status_code)
        if op.answer is bytes:
            return answer.content  # type: ignore[return-value]
        return decode(answer.content, op.answer, f"answer of {op.name}")

    def stream(self, op: Operation[Q, Iterator[A | None]], request: Q) -> Iterator[A]:
        """Yield the records of a stream as the server sends them."""
        with self.http.stream("GET", op.path, params=query(request), timeout=None) as answer:
            if answer.is_error:
                raise problem(answer.read(), answer.status_code)
            for line in answer.iter_lines():
                if line:
                    yield decode(line.encode(), op.answer, f"line of {op.name}")  # type: ignore[misc]

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        import httpx

        for attempt in range(1, TRIES + 1):
            try:
                return self.http.request(method, path, **options)
            except httpx.TransportError as error:
                if attempt == TRIES:
                    message = f"the server at {self._url} does not answer: {error}"
                    raise UnavailableError(message, hint="Start it with `hendrix up`, or check HENDRIX_URL.") from error
                time.sleep(0.1 * 2**attempt)
        raise AssertionError  # pragma: no cover - the loop returns or raises


def query(request: Any) -> dict[str, str]:
    """Turn a record of scalars into query parameters; what is None is left out."""
    given = msgspec.to_builtins(request, str_keys=True)
    return {
        name: ("true" if value else "false") if isinstance(value, bool) else str(value)
        for name, value in given.items()
        if value is not None
    }


def problem(body: bytes, status: int) -> HendrixError:
    """Turn a problem document (RFC 9457) into the error that it tells of."""
    try:
        document = msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.MsgspecError:
        return UnavailableError(f"the server answered {status}: {body[:200].decode(errors='replace')}")
    kind = BY_CODE.get(str(document.get("code")), HendrixError)
    return kind(str(document.get("detail", "")), hint=str(document.get("hint", "")), **document.get("details", {}))


def open_host(settings: Settings, home: Home) -> Host:
    """Open the graph and artifacts of a state folder, bringing the schema up to date.

    Raises
    ------
    ConflictError
        When a newer Hendrix wrote the folder; nothing is touched.
    UnavailableError
        When it must be upgraded while other processes use it.
    """
    from hendrix.graph import Graph

    home.prepare()
    url = settings["database"] or f"sqlite:///{home.database}"
    graph = Graph(url, durability=settings.durability)
    if not graph.ready():
        if graph.sqlite:
            with home.exclusive():
                _back_up(home.database)
                graph.prepare()
        else:
            graph.prepare()
    home.share()
    return Host(settings=settings, home=home, store=graph, artifacts=LocalArtifacts(home.artifacts))


def _back_up(database: Path) -> None:
    """Copy a database that is about to be upgraded, with what its write-ahead log still holds."""
    import sqlite3

    if not database.exists():
        return
    with sqlite3.connect(database) as source, sqlite3.connect(database.with_suffix(".before-upgrade.db")) as target:
        source.backup(target)
