"""Where a node keeps everything: SQLite in its folder, or PostgreSQL and NATS that several nodes share."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tvbrain.constellation.sqlite.aggregate import SqliteAggregate
from tvbrain.constellation.sqlite.ingest import SqliteIngest
from tvbrain.constellation.storage import Inbox, Registry, TallyAndShelf
from tvbrain.errors import BusyError, NotInstalledError


@dataclass(frozen=True, slots=True)
class BackEnd:
    """What a node keeps things with; `close` once."""

    registry: Registry
    inbox: Inbox
    aggregate: TallyAndShelf
    close: Callable[[], None]


def open_sqlite(folder: Path) -> BackEnd:
    """BusyError where another process has it: two that write and checkpoint could damage the log of SQLite before
    3.51.3."""
    lock = _locked(folder)
    ingest, aggregate = SqliteIngest(folder), SqliteAggregate(folder)

    def close() -> None:
        ingest.close()
        aggregate.close()
        os.close(lock)

    return BackEnd(ingest, ingest, aggregate, close)


def open_shared(postgres: str, nats: str, stream: str = "pushes") -> BackEnd:
    """Addresses of the servers. StorageError where one does not answer."""
    try:
        from tvbrain.constellation.jetstream import JetStream
        from tvbrain.constellation.postgres.aggregate import PostgresAggregate
        from tvbrain.constellation.postgres.database import Database
        from tvbrain.constellation.postgres.inbox import PostgresInbox
        from tvbrain.constellation.postgres.registry import PostgresRegistry
    except ImportError as error:
        raise NotInstalledError(
            f"{error.name} is missing: pip install 'tvbrain[constellation]'"
        ) from error
    database, jetstream = Database(postgres), JetStream(nats, stream)

    def close() -> None:
        jetstream.close()
        database.close()

    inbox = PostgresInbox(database, jetstream)
    return BackEnd(PostgresRegistry(database), inbox, PostgresAggregate(database), close)


def _locked(folder: Path) -> int:
    handle = os.open(folder / "node.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        pid = os.read(handle, 32).decode("ascii", "replace").strip()
        os.close(handle)
        raise BusyError(f"{folder}: process {pid} serves it") from error
    os.ftruncate(handle, 0)
    os.pwrite(handle, f"{os.getpid()}\n".encode("ascii"), 0)
    return handle
