"""One process: Granian with the application and the node behind it, until it is told to end."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable

from granian.constants import HTTPModes, Interfaces
from granian.server.embed import Server

from tvbrain.constellation.node import Node
from tvbrain.constellation.service import application

BACKLOG = 1024
LOOK_S = 0.02

SWITCH_S = 0.0002
"""Between offers of the interpreter to another thread: so long may adding hold up a push that came."""


def serve(
    node: Node,
    address: str,
    port: int,
    ready: Callable[[], None],
    release_every_s: float | None = None,
    *,
    adding: bool = True,
) -> None:
    """Returns after SIGTERM or SIGINT, when what was being kept is kept. `ready` is called when it listens;
    `release_every_s` as of `service.application`. Without `adding` other processes add what this one takes.
    """
    sys.setswitchinterval(SWITCH_S)
    asyncio.run(_serve(node, address, port, ready, release_every_s, adding))


async def _serve(
    node: Node,
    address: str,
    port: int,
    ready: Callable[[], None],
    release_every_s: float | None,
    adding: bool,
) -> None:
    server = Server(
        application(node, release_every_s),
        address=address,
        port=port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        websockets=False,
        backlog=BACKLOG,
        log_enabled=False,
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    if adding:
        node.start()
    listening = asyncio.create_task(_when_listening(address, port, ready))
    try:
        await server.serve()
    finally:
        listening.cancel()


async def _when_listening(address: str, port: int, ready: Callable[[], None]) -> None:
    """Granian does not say when it listens: so ask."""
    while True:
        try:
            _, writer = await asyncio.open_connection(address, port)
        except OSError:
            await asyncio.sleep(LOOK_S)
        else:
            writer.close()
            ready()
            return
