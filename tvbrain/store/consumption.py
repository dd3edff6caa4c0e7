"""How far the journal has been consumed, and what came of it: folds, tallies, gaps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tvbrain.sqlite import Database
from tvbrain.store.u64 import signed, unsigned


@dataclass(frozen=True, slots=True)
class Position:
    """Every record of journal `journal_id` up to `seq` is in the tables; (0, 0) is nothing yet."""

    journal_id: int = 0
    seq: int = 0
    erasure_epoch: int = 0


@dataclass(frozen=True, slots=True)
class Gap:
    """Records `first` to `last` were folded but never seen here: serving had to drop them."""

    journal_id: int
    first: int
    last: int
    at: float


def position(db: Database) -> Position:
    row = db.execute("SELECT journal_id, seq, erasure_epoch FROM consumption").fetchone()
    return Position(unsigned(row[0]), unsigned(row[1]), unsigned(row[2]))


def set_position(db: Database, where: Position) -> None:
    db.execute(
        "UPDATE consumption SET journal_id = ?, seq = ?, erasure_epoch = ?",
        [signed(where.journal_id), signed(where.seq), signed(where.erasure_epoch)],
    )


def erase_seq(db: Database) -> int:
    """The newest record of the journal consumed that erases something, 0 if none."""
    return unsigned(db.execute("SELECT erase_seq FROM consumption").fetchone()[0])


def set_erase_seq(db: Database, seq: int) -> None:
    db.execute("UPDATE consumption SET erase_seq = ?", [signed(seq)])


def folds(db: Database) -> dict[int, bytes]:
    """The folded history of each profile, as in section FOLD of a snapshot."""
    return dict(db.execute("SELECT profile, state FROM fold ORDER BY profile").fetchall())


def set_folds(db: Database, states: Mapping[int, bytes], all_profiles: Iterable[int]) -> None:
    """Write the changed `states`; profiles that are not among `all_profiles` are gone."""
    db.executemany("INSERT OR REPLACE INTO fold VALUES (?, ?)", states.items())
    kept = set(all_profiles)
    gone = [[p] for (p,) in db.execute("SELECT profile FROM fold").fetchall() if p not in kept]
    db.executemany("DELETE FROM fold WHERE profile = ?", gone)


def tallies(db: Database) -> dict[tuple[int, int], int]:
    """How many records of each (profile, kind) were consumed."""
    return {(p, k): n for p, k, n in db.execute("SELECT profile, kind, n FROM tally").fetchall()}


def add_tallies(db: Database, counts: Mapping[tuple[int, int], int]) -> None:
    db.executemany(
        "INSERT INTO tally VALUES (?, ?, ?)"
        " ON CONFLICT (profile, kind) DO UPDATE SET n = n + excluded.n",
        [(profile, kind, n) for (profile, kind), n in counts.items()],
    )


def forget_tallies(db: Database, profile: int | None) -> None:
    """Of one profile, or of all (None)."""
    db.execute("DELETE FROM tally WHERE ? IS NULL OR profile = ?", [profile, profile])


def add_gap(db: Database, gap: Gap) -> None:
    db.execute(
        "INSERT OR REPLACE INTO gap VALUES (?, ?, ?, ?)",
        [signed(gap.journal_id), gap.first, gap.last, round(gap.at * 1000)],
    )


def gaps(db: Database) -> list[Gap]:
    rows = db.execute("SELECT journal_id, first, last, at FROM gap ORDER BY at, first").fetchall()
    return [Gap(unsigned(j), first, last, at / 1000) for j, first, last, at in rows]
