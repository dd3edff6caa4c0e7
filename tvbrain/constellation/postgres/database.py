"""A pool of connections that see the tenants they work for, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy
from alembic import command
from alembic.config import Config
from psycopg_pool import ConnectionPool

from tvbrain.errors import StorageError

CONNECTIONS = 8
ROLE = "tvbrain_app"
WAIT_S = 5.0
"""For a connection, at most; and so long a new one is tried for, until the next is asked for."""

LOCK = 0x7476_6272
"""Of PostgreSQL's advisory locks: one process migrates."""

_LOST = (psycopg.OperationalError, psycopg.InterfaceError, sqlalchemy.exc.OperationalError)

Connection = psycopg.Connection[tuple[Any, ...]]


class Database:
    """Migrated when it is opened. Any thread may call. StorageError where the server does not answer."""

    def __init__(self, address: str) -> None:
        with _causes_named():
            migrate(address)
            self._pool = ConnectionPool(
                address,
                min_size=1,
                max_size=CONNECTIONS,
                configure=_take_role,
                timeout=WAIT_S,
                reconnect_timeout=WAIT_S,
                open=True,
            )

    @contextmanager
    def transaction(self, *tenants: str) -> Iterator[Connection]:
        """Committed, and synced by the server, when the block ends; undone if it raises. Rows of other tenants than
        these do not exist in it.
        """
        with _causes_named(), self._pool.connection() as connection:
            connection.execute(
                "SELECT set_config('tvbrain.tenants', %s, true)", [",".join(tenants)]
            )
            yield connection

    def close(self) -> None:
        self._pool.close()


def migrate(address: str) -> None:
    """Bring the database to the newest revision."""
    engine = sqlalchemy.create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(address)
    )
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()


def distinct(tenants: Iterable[str]) -> list[str]:
    """Each once."""
    return list(dict.fromkeys(tenants))


def _take_role(connection: Connection) -> None:
    connection.execute(f"SET ROLE {ROLE}")
    connection.commit()


@contextmanager
def _causes_named() -> Iterator[None]:
    try:
        yield
    except _LOST as error:
        raise StorageError(f"PostgreSQL: {error}") from error
