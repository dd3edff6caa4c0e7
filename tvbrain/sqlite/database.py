"""A connection on which a statement is a transaction of its own, unless a block makes one of several."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Database(sqlite3.Connection):
    """One connection, from `connect`. Threads may take turns with it."""

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """All of the block or nothing; blocks nest, and one that raises undoes what is its own."""
        outermost = not self.in_transaction
        self.execute("BEGIN" if outermost else "SAVEPOINT block")
        try:
            yield
            self.execute("COMMIT" if outermost else "RELEASE block")
        except BaseException:
            if self.in_transaction:  # SQLite undoes all by itself where the disk is full, for one
                self.execute("ROLLBACK" if outermost else "ROLLBACK TO block")
                if not outermost:
                    self.execute("RELEASE block")
            raise


def connect(path: Path, *, patience_s: float = 5.0) -> Database:
    """Open or create the file, waiting so long for others' locks. sqlite3.Error."""
    return sqlite3.connect(
        path,
        timeout=patience_s,
        isolation_level=None,  # no transaction that nobody asked for
        check_same_thread=False,
        factory=Database,
    )
