"""What each sitting offered and what came of it, in brain.db (docs/formats.md, table `viewing`)."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from tvbrain.sqlite import Database
from tvbrain.store import share
from tvbrain.store.u64 import signed

MOST = 400
"""Sittings kept a profile; the oldest go."""

NOWHERE = 0xFFFF
"""Row and place of a title that was not offered."""

_OFFER, _CHOICE = struct.Struct("<QHH"), struct.Struct("<QHHHh")
_E4 = 10_000


@dataclass(frozen=True, slots=True)
class Offer:
    """A title as it was shown first: row and place on the screen, from 0."""

    item: int
    row: int
    place: int


@dataclass(slots=True)
class Choice:
    """A title that was played: the most of it that was watched, 0 to 1, and what it said of liking, -1 to 1."""

    item: int
    row: int = NOWHERE
    place: int = NOWHERE
    watched: float = 0.0
    strength: float = 0.0


@dataclass(frozen=True, slots=True)
class Judgement:
    """reward: the mean of what the chosen titles said, -1 to 1. success: it was at least half of the most."""

    reward: float
    success: bool
    critique: str


@dataclass(frozen=True, slots=True)
class Viewing:
    """One sitting: `shown` places in all, of which `offered` are the first titles. Its context is that of its first
    record: daypart, and weekday, 0 on Monday. Not judged while it goes on.
    """

    episode: int
    profile: int
    started_ms: int
    ended_ms: int
    daypart: int
    weekday: int
    shown: int
    offered: tuple[Offer, ...]
    chosen: tuple[Choice, ...]
    judged: Judgement | None


def viewings(db: Database, profile: int) -> list[Viewing]:
    """Oldest first."""
    return _read(db, "WHERE v.profile = ?", [profile])


def choices(db: Database, profile: int) -> list[Viewing]:
    """The same without what was offered, which is most of them."""
    return _read(db, "WHERE v.profile = ?", [profile], offered="x''")


def of_episode(db: Database, episode: int) -> Viewing | None:
    return next(iter(_read(db, "WHERE v.episode = ?", [episode])), None)


def unjudged(db: Database, profile: int, before_ms: int) -> list[Viewing]:
    """Sittings that ended before a time and are not judged as they ended."""
    return _read(
        db, "WHERE v.profile = ? AND v.critique IS NULL AND e.ended < ?", [profile, before_ms]
    )


def profiles_unjudged(db: Database, before_ms: int) -> list[int]:
    rows = db.execute(
        "SELECT DISTINCT v.profile FROM viewing v JOIN episode e ON e.id = v.episode"
        " WHERE v.critique IS NULL AND e.ended < ? ORDER BY 1",
        [before_ms],
    ).fetchall()
    return [profile for (profile,) in rows]


def put(db: Database, one: Viewing) -> None:
    """Write one; the oldest of its profile beyond its share of MOST go. Inside a transaction."""
    said = one.judged
    db.execute(
        "INSERT OR REPLACE INTO viewing VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            one.episode,
            one.profile,
            one.daypart,
            one.weekday,
            one.shown,
            b"".join(_OFFER.pack(o.item, o.row, o.place) for o in one.offered),
            b"".join(_packed(choice) for choice in one.chosen),
            None if said is None else said.reward,
            None if said is None else int(said.success),
            None if said is None else said.critique,
        ],
    )
    db.execute(
        "DELETE FROM viewing WHERE episode IN (SELECT episode FROM viewing WHERE profile = ?"
        " ORDER BY episode DESC LIMIT -1 OFFSET ?)",
        [one.profile, share.each(db, MOST)],
    )


def drop_lost(db: Database) -> None:
    """Sittings that are no longer known go with what they offered."""
    db.execute("DELETE FROM viewing WHERE episode NOT IN (SELECT id FROM episode)")


def forget(db: Database, profile: int | None) -> None:
    """Of one profile, or of all (None)."""
    db.execute("DELETE FROM viewing WHERE ?1 IS NULL OR profile = ?1", [profile])


def forget_item(db: Database, profile: int, item: int) -> None:
    """Every sitting that offered a title or in which it was chosen."""
    name = struct.pack("<q", signed(item))
    db.execute(
        "DELETE FROM viewing WHERE profile = ? AND (instr(offered, ?) OR instr(chosen, ?))",
        [profile, name, name],
    )


def _packed(one: Choice) -> bytes:
    watched, strength = round(one.watched * _E4), round(one.strength * _E4)
    return _CHOICE.pack(one.item, one.row, one.place, watched, strength)


def _read(
    db: Database, where: str, values: Sequence[int], *, offered: str = "v.offered"
) -> list[Viewing]:
    rows = db.execute(
        "SELECT v.episode, v.profile, e.started, e.ended, v.daypart, v.weekday, v.shown,"
        f" {offered}, v.chosen, v.reward, v.success, v.critique FROM viewing v JOIN episode e"
        f" ON e.id = v.episode {where} ORDER BY e.started, v.episode",
        list(values),
    ).fetchall()
    return [
        Viewing(
            row[0],
            row[1],
            row[2],
            row[3],
            row[4],
            row[5],
            row[6],
            tuple(Offer(*fields) for fields in _OFFER.iter_unpack(row[7])),
            tuple(
                Choice(item, r, place, watched / _E4, strength / _E4)
                for item, r, place, watched, strength in _CHOICE.iter_unpack(row[8])
            ),
            None if row[11] is None else Judgement(row[9], bool(row[10]), row[11]),
        )
        for row in rows
    ]
