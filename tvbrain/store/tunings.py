"""What was shown and is answered, and the configurations that were in use, in brain.db (docs/formats.md)."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable
from dataclasses import dataclass

from tvbrain.sqlite import Database
from tvbrain.store import share
from tvbrain.store.u64 import signed, unsigned

MOST = 8192
"""Rows of `judged` that a profile has at most; the oldest go."""

Steps = dict[str, int]
"""Of a configuration: steps from 1 of each knob; those left out are 0."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A title that was shown at `at_ms`, with what came of it. `propensity_q16`: 0 unknown."""

    profile: int
    item: int
    at_ms: int
    row: int
    place: int
    propensity_q16: int
    played: bool
    values_q12: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Used:
    """A configuration in use since `since_ms`, until `until_ms` (None: still). `why` it came: `adopted` or
    `rolled back`, with the gain and its error in plays a showing.
    """

    steps: Steps
    since_ms: int
    until_ms: int | None
    why: str
    gain: float
    error: float


def keep(db: Database, rows: Iterable[Judged]) -> None:
    """Inside a transaction; the oldest of a profile beyond its share of MOST go."""
    most = share.each(db, MOST)
    written = list(rows)
    db.executemany(
        "INSERT OR REPLACE INTO judged VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                one.profile,
                one.at_ms,
                signed(one.item),
                one.row,
                one.place,
                one.propensity_q16,
                int(one.played),
                struct.pack(f"<{len(one.values_q12)}h", *one.values_q12),
            )
            for one in written
        ],
    )
    db.executemany(
        "DELETE FROM judged WHERE profile = ?1 AND at <= (SELECT at FROM judged"
        " WHERE profile = ?1 ORDER BY at DESC LIMIT 1 OFFSET ?2)",
        [(profile, most) for profile in {one.profile for one in written}],
    )


def judged(db: Database, since_ms: int, profile: int | None = None) -> list[Judged]:
    """What was shown from then on, to one profile or to all (None), by profile and time."""
    rows = db.execute(
        "SELECT profile, item, at, row, place, propensity, played, seen FROM judged"
        " WHERE at >= ?1 AND (?2 IS NULL OR profile = ?2) ORDER BY profile, at, item",
        [since_ms, profile],
    ).fetchall()
    return [
        Judged(
            who,
            unsigned(item),
            at,
            row,
            place,
            propensity,
            bool(played),
            struct.unpack(f"<{len(seen) // 2}h", seen),
        )
        for who, item, at, row, place, propensity, played, seen in rows
    ]


def forget_before(db: Database, at_ms: int) -> None:
    """Drop what was shown before; inside a transaction."""
    db.execute("DELETE FROM judged WHERE at < ?", [at_ms])


def used(db: Database) -> list[Used]:
    """Oldest first; nothing while the configuration was always the neutral one."""
    rows = db.execute(
        "SELECT steps, since, until, why, gain, error FROM configuration ORDER BY version"
    ).fetchall()
    return [Used(json.loads(row[0]), *row[1:]) for row in rows]


def use(db: Database, one: Used) -> None:
    """From now on; the one before it ends then. Inside a transaction."""
    db.execute("UPDATE configuration SET until = ? WHERE until IS NULL", [one.since_ms])
    db.execute(
        "INSERT INTO configuration (steps, since, until, why, gain, error) VALUES (?, ?, ?, ?, ?, ?)",
        [
            json.dumps(one.steps, sort_keys=True),
            one.since_ms,
            one.until_ms,
            one.why,
            one.gain,
            one.error,
        ],
    )


def reset(db: Database, profile: int | None) -> None:
    """After an erasure: what was shown to this profile, or to all (None), and the configurations that rest on it."""
    db.execute("DELETE FROM judged WHERE ?1 IS NULL OR profile = ?1", [profile])
    db.execute("DELETE FROM configuration")
