"""Errors as problem documents (RFC 9457)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypeVar

import msgspec

from hendrix.entities import (
    HendrixError,
    InvalidInputError,
    NotFoundError,
    RefusedError,
    UnavailableError,
)
from hendrix.serving.records import Problem

if TYPE_CHECKING:
    from typing import ClassVar


_LOG = logging.getLogger(__name__)
R = TypeVar("R")


class MalformedError(InvalidInputError):
    """A body that can't be read at all."""

    problem: ClassVar[str] = "malformed"
    status: ClassVar[int] = 400


class TooLargeError(InvalidInputError):
    """A body over the server's limit."""

    problem: ClassVar[str] = "too-large"
    status: ClassVar[int] = 413


class MethodError(InvalidInputError):
    """A route that knows other methods."""

    problem: ClassVar[str] = "method-not-allowed"
    status: ClassVar[int] = 405


class ForeignOriginError(RefusedError):
    """A request that a page of another origin sent, or one for another host."""

    problem: ClassVar[str] = "foreign-origin"


class NotReadyError(UnavailableError):
    """The model is not loaded yet, or no longer."""

    problem: ClassVar[str] = "not-ready"


class OverloadedError(UnavailableError):
    """More rows wait than the queue holds."""

    problem: ClassVar[str] = "overloaded"


class ModelError(HendrixError):
    """The model itself failed."""

    problem: ClassVar[str] = "model-failed"
    status: ClassVar[int] = 500


class UnknownRouteError(NotFoundError):
    """A path that the server does not have."""

    problem: ClassVar[str] = "unknown-route"


def decoded(decoder: msgspec.json.Decoder[R], body: bytes, otherwise: str, *, hint: str, nan: str) -> R:
    """Read the JSON of a request, or say that it is `otherwise`; `nan` says what to do about NaN.

    Raises
    ------
    MalformedError
        When it is no JSON.
    InvalidInputError
        When it is JSON of another shape.
    """
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        message = f"the body is {otherwise}: {error}"
        raise InvalidInputError(message, hint=hint) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        message = f"the body is no JSON: {error}"
        raise MalformedError(message, hint=f"{hint}; NaN is no JSON, {nan}") from error


_TITLES: dict[int, str] = {
    400: "The body can't be read",
    403: "Refused",
    404: "Not found",
    409: "Not possible in the present state",
    405: "Method not allowed",
    413: "The body is too large",
    422: "The input does not fit the model",
    500: "The server or the model failed",
    503: "Not available now",
}


def problem_of(error: HendrixError) -> Problem:
    """Write an error as a problem document."""
    return Problem(
        type=f"urn:hendrix:problem:{getattr(error, 'problem', error.code)}",
        title=_TITLES.get(error.status, "Failed"),
        status=error.status,
        code=error.code,
        detail=error.message,
        hint=error.hint,
        error=str(error),
    )


def encode(error: HendrixError) -> bytes:
    """Encode an error's problem document."""
    return msgspec.json.encode(problem_of(error))


def unexpected(error: Exception) -> HendrixError:
    """Say that the server itself failed; the traceback goes to its log."""
    _LOG.error("the server failed", exc_info=error)
    message = f"the server failed: {type(error).__name__}"
    return HendrixError(message, hint="The server's log holds the traceback.")
