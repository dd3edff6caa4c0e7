"""One file: a connection that writes, one that only reads, and transactions that are durable when they return.

WAL with synchronous FULL: a commit is synced to the device before it returns. One connection writes and checkpoints
(two could damage a WAL of SQLite before 3.51.3); the reading one does neither.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tvbrain.errors import NewerFormatError
from tvbrain.sqlite import Migrations, causes_named, connect

MAJOR = 1
"""`PRAGMA user_version`: a file with a larger one is not ours to open."""

LARGEST_WAL = 64 << 20
"""What a log is cut back to after a checkpoint, in bytes."""


class Connection:
    """A file of ours, opened or created and migrated. Any thread may call; writers wait for each other."""

    def __init__(self, path: Path, migrations: Migrations) -> None:
        self._path = path
        self._write_lock, self._read_lock = threading.Lock(), threading.Lock()
        with causes_named(self._path):
            self._writer = connect(path)
            try:
                found = int(self._writer.execute("PRAGMA user_version").fetchone()[0])
                if found > MAJOR:
                    raise NewerFormatError(f"{path}: version {found}, this one reads {MAJOR}")
                for pragma in (
                    "journal_mode = WAL",
                    "synchronous = FULL",
                    f"journal_size_limit = {LARGEST_WAL}",
                    "secure_delete = ON",
                ):
                    self._writer.execute(f"PRAGMA {pragma}")
                migrations.apply(self._writer)
                self._writer.execute(f"PRAGMA user_version = {MAJOR}")
                self._reader = connect(path)
                self._reader.execute("PRAGMA query_only = ON")
            except BaseException:
                self._writer.close()
                raise

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Exclusive among writers; durable when the block ends, undone if it raises."""
        with self._write_lock, causes_named(self._path):
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise
            self._writer.execute("COMMIT")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """What is committed; the block sees one state if it asks with one statement."""
        with self._read_lock, causes_named(self._path):
            yield self._reader

    def close(self) -> None:
        """The last one to close moves the log into the file."""
        with self._write_lock, self._read_lock:
            self._reader.close()
            self._writer.close()
