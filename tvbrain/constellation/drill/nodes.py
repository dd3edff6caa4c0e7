"""Processes of a constellation, as `tvbrain constellation serve` and `work` begin them, that can be killed.

They are forked from a process that has imported everything, so that a drill of hundreds of kills spends its time on
what happens after each of them, not on imports.
"""

from __future__ import annotations

import logging
import multiprocessing
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from tvbrain.constellation.back_ends import open_shared
from tvbrain.constellation.node import Node
from tvbrain.constellation.serve import serve
from tvbrain.errors import StorageError

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    [__name__, "tvbrain.constellation.postgres.aggregate", "tvbrain.constellation.jetstream"]
)
AGAIN_S = 0.05


class Shared(NamedTuple):
    """Addresses of the servers that nodes share."""

    postgres: str
    nats: str


def opened(folder: Path, shared: Shared | None) -> Node:
    """Over SQLite in the folder without `shared`. StorageError, BusyError."""
    return Node(folder, back_end=open_shared(*shared) if shared else None)


class Process:
    """One that can be killed, and begun again."""

    def __init__(self, work: Callable[..., None], *given: object) -> None:
        """`work` is called in it with `given` and then with what to call when it is ready."""
        self._work, self._given = work, given
        self.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def start(self) -> None:
        """Returns when it is ready. StorageError where it ends before."""
        ready, says = _FORKS.Pipe(duplex=False)
        self._process = _FORKS.Process(target=_run, args=(self._work, self._given, says))
        self._process.start()
        says.close()
        try:
            ready.recv()
        except EOFError:
            raise StorageError(f"a process ended: {self._process.exitcode}") from None
        finally:
            ready.close()

    def kill(self) -> None:
        """kill -9."""
        self._process.kill()
        self._process.join()

    def stop(self) -> int | None:
        """SIGTERM; its exit code."""
        self._process.terminate()
        self._process.join()
        return self._process.exitcode


def ingest(folder: Path, shared: Shared | None, port: int, ready: Callable[[], None]) -> None:
    """Takes pushes; alone over SQLite it adds them too."""
    node = _patiently(folder, shared)
    try:
        serve(node, "127.0.0.1", port, ready, adding=shared is None)
    finally:
        node.close()


def worker(folder: Path, shared: Shared | None, ready: Callable[[], None]) -> None:
    """Adds what others have taken."""
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    node = _patiently(folder, shared)
    node.start()
    ready()
    told.wait()
    node.close()


def _patiently(folder: Path, shared: Shared | None) -> Node:
    """Opened when the servers answer: they may be about to come back."""
    for _ in range(600):
        try:
            return opened(folder, shared)
        except StorageError:
            threading.Event().wait(AGAIN_S)
    return opened(folder, shared)


def _run(work: Callable[..., None], given: tuple[object, ...], says: Connection) -> None:
    logging.getLogger("psycopg.pool").setLevel(
        logging.CRITICAL
    )  # its servers are killed on purpose

    def ready() -> None:
        says.send(True)
        says.close()

    work(*given, ready)
