"""The stores of artifacts: files called by the digest of their bytes, here or on a server."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from hendrix.artifacts.records import Blob
from hendrix.entities import DriftError, InvalidInputError, NotFoundError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import httpx

PIECE = 1 << 20
"""How many bytes are held in memory at a time."""


class Artifacts(Protocol):
    """Where bytes are kept and found by their digest."""

    def put(self, source: Path | bytes) -> Blob:
        """Keep the bytes of a file, or these bytes; they are durable when this returns."""
        ...

    def path(self, digest: str) -> Path:
        """Return a local file that holds these bytes; it is read-only and may go when it is not used.

        Raises
        ------
        NotFoundError
            When nothing has this digest.
        """
        ...


class LocalArtifacts:
    """Artifacts in a folder of this machine.

    Parameters
    ----------
    root
        The folder; it is made when something is first put.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, source: Path | bytes) -> Blob:
        """Keep the bytes of a file, or these bytes; they are durable when this returns."""
        return self.receive(_pieces(source))

    def receive(self, pieces: Iterable[bytes], expected: str | None = None) -> Blob:
        """Keep bytes that come in pieces, without holding them in memory.

        Raises
        ------
        DriftError
            When they are not the bytes that were announced; nothing is kept.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.root, prefix=".incoming-")
        temporary, hasher, size = Path(name), hashlib.sha256(), 0
        try:
            with os.fdopen(handle, "wb") as file:
                for piece in pieces:
                    hasher.update(piece)
                    size += len(piece)
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            digest = f"sha256:{hasher.hexdigest()}"
            if expected is not None and digest != expected:
                message = f"the bytes that came are {digest}, not {expected}"
                raise DriftError(message, hint="The file changed while it was sent; send it again.")
            target = self._target(digest)
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary.chmod(0o444)
            temporary.replace(target)
        finally:
            with contextlib.suppress(FileNotFoundError):
                temporary.unlink()
        return Blob(digest=digest, size=size)

    def path(self, digest: str) -> Path:
        """Return the file that holds these bytes.

        Raises
        ------
        NotFoundError
            When nothing has this digest.
        """
        target = self._target(digest)
        if not target.exists():
            message = f"no artifact has the digest {digest}"
            raise NotFoundError(message, hint="It was removed from the state folder, or never uploaded.")
        return target

    def _target(self, digest: str) -> Path:
        algorithm, _, value = digest.partition(":")
        if algorithm != "sha256" or len(value) != 64 or not all(c in "0123456789abcdef" for c in value):  # noqa: PLR2004
            message = f"{digest!r} is no digest"
            raise InvalidInputError(message, hint="Digests are sha256: and 64 hex digits.")
        return self.root / "sha256" / value[:2] / value[2:]


class RemoteArtifacts:
    """Artifacts of a server, with those that were read kept in a folder of this machine.

    Parameters
    ----------
    http
        A client whose base is the server's address.
    cache
        Where what was fetched is kept.
    """

    def __init__(self, http: httpx.Client, cache: Path) -> None:
        self.http = http
        self.cache = LocalArtifacts(cache)

    def put(self, source: Path | bytes) -> Blob:
        """Send the bytes of a file, or these bytes; they are durable when this returns."""
        hasher, size = hashlib.sha256(), 0
        for piece in _pieces(source):
            hasher.update(piece)
            size += len(piece)
        digest = f"sha256:{hasher.hexdigest()}"
        if self.http.head(f"/api/v1/artifacts/{digest}").status_code != 200:  # noqa: PLR2004
            answer = self.http.put(f"/api/v1/artifacts/{digest}", content=_pieces(source))
            _check(answer)
        return Blob(digest=digest, size=size)

    def path(self, digest: str) -> Path:
        """Return a local file that holds these bytes, fetched when they are not here yet.

        Raises
        ------
        NotFoundError
            When the server has nothing of this digest.
        """
        with contextlib.suppress(NotFoundError):
            return self.cache.path(digest)
        with self.http.stream("GET", f"/api/v1/artifacts/{digest}") as answer:
            if answer.status_code == 404:  # noqa: PLR2004
                message = f"the server has no artifact with the digest {digest}"
                raise NotFoundError(message)
            _check(answer)
            self.cache.receive(answer.iter_bytes(PIECE), expected=digest)
        return self.cache.path(digest)


def _check(answer: httpx.Response) -> None:
    if answer.is_error:
        answer.read()
        message = f"the server answered {answer.status_code} for {answer.request.url}: {answer.text[:200]}"
        raise UnavailableError(message, hint="`hendrix doctor` checks the server and the token.")


def _pieces(source: Path | bytes) -> Iterable[bytes]:
    if isinstance(source, bytes):
        yield source
        return
    try:
        with source.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece
    except OSError as error:
        message = f"{source} can't be read: {error.strerror}"
        raise InvalidInputError(message, hint="Check the path and its rights.") from error
