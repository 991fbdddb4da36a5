"""Routes from operations: each declaration becomes one, with the framework's validation and OpenAPI."""

from __future__ import annotations

import dataclasses
import inspect
import typing
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from fastapi import APIRouter, Body, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from hendrix import plugins
from hendrix.session import PAUSE_S, Operation, begin, execute

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from hendrix.session import Host, Principal

JSON = "application/json"
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
        documented = op.answer if op.answer is not bytes and op.kind != "stream" else None
        routes.add_api_route(
            op.path,
            endpoint,
            methods=[op.method],
            name=op.name,
            operation_id=op.name.replace(".", "_"),
            summary=(op.__doc__ or op.name).strip().splitlines()[0],
            description=inspect.cleandoc(op.__doc__ or ""),
            tags=[op.name.partition(".")[0]],
            response_model=documented,
            responses=_binary() if op.answer is bytes else None,
        )
    return routes


def _unary(host: Host, op: Operation[Any, Any]) -> Any:
    async def endpoint(request: Request, **given: Any) -> Response:
        principal: Principal = request.state.principal
        asked = given["body"] if op.method == "POST" else op.request(**given)
        key = request.headers.get("idempotency-key")
        answer = await run_in_threadpool(execute, host, principal, op, asked, idempotency_key=key)
        if op.answer is bytes:
            return Response(answer, media_type="application/octet-stream")
        return Response(msgspec.json.encode(answer), media_type=JSON)

    return _signed(endpoint, op)


def _stream(host: Host, op: Operation[Any, Any]) -> Any:
    async def endpoint(request: Request, **given: Any) -> Response:
        principal: Principal = request.state.principal
        asked = given["body"] if op.method == "POST" else op.request(**given)
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


def _signed(endpoint: Any, op: Operation[Any, Any]) -> Any:
    """Give an endpoint the signature that the framework reads: the request's fields, or its record as the body."""
    parameter = inspect.Parameter
    parameters = [parameter("request", parameter.KEYWORD_ONLY, annotation=Request)]
    if op.method == "POST":
        parameters.append(parameter("body", parameter.KEYWORD_ONLY, annotation=Annotated[op.request, Body()]))
    else:
        hints = typing.get_type_hints(op.request)
        for field in dataclasses.fields(op.request):
            default = parameter.empty if field.default is dataclasses.MISSING else field.default
            annotation: Any = Annotated.__class_getitem__((hints[field.name], Query()))  # type: ignore[attr-defined]
            parameters.append(parameter(field.name, parameter.KEYWORD_ONLY, annotation=annotation, default=default))
    endpoint.__signature__ = inspect.Signature(parameters, return_annotation=Response)
    endpoint.__annotations__ = {p.name: p.annotation for p in parameters}
    return endpoint


def _binary() -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}}
