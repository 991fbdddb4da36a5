"""The server keeps an agent at its side: deployments made over HTTP need one, and one that dies is replaced."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from fastapi.concurrency import run_in_threadpool

from hendrix import agent
from hendrix.entities import HendrixError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from hendrix.session import Home

LOOK_EVERY_S = 2.0
_log = logging.getLogger("hendrix.server")


@contextlib.asynccontextmanager
async def keeping(home: Home) -> AsyncIterator[None]:
    """Keep an agent for the time of the block; it outlives the server, `hendrix down` ends it."""
    task = asyncio.create_task(_keep(home))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _keep(home: Home) -> None:
    while True:
        try:
            await run_in_threadpool(agent.ensure, home)
        except HendrixError:
            _log.exception("no agent could be started")
        await asyncio.sleep(LOOK_EVERY_S)
