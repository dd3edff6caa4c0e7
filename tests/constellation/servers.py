"""A real PostgreSQL and a real NATS server for a test; where their packages are missing it is skipped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import pytest

from tvbrain.constellation.drill.servers import NatsServer, PostgresServer
from tvbrain.errors import NotInstalledError

_Server = TypeVar("_Server", NatsServer, PostgresServer)


@contextmanager
def running(begin: Callable[[], _Server]) -> Iterator[_Server]:
    """Ended, and its files removed, with the block."""
    try:
        server = begin()
    except NotInstalledError as error:
        pytest.skip(f"needs Debian's packages: {error}")
    try:
        yield server
    finally:
        server.close()
