"""Errors over HTTP: problem documents (RFC 9457) that say what happened and what to do."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from hendrix.entities import HendrixError, InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence

MEDIA = "application/problem+json"
_log = logging.getLogger("hendrix.server")


def document(error: HendrixError) -> dict[str, Any]:
    """Return the problem document of an error."""
    return {
        "type": f"urn:hendrix:problem:{error.code}",
        "title": error.code.replace("-", " ").capitalize(),
        "status": error.status,
        "detail": error.message,
        "hint": error.hint,
        "code": error.code,
        "details": error.details,
    }


def respond(error: HendrixError) -> Response:
    """Return the response of an error."""
    headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else {}  # noqa: PLR2004
    return Response(msgspec.json.encode(document(error)), error.status, headers=headers, media_type=MEDIA)


def install(app: FastAPI) -> None:
    """Let every error of an application answer as a problem document."""

    async def known(_request: Request, error: Exception) -> Response:
        return respond(error if isinstance(error, HendrixError) else unexpected(error))

    async def invalid(_request: Request, error: Exception) -> Response:
        return respond(_validation(error.errors() if isinstance(error, RequestValidationError) else ()))

    async def http(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        if status == 404:  # noqa: PLR2004
            message = f"there is nothing at {request.url.path}"
            return respond(NotFoundError(message, hint="/api/openapi.json lists what can be asked."))
        refused = InvalidInputError(f"{request.method} {request.url.path} can't be answered")
        return Response(msgspec.json.encode({**document(refused), "status": status}), status, media_type=MEDIA)

    app.add_exception_handler(HendrixError, known)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(Exception, known)


def unexpected(error: Exception) -> HendrixError:
    """Say that the server itself failed; the traceback goes to its log."""
    _log.error("the server failed", exc_info=error)
    message = f"the server failed: {type(error).__name__}"
    return HendrixError(message, hint="The server's log holds the traceback; `hendrix doctor` checks the rest.")


def _validation(errors: Sequence[Any]) -> InvalidInputError:
    first = errors[0] if errors else {}
    where = ".".join(str(part) for part in first.get("loc", ())[1:]) or "the body"
    given = first.get("input")
    shown = repr(given) if isinstance(given, str | int | float | bool | None) else type(given).__name__
    message = f"{where}: {first.get('msg', 'invalid')} (got {shown})"
    fields = [".".join(str(part) for part in error.get("loc", ())[1:]) for error in errors]
    return InvalidInputError(message, hint="/api/openapi.json holds the types of every field.", fields=fields)
