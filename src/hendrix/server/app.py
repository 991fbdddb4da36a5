"""The control plane as one application: operations, artifacts, the portal, and who may use them."""

from __future__ import annotations

import os
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from starlette.staticfiles import StaticFiles

from hendrix.entities import HendrixError, NotFoundError
from hendrix.server import blobs, problems, routes
from hendrix.server.auth import COOKIE, SESSION_LIVES_S, Authenticator, is_loopback
from hendrix.server.keeper import keeping
from hendrix.serving import Access
from hendrix.session import Home, Settings, open_host

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from hendrix.session import Host

STATIC = Path(__file__).parent / "static"
POLICY = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"


def create() -> FastAPI:
    """Make the application of the state folder that the environment names; what the server process calls."""
    settings = Settings()
    return application(open_host(settings, Home.find(settings["home"])))


def application(host: Host) -> FastAPI:
    """Make the application over an open state folder."""
    address = host.settings["server.host"] or "127.0.0.1"
    names = tuple(name for name in os.environ.get("HENDRIX_SERVER_NAMES", "").split(",") if name)
    access = Access((*names, address))
    authenticator = Authenticator(host, open_reading=is_loopback(address))
    app = FastAPI(
        title="Hendrix",
        version=version("hendrix-ml"),
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lambda _: keeping(host.home),
    )
    problems.install(app)

    @app.middleware("http")
    async def guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        try:
            access.check(request.headers.get("host"), request.headers.get("origin"))
            if request.url.path.startswith("/api/"):
                request.state.principal = authenticator.principal(
                    request.headers.get("authorization"), request.cookies.get(COOKIE)
                )
            response = await call_next(request)
        except HendrixError as error:
            response = problems.respond(error)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response

    @app.get("/health", include_in_schema=False)
    async def health() -> dict[str, Any]:
        return {"status": "ok", "version": app.version}

    @app.post("/api/v1/login/code", tags=["login"], operation_id="login_code")
    async def code(request: Request) -> dict[str, str]:
        """Make the code of a one-time link to the portal."""
        request.state.principal.check("login:admin")
        return {"code": authenticator.code()}

    @app.get("/login", include_in_schema=False)
    async def login(code: str, to: str = "/") -> Response:
        session = await run_in_threadpool(authenticator.redeem, code)
        response = RedirectResponse(to if to.startswith("/") and not to.startswith("//") else "/", status_code=303)
        response.set_cookie(COOKIE, session, max_age=SESSION_LIVES_S, httponly=True, samesite="strict")
        return response

    app.include_router(blobs.router(host))
    app.include_router(routes.router(host))
    _portal(app)
    app.openapi = lambda: app.openapi_schema or _documented(app)  # type: ignore[method-assign]
    return app


def _documented(app: FastAPI) -> dict[str, Any]:
    app.openapi_schema = routes.document(app)
    return app.openapi_schema


def _portal(app: FastAPI) -> None:
    """Serve the portal's files; every address that is no file is one of its pages."""
    if (STATIC / "assets").is_dir():
        app.mount("/assets", _Immutable(directory=STATIC / "assets"), name="assets")

    @app.get("/{path:path}", include_in_schema=False)
    async def page(path: str) -> Response:
        if path.startswith("api/"):
            message = f"there is nothing at /{path}"
            raise NotFoundError(message, hint="/api/openapi.json lists what can be asked.")
        file = (STATIC / path).resolve()
        if path and file.is_file() and file.is_relative_to(STATIC.resolve()):
            return Response(file.read_bytes(), media_type=_media(file))
        index = STATIC / "index.html"
        if not index.is_file():
            message = "the portal is not built"
            raise NotFoundError(message, hint="Run `make portal` in a checkout; the wheel brings it built.")
        return Response(index.read_bytes(), media_type="text/html", headers={"Cache-Control": "no-cache"})


def _media(file: Path) -> str:
    return {".svg": "image/svg+xml", ".ico": "image/x-icon", ".png": "image/png", ".txt": "text/plain"}.get(
        file.suffix, "application/octet-stream"
    )


class _Immutable(StaticFiles):
    """Files whose names hold a hash of their bytes: a browser need not ask for them again."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response
