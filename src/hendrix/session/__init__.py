"""Who asks and with what: settings, principal, the state folder, operations and the client that carries them.

In come settings and the name of an operation, out comes its answer; embedded and over HTTP the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hendrix.lazy import attach

if TYPE_CHECKING:
    from hendrix.session.attach import consumed, produced
    from hendrix.session.current import client, connect, current_run, disconnect, environment, running
    from hendrix.session.declaration import PAUSE_S, Host, Operation, Session, begin, decode, execute, follow, operation
    from hendrix.session.handle import Handle, LineageView, page, page_path, short, tree
    from hendrix.session.home import Home, Note, read_note, write_note
    from hendrix.session.principal import LEVELS, Principal, anonymous, local_user
    from hendrix.session.reporting import progress
    from hendrix.session.settings import DEFAULTS, Setting, Settings
    from hendrix.session.wire import Client, EmbeddedClient, RemoteClient, open_host

__all__ = [
    "DEFAULTS",
    "LEVELS",
    "PAUSE_S",
    "Client",
    "EmbeddedClient",
    "Handle",
    "Home",
    "Host",
    "LineageView",
    "Note",
    "Operation",
    "Principal",
    "RemoteClient",
    "Session",
    "Setting",
    "Settings",
    "anonymous",
    "begin",
    "client",
    "connect",
    "consumed",
    "current_run",
    "decode",
    "disconnect",
    "environment",
    "execute",
    "follow",
    "local_user",
    "open_host",
    "operation",
    "page",
    "page_path",
    "produced",
    "progress",
    "read_note",
    "running",
    "short",
    "tree",
    "write_note",
]

__getattr__, __dir__ = attach(
    __name__,
    {
        "attach": ("consumed", "produced"),
        "wire": ("Client", "EmbeddedClient", "RemoteClient", "open_host"),
        "current": ("client", "connect", "current_run", "disconnect", "environment", "running"),
        "handle": ("Handle", "LineageView", "page", "page_path", "short", "tree"),
        "home": ("Home", "Note", "read_note", "write_note"),
        "declaration": ("PAUSE_S", "Host", "Operation", "Session", "begin", "decode", "execute", "follow", "operation"),
        "principal": ("LEVELS", "Principal", "anonymous", "local_user"),
        "reporting": ("progress",),
        "settings": ("DEFAULTS", "Setting", "Settings"),
    },
)
