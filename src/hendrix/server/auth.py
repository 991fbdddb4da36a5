"""Who asks over HTTP: the token of the state folder, a portal's session cookie, or nobody on loopback."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import secrets
import time
from typing import TYPE_CHECKING

from hendrix.entities import ConflictError, UnauthenticatedError
from hendrix.graph import remember
from hendrix.session import Principal, anonymous

if TYPE_CHECKING:
    from hendrix.session import Host

COOKIE = "hendrix_session"
CODE_LIVES_S = 300
SESSION_LIVES_S = 30 * 24 * 3600


class Authenticator:
    """Turns what a request carries into a principal.

    Parameters
    ----------
    host
        What the operations run on; its state folder holds the token.
    open_reading
        Whether whoever comes without a token may read and log: on loopback only.
    """

    def __init__(self, host: Host, *, open_reading: bool) -> None:
        self._host = host
        self._token = host.home.ensure_token()
        self._open = open_reading
        self._namespace = host.settings.namespace

    def principal(self, authorization: str | None, cookie: str | None) -> Principal:
        """Return who asks.

        Raises
        ------
        UnauthenticatedError
            When the token or the cookie is wrong, or none came where one is needed.
        """
        owner = Principal(name="owner", level="admin", namespace=self._namespace)
        if authorization is not None:
            scheme, _, token = authorization.partition(" ")
            if scheme.lower() == "bearer" and secrets.compare_digest(token.strip(), self._token):
                return owner
            message = "the token is not this server's"
            raise UnauthenticatedError(message, hint="`hendrix config` shows which token is sent, and from where.")
        if cookie is not None and self._valid(cookie, "session"):
            return owner
        if self._open:
            return anonymous(self._namespace)
        message = "this server is open to more than this machine, so everything needs a token"
        raise UnauthenticatedError(message, hint="Set HENDRIX_TOKEN to the token in the server's state folder.")

    def code(self) -> str:
        """Make the code of a one-time link to the portal, good for five minutes."""
        return self._sign("code", CODE_LIVES_S)

    def redeem(self, code: str) -> str:
        """Turn a one-time code into the value of the session cookie.

        Raises
        ------
        UnauthenticatedError
            When it is wrong, too old, or was used.
        """
        stale = "this link was used, or is older than five minutes"
        again = "`hendrix open` prints a new one."
        if not self._valid(code, "code"):
            raise UnauthenticatedError(stale, hint=again)
        try:
            with self._host.store.write("owner", self._namespace) as graph:
                used = hashlib.sha256(code.encode()).hexdigest()
                remember(graph, f"login/{used}", operation="login", request_digest=used, body=b"{}")
        except ConflictError as error:
            raise UnauthenticatedError(stale, hint=again) from error
        return self._sign("session", SESSION_LIVES_S)

    def _sign(self, purpose: str, lives_s: int) -> str:
        body = f"{int(time.time()) + lives_s}.{secrets.token_urlsafe(12)}"
        return f"{body}.{self._mark(purpose, body)}"

    def _valid(self, signed: str, purpose: str) -> bool:
        body, _, mark = signed.rpartition(".")
        until = body.partition(".")[0]
        return secrets.compare_digest(mark, self._mark(purpose, body)) and until.isdigit() and int(until) > time.time()

    def _mark(self, purpose: str, body: str) -> str:
        key = f"{purpose}:{self._token}".encode()
        return base64.urlsafe_b64encode(hmac.new(key, body.encode(), hashlib.sha256).digest()).decode().rstrip("=")


def is_loopback(address: str) -> bool:
    """Whether an address is reached from this machine only."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
