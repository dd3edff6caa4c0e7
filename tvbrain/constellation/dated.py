"""Answers say the time of the constellation's own clock, by which epochs go: sets learn the epoch from it."""

from __future__ import annotations

from email.utils import formatdate

from tvbrain.clock import Clock
from tvbrain.constellation.bodies import App, Message, Receive, Scope, Send


class Dated:
    """ASGI middleware that sets `Date`."""

    def __init__(self, app: App, clock: Clock) -> None:
        self._app, self._clock = app, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = formatdate(self._clock.now(), usegmt=True).encode()
                message["headers"] = [*message.get("headers", ()), (b"date", date)]
            await send(message)

        await self._app(scope, receive, dated)
