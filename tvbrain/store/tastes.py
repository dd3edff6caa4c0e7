"""What was made of the memories: preferences by genre and daypart, and interests, in brain.db."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tvbrain.sqlite import Database
from tvbrain.store.u64 import signed, unsigned


@dataclass(frozen=True, slots=True)
class Preference:
    """How much of a genre was liked in a daypart: the sum of strengths, decayed to `at_ms`."""

    genre: str
    daypart: int
    weight: float
    at_ms: int


@dataclass(frozen=True, slots=True)
class Interest:
    """A title that stands for a part of a profile's taste; the `weight`s of a profile add up to 1."""

    item: int
    weight: float


def preferences(db: Database, profile: int) -> list[Preference]:
    rows = db.execute(
        "SELECT genre, daypart, weight, at FROM preference WHERE profile = ?"
        " ORDER BY genre, daypart",
        [profile],
    ).fetchall()
    return [Preference(*row) for row in rows]


def set_preferences(db: Database, profile: int, new: Sequence[Preference]) -> None:
    """Replace a profile's preferences; rows that stay as they are are not written."""
    old = set(preferences(db, profile))
    kept = {(one.genre, one.daypart) for one in new}
    db.executemany(
        "DELETE FROM preference WHERE profile = ? AND genre = ? AND daypart = ?",
        [(profile, p.genre, p.daypart) for p in old if (p.genre, p.daypart) not in kept],
    )
    db.executemany(
        "INSERT OR REPLACE INTO preference VALUES (?, ?, ?, ?, ?)",
        [(profile, p.genre, p.daypart, p.weight, p.at_ms) for p in new if p not in old],
    )


def interests(db: Database) -> dict[int, list[Interest]]:
    found: dict[int, list[Interest]] = {}
    for profile, item, weight in db.execute(
        "SELECT profile, item, weight FROM interest ORDER BY profile, place"
    ).fetchall():
        found.setdefault(profile, []).append(Interest(unsigned(item), weight))
    return found


def set_interests(db: Database, profile: int, new: Sequence[Interest]) -> None:
    if interests(db).get(profile, []) == list(new):
        return
    db.execute("DELETE FROM interest WHERE profile = ?", [profile])
    db.executemany(
        "INSERT INTO interest VALUES (?, ?, ?, ?)",
        [(profile, place, signed(one.item), one.weight) for place, one in enumerate(new)],
    )


def reset(db: Database, profile: int | None) -> None:
    """After an erasure: parameters learned from this profile, or from all (None), are gone."""
    for table in ("preference", "interest"):
        if profile is None:
            db.execute(f"DELETE FROM {table}")
        else:
            db.execute(f"DELETE FROM {table} WHERE profile = ?", [profile])


def profiles(db: Database) -> list[int]:
    """Those of whom anything is remembered or learned."""
    rows = db.execute(
        "SELECT profile FROM memory UNION SELECT profile FROM preference"
        " UNION SELECT profile FROM interest UNION SELECT profile FROM fold ORDER BY 1"
    ).fetchall()
    return [profile for (profile,) in rows]
