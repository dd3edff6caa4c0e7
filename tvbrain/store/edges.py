"""What came of showing a genre at a daypart, as weighted sums, in brain.db (docs/formats.md, table `edge`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tvbrain.sqlite import Database

MOST = 256
"""Rows kept a profile; those of the longest ago go."""

EVERY = ""
"""In place of a genre: whatever was shown."""


@dataclass(frozen=True, slots=True)
class Edge:
    """Action: a title of `genre` was shown at `daypart`; outcome: it was played. Sums over showings of known
    propensity, of w = 1 / propensity, of w for those played, of w squared, of that for those played; all decayed to
    `at_ms`. `shown` counts them, `unknown` those that are left out because their propensity is not known.
    """

    profile: int
    daypart: int
    genre: str
    shown: float = 0.0
    unknown: float = 0.0
    w: float = 0.0
    wr: float = 0.0
    ww: float = 0.0
    wwr: float = 0.0
    at_ms: int = 0


def edges(db: Database, profile: int) -> dict[tuple[int, str], Edge]:
    """By daypart and genre, ascending."""
    rows = db.execute(
        "SELECT profile, daypart, genre, shown, unknown, w, wr, ww, wwr, at FROM edge"
        " WHERE profile = ? ORDER BY daypart, genre",
        [profile],
    ).fetchall()
    return {(row[1], row[2]): Edge(*row) for row in rows}


def set_edges(db: Database, profile: int, new: Iterable[Edge]) -> None:
    """Write these; what the table then has too much of the profile goes. Inside a transaction."""
    for one in new:
        db.execute(
            "INSERT OR REPLACE INTO edge VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                one.profile,
                one.daypart,
                one.genre,
                one.shown,
                one.unknown,
                one.w,
                one.wr,
                one.ww,
                one.wwr,
                one.at_ms,
            ],
        )
    db.execute(
        "DELETE FROM edge WHERE profile = ?1 AND (daypart, genre) NOT IN (SELECT daypart, genre"
        " FROM edge WHERE profile = ?1 ORDER BY at DESC, daypart, genre LIMIT ?2)",
        [profile, MOST],
    )


def note_unknown(db: Database, profile: int, daypart: int, places: int, at_ms: int) -> None:
    """So many titles were shown whose propensities are not known."""
    db.execute(
        "INSERT INTO edge VALUES (?, ?, ?, 0, ?, 0, 0, 0, 0, ?)"
        " ON CONFLICT (profile, daypart, genre) DO UPDATE SET unknown = unknown + excluded.unknown",
        [profile, daypart, EVERY, places, at_ms],
    )


def forget(db: Database, profile: int | None) -> None:
    """Of one profile, or of all (None)."""
    db.execute("DELETE FROM edge WHERE ?1 IS NULL OR profile = ?1", [profile])
