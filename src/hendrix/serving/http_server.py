"""Runs a core on a listening socket that somebody else has bound."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from hendrix.lazy import require
from hendrix.serving.rsgi import RsgiShell

if TYPE_CHECKING:
    import socket

    from hendrix.serving.core import InferenceCore

BACKLOG = 2048


def make_server(core: InferenceCore, listener: socket.socket) -> Any:
    """Make granian's in-process server over an existing socket.

    The socket is a duplicate that granian owns; the caller's stays open, so that whoever holds it keeps the port.
    Granian has no public way to take a socket: its one hook for binding is replaced
    (`tests/serving/test_server.py` pins it).
    """
    embed = require("granian.server.embed", "serving")
    constants = require("granian.constants", "serving")
    native = require("granian._granian", "serving")

    class SocketServer(embed.Server):  # type: ignore[misc, name-defined]
        def _init_shared_socket(self) -> None:
            copy = listener.dup()
            copy.setblocking(False)  # noqa: FBT003 - the socket's own signature
            self._ssp = None
            self._shd = native.SocketHolder(copy.detach(), False, BACKLOG)  # noqa: FBT003 - granian's own order

    address, port = listener.getsockname()[:2]
    server = SocketServer(
        RsgiShell(core),
        address=address,
        port=port,
        interface=constants.Interfaces.RSGI,
        http=constants.HTTPModes.http1,
        websockets=False,
        backlog=BACKLOG,
        log_enabled=False,
    )
    # Granian's loggers are switched off above; what it has to say at start is not for people.
    logging.getLogger("_granian").setLevel(logging.ERROR)
    return server


async def serve(core: InferenceCore, listener: socket.socket, stop: asyncio.Event) -> None:
    """Answer requests until `stop` is set; then finish those under way, and write the rest of the log."""
    server = make_server(core, listener)
    running = asyncio.create_task(server.serve())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    core.drain()
    if not running.done():
        server.signal_handler_interrupt()
    stopping.cancel()
    await running
    core.close()
