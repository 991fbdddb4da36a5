"""The server as a process: `python -m hendrix.server`, started by `hendrix up` and ended by `hendrix down`."""

from __future__ import annotations

import logging
import os
import socket
import sys

from hendrix.entities import ConflictError, HendrixError, InvalidInputError
from hendrix.session import Home, Settings, write_note

HIGHEST_PORT = 65535


def main() -> int:
    """Serve until a signal ends the process."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    settings = Settings()
    home = Home.find(settings["home"])
    host = settings["server.host"] or "127.0.0.1"
    try:
        port = reserve(host, _number(settings["server.port"] or "0"))
        home.prepare()
        home.ensure_token()
    except HendrixError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the process's own words
        return error.exit_code
    os.environ["HENDRIX_HOME"] = str(home.root)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s", level=logging.INFO)
    server = Granian(
        "hendrix.server.app:create",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        factory=True,
        websockets=False,
        log_level=LogLevels.warning,
    )
    shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - compared, not bound
    server.on_startup(lambda: write_note(home, f"http://{shown}:{port}"))
    try:
        server.serve()
    finally:
        home.note.unlink(missing_ok=True)
    return 0


def _number(text: str) -> int:
    if not text.isdigit() or int(text) > HIGHEST_PORT:
        message = f"the port is {text!r}"
        raise InvalidInputError(message, hint=f"Take 0 to {HIGHEST_PORT} for the setting server.port.")
    return int(text)


def reserve(host: str, port: int) -> int:
    """Return the port to listen on: the given one when it is free, any free one for 0.

    Raises
    ------
    ConflictError
        When somebody listens there.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            message = f"port {port} on {host} can't be used: {error.strerror}"
            raise ConflictError(
                message, hint="Choose another with `hendrix up --port 8601`, or 0 for any free one."
            ) from error
        return int(probe.getsockname()[1])
