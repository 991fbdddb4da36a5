"""Who asks, and what they may."""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from typing import Literal

from hendrix.entities import DEFAULT_NAMESPACE, RefusedError, UnauthenticatedError

Level = Literal["read", "log", "write", "run", "admin"]
LEVELS: tuple[Level, ...] = ("read", "log", "write", "run", "admin")
"""Each level holds those before it. `run` is whatever runs or loads code, or changes what is served."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who asks: a name for events, the namespace they speak for, and the level of what they may."""

    name: str
    level: Level
    namespace: str = DEFAULT_NAMESPACE
    authenticated: bool = True

    def check(self, permission: str) -> None:
        """Refuse what this principal may not do.

        Parameters
        ----------
        permission
            `room:level`, as in `models:write`.

        Raises
        ------
        UnauthenticatedError
            When nobody said who they are.
        RefusedError
            When their level is too low.
        """
        needed = permission.partition(":")[2]
        if LEVELS.index(self.level) >= LEVELS.index(needed):
            return
        if not self.authenticated:
            message = f"this needs a token: it asks for {permission}"
            raise UnauthenticatedError(
                message,
                hint="Set HENDRIX_TOKEN, or work on the machine of the server, where the token is found by itself.",
            )
        message = f"{self.name} may {self.level}, but this asks for {permission}"
        raise RefusedError(message, hint="Ask an administrator for a token of that level.")


def local_user(namespace: str) -> Principal:
    """Return the person whose process this is: on their own state folder they may do everything."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        name = "local"
    return Principal(name=name, level="admin", namespace=namespace)


def anonymous(namespace: str = DEFAULT_NAMESPACE) -> Principal:
    """Return whoever comes without a token on loopback: they read and log."""
    return Principal(name="anonymous", level="log", namespace=namespace, authenticated=False)
