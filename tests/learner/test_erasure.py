"""Every table that knows a person or a title is emptied of it, and the same events make the same tables."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from tests.learner.viewing import MONDAY_EVENING, evening, open_brain
from tvbrain.clock import VirtualClock
from tvbrain.loops.table import DAY
from tvbrain.memory import erasure, sittings
from tvbrain.memory.sittings import Sittings
from tvbrain.memory.tiers import BY_NAME
from tvbrain.store import patterns
from tvbrain.store.database import open_database
from tvbrain.store.schema import migrations
from tvbrain.store.u64 import signed

CANARY = 0x7A5A_1234_5678_9ABC


def tables(db: object) -> dict[str, list[str]]:
    """Columns, by table."""
    names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]  # type: ignore[attr-defined]
    return {
        name: [row[1] for row in db.execute(f"PRAGMA table_info({name})")]  # type: ignore[attr-defined]
        for name in names
    }


def test_every_table_that_has_a_profile_is_one_that_forgets(tmp_path: Path) -> None:
    db = open_database(tmp_path / "brain.db")
    assert migrations.pending(db) == []
    owned = {name for name, columns in tables(db).items() if "profile" in columns}
    named = {name for names in erasure.KNOWING for name in names.split(", ")}
    assert owned - {"fold"} == named
    db.close()


def _fill(db: object, profile: int) -> None:
    """A row in every table of a profile, with the canary wherever a title, a blob or a text may be."""
    for name, columns in tables(db).items():
        if "profile" not in columns:
            continue
        kinds = {r[1]: r[2] for r in db.execute(f"PRAGMA table_info({name})")}  # type: ignore[attr-defined]
        blob = struct.pack("<q", signed(CANARY)) * 2
        of = {"INTEGER": signed(CANARY), "REAL": 1.0, "TEXT": "{}", "BLOB": blob}
        values: list[object] = [of[kinds[column]] for column in columns]
        values[columns.index("profile")] = profile
        marks = ", ".join("?" * len(columns))
        db.execute(f"INSERT INTO {name} VALUES ({marks})", values)  # type: ignore[attr-defined]


def _known(db: object, profile: int) -> dict[str, int]:
    found = {}
    for name, columns in tables(db).items():
        if "profile" in columns and name != "fold":
            query = f"SELECT count(*) FROM {name} WHERE profile = ?"
            found[name] = db.execute(query, [profile]).fetchone()[0]  # type: ignore[attr-defined]
    return {name: count for name, count in found.items() if count}


@pytest.mark.parametrize("everybody", [True, False])
def test_a_profile_that_is_forgotten_is_in_no_table(tmp_path: Path, everybody: bool) -> None:
    db = open_database(tmp_path / "brain.db")
    with db.atomic():
        _fill(db, 1)
        assert len(_known(db, 1)) >= 14
        erasure.forget_profile(db, None if everybody else 1)
        assert _known(db, 1) == {}
    db.close()


def test_another_profile_is_left_as_it_is(tmp_path: Path) -> None:
    db = open_database(tmp_path / "brain.db")
    with db.atomic():
        _fill(db, 1)
        before = _known(db, 1)
        erasure.forget_profile(db, 2)
        assert _known(db, 1) == before
    db.close()


def test_no_byte_of_a_forgotten_title_is_left_in_the_file(tmp_path: Path) -> None:
    db = open_database(tmp_path / "brain.db")
    with db.atomic():
        db.execute(
            "INSERT INTO memory VALUES (1, 'semantic', 1, ?, 5, 0, 1.0, 0, 1)", [signed(CANARY)]
        )
        key = struct.pack("<q", signed(CANARY))
        db.execute(
            "INSERT INTO viewing VALUES (1, 1, 0, 0, 1, ?, ?, 0, 0, '')", [key + b"\0" * 4, b""]
        )
        db.execute(
            "INSERT INTO epoch VALUES (1, 5, 6, 1, 30, '{}', ?, ?, 0.0, '', 0)",
            [struct.pack("<8d", *[0.125] * 8), key],
        )
    with db.atomic():
        erasure.forget_item(db, 1, CANARY)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    assert _known(db, 1) == {"epoch": 1}
    db.close()
    raw = (tmp_path / "brain.db").read_bytes()
    assert struct.pack("<Q", CANARY) not in raw
    assert struct.pack(">Q", CANARY) not in raw


def test_the_same_events_make_the_same_tables_and_the_same_snapshot(tmp_path: Path) -> None:
    told = []
    for name in ("one", "other"):
        clock = VirtualClock(MONDAY_EVENING)
        with open_brain(tmp_path / name, clock) as brain:
            for number in range(12):
                clock.set_now(MONDAY_EVENING + number * 8 * DAY)
                for event in evening(number, 40):
                    brain.observe(event)
                clock.advance(8 * DAY)
                brain.learn_now()
        db = open_database(tmp_path / name / "tv" / "brain.db")
        rows = {
            table: sorted(map(str, db.execute(f"SELECT * FROM {table}").fetchall()))
            for table in tables(db)
            if table not in ("loop", "_sqlite_migrations")  # how long it took, and when
        }
        db.close()
        newest = max((tmp_path / name / "tv" / "snapshot").glob("*.tvs"))
        told.append((rows, newest.read_bytes()))
    assert told[0] == told[1]
    assert len(told[0][0]["memory"]) > 30


def test_sittings_are_bounded_when_they_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sittings, "MOST", 10)
    db = open_database(tmp_path / "brain.db")
    with db.atomic():
        for number in range(1, 30):
            noted = Sittings(db)
            noted.episode(1, number, number)
            noted.write()
            (count,) = db.execute("SELECT count(*) FROM episode").fetchone()
            assert count == min(number, 10)
    db.close()


def test_the_table_of_tiers_says_what_the_tables_hold() -> None:
    assert BY_NAME["collective"].capacity == patterns.MOST
    assert BY_NAME["temporal"].capacity == 64 * 8 + 2 * 256 + patterns.MOST
