"""Who asks and with what: settings, principal, the state folder, operations and the client that carries them.

In come settings and the name of an operation, out comes its answer; embedded and over HTTP the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hendrix.lazy import attach

if TYPE_CHECKING:
    from hendrix.session.current import client, connect, current_run, disconnect, environment, running
    from hendrix.session.declaration import PAUSE_S, Host, Operation, Session, begin, decode, execute, follow, operation
    from hendrix.session.files import read_record, write_record
    from hendrix.session.handle import Handle, LineageView, page, page_path, short, tree
    from hendrix.session.home import Home, Note, read_note, write_note
    from hendrix.session.interrupts import heed_interrupts
    from hendrix.session.joining import consumed, produced
    from hendrix.session.logs import LogPart, lines, log_parts
    from hendrix.session.paging import every
    from hendrix.session.principal import LEVELS, Principal, anonymous, local_user
    from hendrix.session.processes import Process, identify, this_process
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
    "LogPart",
    "Note",
    "Operation",
    "Principal",
    "Process",
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
    "every",
    "execute",
    "follow",
    "heed_interrupts",
    "identify",
    "lines",
    "local_user",
    "log_parts",
    "open_host",
    "operation",
    "page",
    "page_path",
    "produced",
    "progress",
    "read_note",
    "read_record",
    "running",
    "short",
    "this_process",
    "tree",
    "write_note",
    "write_record",
]

__getattr__, __dir__ = attach(
    __name__,
    {
        "interrupts": ("heed_interrupts",),
        "joining": ("consumed", "produced"),
        "wire": ("Client", "EmbeddedClient", "RemoteClient", "open_host"),
        "current": ("client", "connect", "current_run", "disconnect", "environment", "running"),
        "files": ("read_record", "write_record"),
        "handle": ("Handle", "LineageView", "page", "page_path", "short", "tree"),
        "home": ("Home", "Note", "read_note", "write_note"),
        "logs": ("LogPart", "lines", "log_parts"),
        "paging": ("every",),
        "declaration": ("PAUSE_S", "Host", "Operation", "Session", "begin", "decode", "execute", "follow", "operation"),
        "principal": ("LEVELS", "Principal", "anonymous", "local_user"),
        "processes": ("Process", "identify", "this_process"),
        "reporting": ("progress",),
        "settings": ("DEFAULTS", "Setting", "Settings"),
    },
)
