"""The shell for ASGI servers and tests; it answers with the same bytes as the RSGI one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hendrix.serving.core import Answer, InferenceCore


class AsgiShell:
    """Serves a core over ASGI."""

    def __init__(self, core: InferenceCore) -> None:
        self._core = core

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        refusal = self._core.refuse_size(headers.get("content-length"))
        if refusal is not None:
            await _send(send, refusal)
            return
        parts: list[bytes] = []
        size = 0
        more = True
        while more and size <= self._core.max_body:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            part = message.get("body", b"")
            size += len(part)
            parts.append(part)
            more = message.get("more_body", False)
        await _send(send, await self._core.answer(scope["method"], scope["path"], headers, b"".join(parts)))


async def _send(send: Any, answer: Answer) -> None:
    status, headers, body = answer
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    encoded.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})
