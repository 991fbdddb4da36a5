"""The production shell: granian's own interface."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hendrix.serving.core import InferenceCore


class RsgiShell:
    """Serves a core over RSGI."""

    def __init__(self, core: InferenceCore) -> None:
        self._core = core

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer one request."""
        headers = scope.headers
        method = scope.method
        body = b""
        if method not in ("GET", "HEAD"):
            length = headers.get("content-length")
            refusal = self._core.refuse_size(length)
            if refusal is not None:
                protocol.response_bytes(*refusal)
                return
            body = await (protocol() if length is not None else self._bounded(protocol))
        protocol.response_bytes(*await self._core.answer(method, scope.path, headers, body))

    async def _bounded(self, protocol: Any) -> bytes:
        """Read a body of unknown length, no further than the limit."""
        parts: list[bytes] = []
        size = 0
        async for part in protocol:
            parts.append(part)
            size += len(part)
            if size > self._core.max_body:
                break
        return b"".join(parts)
