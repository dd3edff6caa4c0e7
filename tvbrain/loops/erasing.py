"""The learning plane's part of forgetting: every file of its own without what was erased (docs/erasure.md)."""

from __future__ import annotations

from pathlib import Path

from tvbrain.sqlite import Database
from tvbrain.store import backups, database, erased, snapshot
from tvbrain.store.consumption import Position
from tvbrain.store.erased import Erased

SET_ASIDE = ("brain.db.damaged*", "brain.db.newer*", "snapshot/*.newer", "snapshot/*.tmp")


def is_behind(snapshots: Path, where: Position, erase_seq: int) -> bool:
    """Whether a kept generation is of before the newest erasure, or cannot be read."""
    for generation in snapshot.generations(snapshots):
        one = snapshot.read(snapshot.path_of(snapshots, generation))
        if one.journal_id != where.journal_id or one.learned_seq < erase_seq:
            return True
        if one.erasure_epoch < where.erasure_epoch:
            return True
    return False


def clean_files(db: Database, data_dir: Path, now: float) -> None:
    """The database without free pages, its log empty, backups of it alone, and nothing that was set aside.

    Rows that say what is forgotten are gone already. May be done again at any point.
    """
    for pattern in SET_ASIDE:
        for path in data_dir.glob(pattern):
            path.unlink()
    database.vacuum(db, data_dir / database.FILE)
    if backups.kept(data_dir):
        backups.make(db, data_dir, now, keep=1)
    backups.remove_unfinished(data_dir)


def say(data_dir: Path, where: Position) -> None:
    """The serving plane may do its part now."""
    done = Erased(where.journal_id, where.seq, where.erasure_epoch)
    erased.write(data_dir / erased.BY_LEARNING, done)
