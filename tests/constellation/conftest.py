"""A constellation that serves, in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

import pytest

if find_spec("granian") and find_spec("cryptography"):
    from tests.constellation.servers import running
    from tests.constellation.sets import Client, Server
    from tvbrain.constellation.drill.servers import NatsServer, PostgresServer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("constellation"))
    yield server
    assert server.stop() == 0


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    client = Client(server.port)
    yield client
    client.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL of its own."""
    with running(PostgresServer) as server:
        yield server.address


@pytest.fixture(scope="session")
def nats() -> Iterator[str]:
    """The address of a NATS server of its own."""
    with running(NatsServer) as server:
        yield server.url
