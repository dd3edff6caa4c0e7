"""Sittings and what they said, in the tables `episode` and `memory` (tier `episodic`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tvbrain.memory import shelf
from tvbrain.memory.evidence import Evidence
from tvbrain.memory.shelf import Entry
from tvbrain.sqlite import Database
from tvbrain.store.u64 import signed, unsigned

TOLD = np.dtype([("item", "<u8"), ("at_ms", "<i8"), ("daypart", "<i8"), ("strength", "<f8")])
_STORED = np.dtype([("item", "<i8"), *TOLD.descr[1:]])


@dataclass(frozen=True, slots=True)
class Memory:
    """One row of a tier. `episode` is None where it came from several."""

    id: int
    tier: str
    profile: int
    item: int
    at_ms: int
    daypart: int
    strength: float
    episode: int | None


def remember(db: Database, one: Evidence, episode: int) -> None:
    """Put a piece of evidence into the tier `episodic`. Inside a transaction."""
    entry = Entry(
        one.profile, one.item, one.at_ms, one.daypart, one.strength, one.explicit, episode
    )
    shelf.put(db, "episodic", entry)


def take_back(db: Database, profile: int, item: int) -> None:
    """`undo`: the newest explicit evidence about this title is forgotten."""
    db.execute(
        "DELETE FROM memory WHERE id = (SELECT id FROM memory WHERE profile = ? AND item = ?"
        " AND explicit ORDER BY id DESC LIMIT 1)",
        [profile, signed(item)],
    )


def forget_item(db: Database, profile: int, item: int) -> None:
    """Every trace of one title, and sittings of which nothing else is remembered."""
    touched = db.execute(
        "SELECT DISTINCT episode FROM memory WHERE profile = ? AND item = ?"
        " AND episode IS NOT NULL",
        [profile, signed(item)],
    ).fetchall()
    db.execute("DELETE FROM memory WHERE profile = ? AND item = ?", [profile, signed(item)])
    db.executemany(
        "DELETE FROM episode WHERE id = ?1 AND NOT EXISTS"
        " (SELECT 1 FROM memory WHERE episode = ?1)",
        touched,
    )


def forget(db: Database, profile: int | None) -> None:
    """Of one profile, or of all (None)."""
    for table in ("memory", "episode"):
        db.execute(f"DELETE FROM {table} WHERE ?1 IS NULL OR profile = ?1", [profile])


def memories(db: Database, profile: int) -> list[Memory]:
    """All tiers of one profile, oldest first."""
    rows = db.execute(
        "SELECT id, tier, profile, item, at, daypart, strength, episode FROM memory"
        " WHERE profile = ? ORDER BY at, id",
        [profile],
    ).fetchall()
    return [Memory(r[0], r[1], r[2], unsigned(r[3]), *r[4:]) for r in rows]


def columns(db: Database, profile: int) -> NDArray[np.void]:
    """What `memories` has, in the same order, as a structured array: `item` (a key), `at_ms`, `daypart`, `strength`."""
    (count,) = db.execute("SELECT count(*) FROM memory WHERE profile = ?", [profile]).fetchone()
    cursor = db.execute(
        "SELECT item, at, daypart, strength FROM memory WHERE profile = ? ORDER BY at, id",
        [profile],
    )
    found = np.fromiter(cursor, _STORED, count)
    return found.view(TOLD)
