"""What SQLite's errors mean to whoever reads them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tvbrain.errors import (
    CorruptFileError,
    MissingFileError,
    NoSpaceError,
    PermissionRefusedError,
    StorageError,
    TvbrainError,
)

_CAUSES: dict[int, type[TvbrainError]] = {
    sqlite3.SQLITE_CORRUPT: CorruptFileError,
    sqlite3.SQLITE_NOTADB: CorruptFileError,
    sqlite3.SQLITE_FULL: NoSpaceError,
    sqlite3.SQLITE_PERM: PermissionRefusedError,
    sqlite3.SQLITE_READONLY: PermissionRefusedError,
    sqlite3.SQLITE_CANTOPEN: MissingFileError,
}


@contextmanager
def causes_named(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into ours, by their primary code (any other: StorageError); the text names the file."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", None)
        if code is None:  # a mistake of ours, such as a wrong number of parameters
            raise
        raise _CAUSES.get(code & 0xFF, StorageError)(f"{path}: {error}") from error
