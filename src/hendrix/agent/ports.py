"""Ports: reserved by binding and listening, so that no other process gets them while a worker is down.

The agent binds alone, so a port in use is noticed, and only then lets others of this user join (SO_REUSEPORT): that
is how the next agent, after a kill, reserves a port that a living worker still serves.
"""

from __future__ import annotations

import errno
import socket

from hendrix.entities import ConflictError, InvalidInputError

BACKLOG = 2048
FIRST, LAST = 8700, 9699
"""Where free ports are looked for: below those that systems give to outgoing connections, so they stay free."""


def reserve(host: str, port: int, *, join: bool = False) -> socket.socket:
    """Bind and listen.

    Parameters
    ----------
    host, port
        Where.
    join
        Whether a worker of ours still serves the port.

    Raises
    ------
    ConflictError
        When another process has the port.
    InvalidInputError
        When the host is none of this machine's addresses, or the port is not for this user.
    """
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if join:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            message = f"port {port} on {host} is used by another process"
            raise ConflictError(
                message, hint="End that process, or deploy with another port: hx.deploy(..., port=...).", port=port
            ) from error
        message = f"port {port} on {host} can't be used: {error.strerror}"
        raise InvalidInputError(
            message, hint="Deploy with another port: hx.deploy(..., port=...).", port=port
        ) from error
    return listener


def reserve_any(host: str) -> socket.socket:
    """Reserve the first free port of our range, or else one that the system chooses."""
    for port in range(FIRST, LAST + 1):
        try:
            return reserve(host, port)
        except ConflictError:
            continue
    return reserve(host, 0)
