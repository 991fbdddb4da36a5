"""Who may ask: the Host and Origin checks that keep pages of other origins out.

A browser sends the page's origin with whatever a script posts, and a rebound name in `Host`. Both are compared
with what this server goes by, and it sends no CORS headers, so such a page can neither start nor read anything.
"""

from __future__ import annotations

from hendrix.serving.problems import ForeignOriginError

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


class Access:
    """The allowed hosts.

    Parameters
    ----------
    hosts
        Names and addresses that this server goes by, besides loopback's; without ports.
    """

    def __init__(self, hosts: tuple[str, ...] = ()) -> None:
        self._hosts = frozenset(host.lower() for host in (*LOOPBACK, *hosts))
        # A client names the same host in every request: the verdict on the last one is kept.
        self._known: str | None = None

    def check(self, host: str | None, origin: str | None) -> None:
        """Refuse a request for another host, or from a page of another origin.

        Raises
        ------
        ForeignOriginError
            Naming the host or the origin.
        """
        if host != self._known or host is None:
            if host is None or _without_port(host).lower() not in self._hosts:
                message = f"this server does not go by the host {host!r}"
                raise ForeignOriginError(message, hint=f"Ask for one of {', '.join(sorted(self._hosts))}.")
            self._known = host
        if origin is not None and origin not in (f"http://{host}", f"https://{host}"):
            message = f"pages of {origin!r} may not use this server"
            raise ForeignOriginError(message, hint="Call it from a program, or from a page that it serves itself.")


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[: host.find("]") + 1]
    return host.partition(":")[0]
