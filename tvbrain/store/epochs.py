"""Taste epochs and life stages, in brain.db (docs/formats.md, tables `epoch` and `life_stage`)."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tvbrain.sqlite import Database
from tvbrain.store.u64 import signed, unsigned

STAGES = 8
"""Life stages kept a profile; the newest stay."""


@dataclass(frozen=True, slots=True)
class Epoch:
    """What was liked from `begun_ms` to `ended_ms`: `years` years that end in it.

    genres, dayparts: shares that add up to 1. evidence: how many titles it was made of. titles: keys, the most liked.
    shift: the part of the genres that is not as in the epoch before, 0 to 1. changed: that is more than chance.
    """

    profile: int
    begun_ms: int
    ended_ms: int
    years: int
    evidence: int
    genres: Mapping[str, float]
    dayparts: Sequence[float]
    titles: tuple[int, ...]
    shift: float
    name: str
    changed: bool = False


@dataclass(frozen=True, slots=True)
class LifeStage:
    """Epochs between two changes of taste. genres: shares."""

    profile: int
    begun_ms: int
    ended_ms: int
    genres: Mapping[str, float]
    name: str


def epochs(db: Database, profile: int) -> list[Epoch]:
    """Oldest first."""
    rows = db.execute(
        "SELECT profile, begun, ended, years, evidence, genres, dayparts, titles, shift, name, changed"
        " FROM epoch WHERE profile = ? ORDER BY begun",
        [profile],
    ).fetchall()
    return [
        Epoch(
            row[0],
            row[1],
            row[2],
            row[3],
            row[4],
            json.loads(row[5]),
            struct.unpack("<8d", row[6]),
            tuple(map(unsigned, struct.unpack(f"<{len(row[7]) // 8}q", row[7]))),
            row[8],
            row[9],
            bool(row[10]),
        )
        for row in rows
    ]


def set_epochs(db: Database, profile: int, new: Sequence[Epoch]) -> None:
    """Replace one profile's."""
    db.execute("DELETE FROM epoch WHERE profile = ?", [profile])
    for one in new:
        db.execute(
            "INSERT INTO epoch VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                one.profile,
                one.begun_ms,
                one.ended_ms,
                one.years,
                one.evidence,
                _shares(one.genres),
                struct.pack("<8d", *one.dayparts),
                struct.pack(f"<{len(one.titles)}q", *map(signed, one.titles)),
                one.shift,
                one.name,
                int(one.changed),
            ],
        )


def life_stages(db: Database, profile: int) -> list[LifeStage]:
    """Oldest first."""
    rows = db.execute(
        "SELECT profile, begun, ended, genres, name FROM life_stage WHERE profile = ? ORDER BY begun",
        [profile],
    ).fetchall()
    return [LifeStage(row[0], row[1], row[2], json.loads(row[3]), row[4]) for row in rows]


def set_life_stages(db: Database, profile: int, new: Sequence[LifeStage]) -> None:
    """Replace one profile's by the newest STAGES of these."""
    db.execute("DELETE FROM life_stage WHERE profile = ?", [profile])
    for one in new[-STAGES:]:
        db.execute(
            "INSERT INTO life_stage VALUES (?, ?, ?, ?, ?)",
            [one.profile, one.begun_ms, one.ended_ms, _shares(one.genres), one.name],
        )


def forget(db: Database, profile: int | None) -> None:
    """Of one profile, or of all (None)."""
    for table in ("epoch", "life_stage"):
        db.execute(f"DELETE FROM {table} WHERE ?1 IS NULL OR profile = ?1", [profile])


def forget_item(db: Database, profile: int, item: int) -> None:
    """A title's name goes; shares of genres that hundreds of titles made up stay."""
    found = epochs(db, profile)
    if any(item in one.titles for one in found):
        for one in found:
            kept = [key for key in one.titles if key != item]
            db.execute(
                "UPDATE epoch SET titles = ? WHERE profile = ? AND begun = ?",
                [struct.pack(f"<{len(kept)}q", *map(signed, kept)), profile, one.begun_ms],
            )


def _shares(genres: Mapping[str, float]) -> str:
    return json.dumps({name: round(genres[name], 6) for name in sorted(genres)})
