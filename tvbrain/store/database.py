"""Open brain.db: one connection, which writes and checkpoints; checked before it is used.

A commit is on the storage device when it returns (WAL with synchronous FULL): commits are rare, and
the floor of the journal depends on them. Two connections that both write and checkpoint can damage
a WAL of SQLite before 3.51.3, so nobody opens a second one; whoever wants to look reads a copy.
"""

from __future__ import annotations

from pathlib import Path

from tvbrain.errors import CorruptFileError, NewerFormatError, StorageError
from tvbrain.sqlite import Database, causes_named, connect
from tvbrain.store import schema

FILE = "brain.db"
COMPANIONS = ("", "-wal", "-shm")


def open_database(path: Path) -> Database:
    """Open or create, check and migrate. The connection may move between threads, one at a time.

    CorruptFileError, NewerFormatError (nothing was changed then), PermissionRefusedError,
    NoSpaceError, MissingFileError (of its folder), StorageError.
    """
    with causes_named(path):
        db = connect(path)
    try:
        with causes_named(path):
            _refuse_newer(db, path)
            check(db, path)
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            db.execute("PRAGMA cache_size = -1024")
            # Zeros where a page is written anyway; what an erasure drops is out of the free pages after VACUUM.
            db.execute("PRAGMA secure_delete = FAST")
            db.execute("PRAGMA temp_store = MEMORY")
            with (
                db.atomic()
            ):  # one commit: each that grows the log costs the file system some blocks
                schema.migrations.apply(db)
    except BaseException:
        db.close()
        raise
    return db


def _refuse_newer(db: Database, path: Path) -> None:
    found = int(db.execute("PRAGMA user_version").fetchone()[0])
    if found > schema.MAJOR:
        raise NewerFormatError(f"{path}: version {found}, this brain reads {schema.MAJOR}")


def check(db: Database, path: Path) -> None:
    """CorruptFileError if what is stored does not hold together."""
    with causes_named(path):
        verdict = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    if verdict != "ok":
        raise CorruptFileError(f"{path}: {verdict}")


def checkpoint(db: Database) -> None:
    """Move what the WAL holds into the database and empty it."""
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def vacuum(db: Database, path: Path) -> None:
    """Write the database anew, so that nothing of deleted rows is in it nor in its log. StorageError if it is read."""
    with causes_named(path):
        db.execute("PRAGMA temp_store = FILE")  # the new database is as large as the old
        try:
            db.execute("VACUUM")
        finally:
            db.execute("PRAGMA temp_store = MEMORY")
        busy, _, _ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise StorageError(f"{path}: another process reads it: its log could not be emptied")


def remove(path: Path) -> None:
    """A database and its companions are gone; nobody has it open."""
    for companion in COMPANIONS:
        path.with_name(path.name + companion).unlink(missing_ok=True)


def set_aside(path: Path, suffix: str) -> Path:
    """Rename a database and its companions out of the way, never over an earlier one; the new name."""
    number = 0
    while True:
        kept = path.with_name(f"{path.name}.{suffix}" + (f".{number}" if number else ""))
        if not kept.exists():
            break
        number += 1
    for companion in COMPANIONS:
        part = path.with_name(path.name + companion)
        if part.exists():
            part.rename(kept.with_name(kept.name + companion))
    return kept
