"""Transactions that nest, migrations, and SQLite's errors by their causes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tvbrain.errors import CorruptFileError, MissingFileError, PermissionRefusedError, StorageError
from tvbrain.sqlite import Database, Migrations, causes_named, connect

Block = tuple[list["int | Block"], bool]
"""What a block writes, blocks in it, and whether it fails at its end."""

WRITES: st.SearchStrategy[list[int | Block]] = st.deferred(
    lambda: st.lists(st.integers(0, 9) | BLOCKS, max_size=4)
)
BLOCKS: st.SearchStrategy[Block] = st.tuples(WRITES, st.booleans())


class FailedError(Exception):
    """What a block fails with."""


@contextmanager
def database() -> Iterator[Database]:
    with closing(connect(Path(":memory:"))) as db:
        db.execute("CREATE TABLE written (n INTEGER)")
        yield db


def written(db: Database) -> list[int]:
    return [n for (n,) in db.execute("SELECT n FROM written ORDER BY rowid")]


def do(db: Database, block: Block) -> None:
    with suppress(FailedError), db.atomic():
        for part in block[0]:
            if isinstance(part, int):
                db.execute("INSERT INTO written VALUES (?)", [part])
            else:
                do(db, part)
        if block[1]:
            raise FailedError


def kept(block: Block) -> list[int]:
    """The oracle: what is there afterwards."""
    if block[1]:
        return []
    return [n for part in block[0] for n in ([part] if isinstance(part, int) else kept(part))]


@given(st.lists(BLOCKS, max_size=3))
def test_of_nested_blocks_all_is_kept_but_what_failed(blocks: list[Block]) -> None:
    with database() as db:
        for block in blocks:
            do(db, block)
            assert not db.in_transaction
        assert written(db) == [n for block in blocks for n in kept(block)]


def test_a_statement_outside_blocks_is_there_for_others_at_once(tmp_path: Path) -> None:
    path = tmp_path / "one.db"
    with closing(connect(path)) as db, closing(connect(path)) as other:
        db.execute("CREATE TABLE written (n INTEGER)")
        db.execute("INSERT INTO written VALUES (7)")
        assert written(other) == [7]
        with db.atomic():
            db.execute("INSERT INTO written VALUES (8)")
            assert written(other) == [7]
        assert written(other) == [7, 8]


def test_where_sqlite_undid_all_by_itself_the_cause_is_what_is_raised() -> None:
    with database() as db:
        db.execute(
            "CREATE TRIGGER full BEFORE INSERT ON written BEGIN SELECT RAISE(ROLLBACK, 'no room'); END"
        )
        with pytest.raises(sqlite3.IntegrityError, match="no room"), db.atomic(), db.atomic():
            db.execute("INSERT INTO written VALUES (1)")
        assert not db.in_transaction


def stepping(*failing: str) -> Migrations:
    migrations = Migrations("test")
    for name in ("one", "two", "three"):

        def step(db: Database, name: str = name) -> None:
            db.execute(f"CREATE TABLE {name} (n INTEGER)")
            if name in failing:
                raise FailedError(name)

        migrations(name=name)(step)
    return migrations


def tables(db: Database) -> list[str]:
    found = db.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'"
    )
    return [name for (name,) in found if name != "written"]


def test_a_step_that_fails_undoes_itself_alone_and_is_had_the_next_time() -> None:
    with database() as db:
        with pytest.raises(FailedError, match="two"):
            stepping("two").apply(db)
        assert tables(db) == ["one"]
        assert stepping().pending(db) == ["two", "three"]
        stepping().apply(db)
        assert tables(db) == ["one", "two", "three"]
        assert stepping().pending(db) == []


def test_nothing_is_written_to_tables_that_are_as_they_should_be() -> None:
    with database() as db:
        stepping().apply(db)
        before = db.total_changes, *db.execute("PRAGMA schema_version").fetchone()
        stepping().apply(db)
        assert (db.total_changes, *db.execute("PRAGMA schema_version").fetchone()) == before


def test_two_sets_in_one_database_do_not_know_of_each_other() -> None:
    with database() as db:
        stepping().apply(db)
        other = Migrations("other")
        other(name="one")(lambda db: None)
        assert other.pending(db) == ["one"]


def test_a_name_is_taken_once() -> None:
    with pytest.raises(ValueError, match="two steps are named one"):
        stepping()(name="one")(lambda db: None)


def read(path: Path) -> None:
    with closing(connect(path)) as db:
        db.execute("PRAGMA query_only = ON")
        db.execute("SELECT * FROM sqlite_master").fetchall()
        db.execute("CREATE TABLE more (n INTEGER)")


def test_errors_are_named_by_their_causes(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(b"no database" * 100)
    for path, cause in (
        (damaged, CorruptFileError),
        (tmp_path / "nowhere" / "one.db", MissingFileError),
        (tmp_path / "written.db", PermissionRefusedError),
    ):
        with pytest.raises(cause, match=path.name), causes_named(path):
            read(path)
    path = tmp_path / "held.db"
    with closing(connect(path)) as holder, closing(connect(path, patience_s=0)) as db:
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StorageError, match=r"held\.db: database is locked"), causes_named(path):
            db.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.ProgrammingError), causes_named(path), database() as db:
        db.execute("SELECT ?")  # a mistake of the caller's is no cause
