"""Routes from operations: each declaration becomes a route, and a part of the OpenAPI document."""

from __future__ import annotations

import dataclasses
import inspect
import typing
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from fastapi import APIRouter, FastAPI, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.openapi.utils import get_openapi
from fastapi.responses import StreamingResponse

from hendrix import plugins
from hendrix.session import PAUSE_S, Operation, begin, decode, execute

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from hendrix.session import Host, Principal

JSON = "application/json"
BINARY = "application/octet-stream"
PROBLEM = "application/problem+json"
BYTES = {"schema": {"type": "string", "format": "binary"}}
_END = object()


def operations() -> list[Operation[Any, Any]]:
    """Return every operation that the platform and its plugins declare, by name."""
    found: dict[str, Operation[Any, Any]] = {}
    for module in plugins.modules("hendrix.operations", plugins.OPERATIONS):
        for value in vars(module).values():
            if isinstance(value, Operation):
                found[value.name] = value
    return [found[name] for name in sorted(found)]


def router(host: Host) -> APIRouter:
    """Make the routes of all operations."""
    routes = APIRouter()
    for op in operations():
        endpoint = _stream(host, op) if op.kind == "stream" else _unary(host, op)
        routes.add_api_route(
            op.path,
            endpoint,
            methods=[op.method],
            name=op.name,
            operation_id=op.name.replace(".", "_"),
            summary=(op.__doc__ or op.name).strip().splitlines()[0],
            description=inspect.cleandoc(op.__doc__ or ""),
            tags=[op.name.partition(".")[0]],
        )
    return routes


def _unary(host: Host, op: Operation[Any, Any]) -> Any:
    async def endpoint(request: Request, **given: Any) -> Response:
        principal: Principal = request.state.principal
        asked = await _asked(op, request, given)
        key = request.headers.get("idempotency-key")
        answer = await run_in_threadpool(execute, host, principal, op, asked, idempotency_key=key)
        if op.answer is bytes:
            return Response(answer, media_type=BINARY)
        return Response(msgspec.json.encode(answer), media_type=JSON)

    return _signed(endpoint, op)


def _stream(host: Host, op: Operation[Any, Any]) -> Any:
    async def endpoint(request: Request, **given: Any) -> Response:
        principal: Principal = request.state.principal
        asked = await _asked(op, request, given)
        records = begin(host, principal, op, asked)
        # The first record is awaited here, so that an error is a problem document and not a broken stream.
        first = await run_in_threadpool(next, records, _END)
        events = "text/event-stream" in request.headers.get("accept", "")
        media = "text/event-stream" if events else "application/x-ndjson"
        return StreamingResponse(
            _lines(first, records, events=events), media_type=media, headers={"Cache-Control": "no-store"}
        )

    return _signed(endpoint, op)


async def _lines(first: Any, records: Iterator[Any], *, events: bool) -> AsyncIterator[bytes]:
    import asyncio

    record = first
    while record is not _END:
        if record is None:
            # A sign of life: the server learns from it that a reader has gone.
            yield b": \n\n" if events else b"\n"
            await asyncio.sleep(PAUSE_S)
        else:
            line = msgspec.json.encode(record)
            yield b"event: change\ndata: " + line + b"\n\n" if events else line + b"\n"
        record = await run_in_threadpool(next, records, _END)


async def _asked(op: Operation[Any, Any], request: Request, given: dict[str, Any]) -> Any:
    """Read the request's record: from the query, or from the body with the decoder that the client writes for."""
    if op.method == "GET":
        return op.request(**given)
    return decode(await request.body() or b"{}", op.request, f"request of {op.name}")


def _signed(endpoint: Any, op: Operation[Any, Any]) -> Any:
    """Give an endpoint the signature that the framework reads: for a GET, the fields of the record."""
    parameter = inspect.Parameter
    parameters = [parameter("request", parameter.KEYWORD_ONLY, annotation=Request)]
    if op.method == "GET":
        hints = typing.get_type_hints(op.request)
        for field in dataclasses.fields(op.request):
            default = parameter.empty if field.default is dataclasses.MISSING else field.default
            annotation: Any = Annotated.__class_getitem__((hints[field.name], Query()))  # type: ignore[attr-defined]
            parameters.append(parameter(field.name, parameter.KEYWORD_ONLY, annotation=annotation, default=default))
    endpoint.__signature__ = inspect.Signature(parameters, return_annotation=Response)
    endpoint.__annotations__ = {p.name: p.annotation for p in parameters}
    return endpoint


def document(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document: the framework's paths, with the schemas of our records in them."""
    found = operations()
    written = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    wanted = [kind for op in found for kind in (op.request, op.answer) if kind is not bytes]
    schemas, components = msgspec.json.schema_components(wanted, ref_template="#/components/schemas/{name}")
    schema_of = dict(zip(map(repr, wanted), schemas, strict=True))
    for op in found:
        route = written["paths"][op.path][op.method.lower()]
        if op.method == "POST":
            route["requestBody"] = {"required": True, "content": {JSON: {"schema": schema_of[repr(op.request)]}}}
        media = {"read": JSON, "write": JSON, "stream": "application/x-ndjson"}[op.kind]
        content = {BINARY: BYTES} if op.answer is bytes else {media: {"schema": schema_of[repr(op.answer)]}}
        route["responses"] = {
            "200": {"description": "The answer.", "content": content},
            "default": {
                "description": "A problem document (RFC 9457).",
                "content": {PROBLEM: {"schema": {"type": "object"}}},
            },
        }
    written.setdefault("components", {}).setdefault("schemas", {}).update(components)
    return written
