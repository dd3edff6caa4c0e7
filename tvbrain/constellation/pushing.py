"""The one request that comes by the hundred a second, answered before the framework looks for its route.

Routes, dependencies and request objects took more of a processor than signature, receipt and stream together. What is
answered is the same: `tvbrain.constellation.for_sets.push` describes it for /openapi.json.
"""

from __future__ import annotations

from fastapi.responses import JSONResponse
from starlette.datastructures import State

from tvbrain.constellation.answers import answer_to, status_of
from tvbrain.constellation.bodies import App, Receive, Scope, Send
from tvbrain.constellation.records import Kept
from tvbrain.errors import TvbrainError

PATH = "/v1/pushes"
_KEPT = {kept: JSONResponse({"kept": kept.value}, 202) for kept in (Kept.NEW, Kept.KNOWN)}


class Pushing:
    """ASGI middleware, within the one that bounds bodies."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        ours = scope["type"] == "http" and scope["path"] == PATH and scope["method"] == "POST"
        if not ours:
            await self._app(scope, receive, send)
            return
        try:
            body = await _body(receive)
            if body is None:
                return
            response = await pushed(scope["app"].state, body)
        except TvbrainError as error:
            response = answer_to(error)
        await response(scope, receive, send)


async def pushed(state: State, body: bytes) -> JSONResponse:
    """202 once it is durable; what `Gate.push` raises."""
    outcomes = state.metrics.requests
    try:
        kept = await state.gate.push(body)
    except TvbrainError as error:
        outcomes.labels(type(error).__name__ if status_of(error) else "failed").inc()
        raise
    outcomes.labels(kept.value).inc()
    return _KEPT[kept]


async def _body(receive: Receive) -> bytes | None:
    """None where the client has gone."""
    found = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        found += message.get("body", b"")
        if not message.get("more_body", False):
            return bytes(found)
