"""Operations: the commits of the platform, each declared once.

From a declaration follow the HTTP route, the OpenAPI document, the portal's types and the wire client.
Embedded, the function is called; with a server, the server calls the same function.
"""

from __future__ import annotations

import hashlib
import inspect
import re
import sys
import time
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

import msgspec

from hendrix.entities import ConflictError, InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from hendrix.artifacts import LocalArtifacts
    from hendrix.graph import Graph, Transaction
    from hendrix.session.home import Home
    from hendrix.session.principal import Principal
    from hendrix.session.settings import Settings

Q = TypeVar("Q")
A = TypeVar("A")
Kind = Literal["read", "write", "stream"]

SHOWN = 80
"""How many characters of a wrong value a message shows."""
PAUSE_S = 0.5
"""How long a stream that has nothing to say is left alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """What operations run on: one state folder's graph and artifacts."""

    settings: Settings
    home: Home
    store: Graph
    artifacts: LocalArtifacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What an operation is given: who asks, and the graph in this one transaction.

    A stream has no transaction of its own: it opens short ones with `reading`.
    """

    host: Host
    principal: Principal
    transaction: Transaction | None

    @property
    def graph(self) -> Transaction:
        """The graph, in the transaction that this operation runs in."""
        if self.transaction is None:
            message = "a stream has no transaction of its own: use session.reading()"
            raise ConflictError(message)
        return self.transaction

    @property
    def artifacts(self) -> LocalArtifacts:
        """The content-addressed files, to check what was uploaded."""
        return self.host.artifacts

    def reading(self) -> Any:
        """Open a short read transaction: `with session.reading() as graph`."""
        return self.host.store.read(self.principal.name, self.principal.namespace)


class Operation(Generic[Q, A]):
    """One thing that can be asked, with its types read off the function that answers it."""

    def __init__(
        self,
        function: Callable[[Session, Q], A],
        *,
        name: str,
        permission: str,
        kind: Kind,
        method: Literal["GET", "POST"],
    ) -> None:
        self.function = function
        self.name = name
        self.permission = permission
        self.kind = kind
        self.method = method
        self.__doc__ = function.__doc__
        self.__name__ = function.__name__
        self.__module__ = function.__module__

    def __call__(self, session: Session, request: Q) -> A:
        """Answer inside an operation that is already running: same session, same transaction."""
        return self.function(session, request)

    @property
    def path(self) -> str:
        """The route: models.promote is /api/v1/models/promote."""
        return f"/api/v1/{self.name.replace('.', '/')}"

    @cached_property
    def request(self) -> type[Q]:
        """The record that it takes."""
        second = list(inspect.signature(self.function).parameters.values())[1]
        return self._evaluate(second.annotation)  # type: ignore[no-any-return]

    @cached_property
    def answer(self) -> type[A]:
        """The record that it gives; for a stream, the record of each line."""
        given = self._evaluate(inspect.signature(self.function).return_annotation)
        if self.kind == "stream":  # Iterator[Record] or Iterator[Record | None]
            (each,) = typing.get_args(given)
            records = [kind for kind in typing.get_args(each) if kind is not type(None)]
            return records[0] if isinstance(each, types.UnionType) else each  # type: ignore[no-any-return]
        return given  # type: ignore[no-any-return]

    def _evaluate(self, annotation: Any) -> Any:
        if not isinstance(annotation, str):
            return annotation
        names = {"Iterator": Iterator} | vars(sys.modules[self.function.__module__])
        return eval(annotation, names)  # noqa: S307 - our own annotation


def operation(
    name: str, *, permission: str, kind: Kind = "write", method: Literal["GET", "POST"] | None = None
) -> Callable[[Callable[[Session, Q], A]], Operation[Q, A]]:
    """Declare an operation.

    Parameters
    ----------
    name
        `room.verb`.
    permission
        `room:level`, the level one of read, log, write, run, admin.
    kind
        `write` runs in one write transaction, `read` in a read one, `stream` yields records and opens its own.
    method
        GET for reads of scalars, POST for the rest; by default GET for reads and streams.
    """

    def declare(function: Callable[[Session, Q], A]) -> Operation[Q, A]:
        chosen = method or ("POST" if kind == "write" else "GET")
        return Operation(function, name=name, permission=permission, kind=kind, method=chosen)

    return declare


def execute(
    host: Host, principal: Principal, op: Operation[Q, A], request: Q, *, idempotency_key: str | None = None
) -> A:
    """Run an operation: check the right, open the transaction, remember the answer for its key.

    Raises
    ------
    RefusedError
        When the principal may not.
    ConflictError
        When the idempotency key came before with another request.
    """
    principal.check(op.permission)
    if op.kind == "read":
        with host.store.read(principal.name, principal.namespace) as graph:
            return op.function(Session(host=host, principal=principal, transaction=graph), request)
    with host.store.write(principal.name, principal.namespace) as graph:
        if idempotency_key is None:
            return op.function(Session(host=host, principal=principal, transaction=graph), request)
        from hendrix.graph import recall, remember

        asked = hashlib.sha256(msgspec.json.encode(request, order="deterministic")).hexdigest()
        known = recall(graph, idempotency_key, operation=op.name, request_digest=asked)
        if known is not None:
            return msgspec.json.decode(known, type=op.answer)
        answer = op.function(Session(host=host, principal=principal, transaction=graph), request)
        remember(graph, idempotency_key, operation=op.name, request_digest=asked, body=msgspec.json.encode(answer))
        return answer


def follow(host: Host, principal: Principal, op: Operation[Q, Iterator[A | None]], request: Q) -> Iterator[A]:
    """Run a stream: records as they come. Where the operation has nothing now, it is asked again a little later."""
    for record in begin(host, principal, op, request):
        if record is None:
            time.sleep(PAUSE_S)
        else:
            yield record


def begin(host: Host, principal: Principal, op: Operation[Q, Iterator[A | None]], request: Q) -> Iterator[A | None]:
    """Begin a stream and return it as it is: None means that there is nothing now."""
    principal.check(op.permission)
    return op.function(Session(host=host, principal=principal, transaction=None), request)


def decode(data: bytes, kind: type[A], what: str) -> A:
    """Read a record from JSON, or say what is wrong with it.

    Raises
    ------
    InvalidInputError
        Naming the field.
    """
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.ValidationError as error:
        told, _, path = str(error).partition(" - at `$")
        field = path.strip("`.") or "it"
        message = f"the {what} can't be read: {field} is {_value(data, field)}. {told}"
        raise InvalidInputError(
            message, hint="/api/openapi.json holds the types of every field.", field=field
        ) from error
    except msgspec.DecodeError as error:
        message = f"the {what} is no JSON: {error}"
        raise InvalidInputError(message) from error


def _value(data: bytes, field: str) -> str:
    """Return what stands at a field of JSON, short enough for a message."""
    value = msgspec.json.decode(data)
    for step in re.findall(r"[^.\[\]]+", field):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit():
            value = value[int(step)]
    shown = repr(value)
    return shown if len(shown) <= SHOWN else f"{shown[:SHOWN]}…"
