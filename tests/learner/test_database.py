"""brain.db: created, migrated, refused."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.learner.viewing import MONDAY_EVENING, evening, open_brain
from tests.places import ROOT
from tvbrain.errors import CorruptFileError, MissingFileError, NewerFormatError
from tvbrain.memory import episodes
from tvbrain.sqlite import Database
from tvbrain.store import consumption, schedule, schema, tastes
from tvbrain.store.consumption import Position
from tvbrain.store.database import open_database, set_aside

OLD = ROOT / "tests" / "golden" / "brain-1.0.db"


def test_a_database_of_the_first_release_is_read_and_migrated(tmp_path: Path) -> None:
    shutil.copy(OLD, tmp_path / "brain.db")
    db = open_database(tmp_path / "brain.db")
    assert schema.migrations.pending(db) == []
    assert consumption.position(db) == Position(0x8000000000000005, 41, 2)
    assert consumption.folds(db) == {1: b"folded"}
    assert consumption.tallies(db) == {(1, 8): 3, (2, 1): 1}
    assert [(gap.first, gap.last) for gap in consumption.gaps(db)] == [(7, 9)]
    assert [m.item for m in episodes.memories(db, 1)] == [2**64 - 1]
    assert [p.genre for p in tastes.preferences(db, 1)] == ["Crime"]
    assert tastes.interests(db)[1][0].weight == 0.75
    assert schedule.schedule(db)["adaptive"].due == MONDAY_EVENING
    db.close()


def test_a_migration_that_fails_leaves_no_half_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = open_database(tmp_path / "brain.db")

    def fails(db: Database) -> None:
        db.execute("CREATE TABLE half (id INTEGER)")
        raise RuntimeError("power")

    kept = schema.migrations._steps
    with monkeypatch.context() as patched:
        patched.setattr(schema.migrations, "_steps", dict(kept))
        schema.migrations(name="9999_fails")(fails)
        with pytest.raises(RuntimeError, match="power"):
            schema.migrations.apply(db)
    assert not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'half'").fetchall()
    assert schema.migrations.pending(db) == []
    db.close()


def test_a_newer_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "brain.db"
    db = open_database(path)
    db.execute(f"PRAGMA user_version = {schema.MAJOR + 1}")
    db.close()
    before = path.read_bytes()
    with pytest.raises(NewerFormatError, match=r"brain\.db"):
        open_database(path)
    assert path.read_bytes() == before


def test_after_a_rollback_the_newer_database_is_kept_beside_a_new_one(tmp_path: Path) -> None:
    with open_brain(tmp_path) as brain:
        brain.observe(evening(9, 12))
        brain.learn_now()
    newer = sqlite3.connect(tmp_path / "tv" / "brain.db")
    newer.execute(f"PRAGMA user_version = {schema.MAJOR + 1}")
    newer.close()
    with open_brain(tmp_path) as brain:
        assert brain.health().mode == "full"
        brain.learn_now()
        assert len(brain.export()["records"]) == 12  # type: ignore[arg-type]
    assert (tmp_path / "tv" / "brain.db.newer").is_file()


@pytest.mark.parametrize("at", [0, 20, 100, 4096])
def test_damage_is_an_error_that_names_the_file(tmp_path: Path, at: int) -> None:
    path = tmp_path / "brain.db"
    open_database(path).close()
    raw = bytearray(path.read_bytes())
    raw[at : at + 60] = b"\xa5" * 60
    path.write_bytes(raw)
    with pytest.raises(CorruptFileError, match=r"brain\.db"):
        open_database(path)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="nowhere"):
        open_database(tmp_path / "nowhere" / "brain.db")


def test_setting_aside_never_overwrites(tmp_path: Path) -> None:
    path = tmp_path / "brain.db"
    kept = []
    for text in ("one", "two", "three"):
        path.write_text(text)
        kept.append(set_aside(path, "newer"))
    assert [one.read_text() for one in kept] == ["one", "two", "three"]
    assert not path.exists()
