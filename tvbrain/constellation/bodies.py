"""Bodies are bounded before they are read: by the length that is announced, and by what really comes."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from tvbrain.wire.errors import OverLimitError

MOST = 4096
"""Bytes of any request's body; a push is bounded further where it is decoded."""

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class BoundedBodies:
    """ASGI middleware. What announces more gets 413 unread; what sends more is cut off with OverLimitError."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > MOST:
            await _refuse(send)
            return
        come = 0

        async def bounded() -> Message:
            nonlocal come
            message = await receive()
            come += len(message.get("body", b""))
            if come > MOST:
                raise OverLimitError(f"a body of more than {MOST} bytes")
            return message

        await self._app(scope, bounded, send)


async def _refuse(send: Send) -> None:
    detail = f"a body of more than {MOST} bytes"
    body = json.dumps({"error": OverLimitError.__name__, "detail": detail}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
