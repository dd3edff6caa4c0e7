"""What was shown and not yet answered, and what the blender believes, in brain.db (docs/formats.md, "brain.db")."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass, replace

from tvbrain.sqlite import Database
from tvbrain.store import share
from tvbrain.store.u64 import signed, unsigned

MOST = 4096
"""Rows of `showing` that a profile has at most (`share`); the oldest go."""

_PLACE = struct.Struct("<HH")
_Q12 = 4096.0


@dataclass(frozen=True, slots=True)
class Showing:
    """A title that was shown at `at_ms`, in a row and place of it, with the values of its terms; `played` is what came
    of it so far. Without `values`: a title that was reacted to then, under an id by which it had not been shown.
    `propensity_q16` is how likely its slate had it, 0 where that is not known.
    """

    item: int
    at_ms: int
    played: bool
    row: int
    place: int
    values: tuple[float, ...] | None
    propensity_q16: int = 0
    daypart: int = 0


@dataclass(frozen=True, slots=True)
class Blend:
    """A belief as it is stored: of so many terms, trained `version` times, last at `trained_ms`, around `prior`: a
    mean and a deviation of each term. Empty: the built-in one, by a version that did not keep it.
    """

    terms: int
    version: int
    updates: int
    trained_ms: int
    numbers: tuple[float, ...]
    prior: tuple[float, ...] = ()


NOTHING = Blend(0, 0, 0, 0, ())


def note_shown(
    db: Database, profile: int, showing: Showing, values_q12: bytes, since_ms: int
) -> None:
    """Shown again since `since_ms` is one showing: of its first time, with the newest values until it is played."""
    seen = _PLACE.pack(showing.row, showing.place) + values_q12
    changed = db.execute(
        "UPDATE showing SET seen = CASE played WHEN 0 THEN ?1 ELSE seen END,"
        " propensity = CASE played WHEN 0 THEN ?2 ELSE propensity END"
        " WHERE profile = ?3 AND item = ?4 AND at BETWEEN ?5 AND ?6 AND seen IS NOT NULL",
        [seen, showing.propensity_q16, profile, signed(showing.item), since_ms, showing.at_ms],
    ).rowcount
    if not changed:
        db.execute(
            "INSERT OR REPLACE INTO showing VALUES (?, ?, ?, 0, ?, ?, ?)",
            [
                profile,
                signed(showing.item),
                showing.at_ms,
                seen,
                showing.propensity_q16,
                showing.daypart,
            ],
        )


def note_reaction(
    db: Database, profile: int, item: int, at_ms: int, played: bool, since_ms: int
) -> None:
    """To a title shown since `since_ms`, maybe under another id of it."""
    changed = db.execute(
        "UPDATE showing SET played = ? WHERE profile = ? AND item = ? AND at BETWEEN ? AND ?",
        [int(played), profile, signed(item), since_ms, at_ms],
    ).rowcount
    if not changed:
        db.execute(
            "INSERT OR IGNORE INTO showing SELECT ?1, ?2, ?3, ?4, NULL, 0, 0 WHERE EXISTS"
            " (SELECT 1 FROM showing WHERE profile = ?1 AND seen IS NOT NULL)",
            [profile, signed(item), at_ms, int(played)],
        )


def keep_newest(db: Database, profiles: Iterable[int]) -> None:
    """Drop the oldest rows of each profile beyond its share of MOST."""
    most = share.each(db, MOST)
    db.executemany(
        "DELETE FROM showing WHERE profile = ?1 AND at <= (SELECT at FROM showing"
        " WHERE profile = ?1 ORDER BY at DESC LIMIT 1 OFFSET ?2)",
        [(profile, most) for profile in profiles],
    )


def due(db: Database, upto_ms: int) -> list[int]:
    """Profiles with showings up to `upto_ms`, ascending."""
    rows = db.execute(
        "SELECT DISTINCT profile FROM showing WHERE at <= ? ORDER BY 1", [upto_ms]
    ).fetchall()
    return [profile for (profile,) in rows]


def oldest_ms(db: Database) -> int | None:
    """When the first showing that waits was, of any profile."""
    (found,) = db.execute("SELECT min(at) FROM showing").fetchone()
    return None if found is None else int(found)


def showings(db: Database, profile: int) -> list[Showing]:
    """Of one profile, oldest first."""
    rows = db.execute(
        "SELECT item, at, played, seen, propensity, daypart FROM showing WHERE profile = ?"
        " ORDER BY at, item",
        [profile],
    ).fetchall()
    return [
        replace(_showing(unsigned(item), at, bool(played), seen), propensity_q16=q16, daypart=part)
        for item, at, played, seen, q16, part in rows
    ]


def waiting(db: Database) -> dict[int, int]:
    """How many showings of each profile have not been learned from."""
    rows = db.execute(
        "SELECT profile, count(*) FROM showing WHERE seen IS NOT NULL GROUP BY profile"
    ).fetchall()
    return dict(rows)


def drop(db: Database, profile: int, upto_ms: int) -> None:
    """Showings up to `upto_ms` are answered."""
    db.execute("DELETE FROM showing WHERE profile = ? AND at <= ?", [profile, upto_ms])


def blends(db: Database) -> dict[int, Blend]:
    rows = db.execute(
        "SELECT profile, terms, version, updates, trained, belief, prior FROM blender ORDER BY profile"
    ).fetchall()
    return {
        row[0]: Blend(row[1], row[2], row[3], row[4], _unpacked(row[5]), _unpacked(row[6] or b""))
        for row in rows
    }


def set_blend(db: Database, profile: int, blend: Blend) -> None:
    db.execute(
        "INSERT OR REPLACE INTO blender VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            profile,
            blend.terms,
            blend.version,
            blend.updates,
            blend.trained_ms,
            struct.pack(f"<{len(blend.numbers)}d", *blend.numbers),
            struct.pack(f"<{len(blend.prior)}d", *blend.prior) if blend.prior else None,
        ],
    )


def reset(db: Database, profile: int | None) -> None:
    """After an erasure: what was shown to this profile, or to all (None), and what was learned from it."""
    for table in ("showing", "blender"):
        db.execute(f"DELETE FROM {table} WHERE ?1 IS NULL OR profile = ?1", [profile])


def _unpacked(data: bytes) -> tuple[float, ...]:
    return struct.unpack(f"<{len(data) // 8}d", data)


def _showing(item: int, at_ms: int, played: bool, seen: bytes | None) -> Showing:
    if seen is None:
        return Showing(item, at_ms, played, 0, 0, None)
    row, place = _PLACE.unpack_from(seen)
    count = (len(seen) - _PLACE.size) // 2
    values = struct.unpack_from(f"<{count}h", seen, _PLACE.size)
    return Showing(item, at_ms, played, row, place, tuple(value / _Q12 for value in values))
