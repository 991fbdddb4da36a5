"""The byte path of artifacts: bytes go up and down by their digest, never held in memory whole."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hendrix.session import Host, Principal

PIECE = 1 << 20


def router(host: Host) -> APIRouter:
    """Make the routes of the artifacts."""
    routes = APIRouter(prefix="/api/v1/artifacts", tags=["artifacts"])

    @routes.head("/{digest}", include_in_schema=False)
    @routes.get("/{digest}", operation_id="artifacts_get", response_class=FileResponse)
    async def get(digest: str, request: Request) -> Response:
        """Return the bytes with a digest; ranges are honoured."""
        _principal(request).check("artifacts:read")
        path = await run_in_threadpool(host.artifacts.path, digest)
        headers = {"Cache-Control": "private, max-age=31536000, immutable"}
        return FileResponse(path, media_type="application/octet-stream", headers=headers)

    @routes.put("/{digest}", operation_id="artifacts_put", status_code=201)
    async def put(digest: str, request: Request) -> Response:
        """Keep bytes; they must have the digest that the path announces."""
        _principal(request).check("artifacts:log")
        with tempfile.TemporaryFile(dir=host.home.root) as file:
            async for piece in request.stream():
                await run_in_threadpool(file.write, piece)
            file.seek(0)

            def pieces() -> Iterator[bytes]:
                while piece := file.read(PIECE):
                    yield piece

            await run_in_threadpool(host.artifacts.receive, pieces(), digest)
        return Response(status_code=201)

    return routes


def _principal(request: Request) -> Principal:
    principal: Principal = request.state.principal
    return principal
