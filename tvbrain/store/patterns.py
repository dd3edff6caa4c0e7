"""Patterns of the week, in brain.db (docs/formats.md, table `pattern`)."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tvbrain.sqlite import Database
from tvbrain.store.u64 import signed, unsigned

MOST = 48
"""Patterns kept a profile and tier, the retired among them; those that have been seen last stay."""

TITLES = 16
"""Titles that stand for a pattern."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """In `successes` of `trials` sittings of its context something of the genre was liked; `usual`: the share of the
    sittings of other contexts. dayparts, weekdays: masks, bit 0 daypart 0 and Monday; no weekday is all. company: who
    was there, as far as titles tell. `low` and `high` bound the share. titles: keys, those liked most. factor: of its
    weight, by what came of showing its genre then. retired_ms: when it stopped holding, None while it holds.
    """

    id: int
    profile: int
    tier: str
    name: str
    genre: str
    dayparts: int
    weekdays: int
    company: str
    trials: int
    successes: int
    low: float
    high: float
    usual: float
    titles: tuple[int, ...]
    found_ms: int
    seen_ms: int
    factor: float = 1.0
    retired_ms: int | None = None

    @property
    def weight(self) -> float:
        """0 to 1: how much surer than usual the genre is, of what there is to be surer."""
        return self.factor * max(0.0, (self.low - self.usual) / (1.0 - self.usual))

    def at(self, daypart: int, weekday: int) -> bool:
        """Whether it is of this context."""
        return bool(self.dayparts >> daypart & 1) and (
            self.weekdays == 0 or bool(self.weekdays >> weekday & 1)
        )


_COLUMNS = (
    "id, profile, tier, name, genre, dayparts, weekdays, company, trials, successes, low, high, usual,"
    " titles, found, seen, factor, retired"
)


def patterns(db: Database, profile: int) -> list[Pattern]:
    """Of one profile, by id."""
    rows = db.execute(f"SELECT {_COLUMNS} FROM pattern WHERE profile = ?", [profile]).fetchall()
    return sorted((_pattern(row) for row in rows), key=lambda one: one.id)


def active(db: Database, most: int) -> list[Pattern]:
    """Of everybody those that hold, the weightiest first."""
    rows = db.execute(f"SELECT {_COLUMNS} FROM pattern WHERE retired IS NULL").fetchall()
    found = [one for one in map(_pattern, rows) if one.weight > 0]
    return sorted(found, key=lambda one: (-one.weight, one.profile, one.id))[:most]


def set_patterns(db: Database, profile: int, new: Iterable[Pattern]) -> None:
    """Replace one profile's, the newest of each tier; rows that stay as they are are not written."""
    kept: dict[str, int] = {}
    wanted: dict[int, Pattern] = {}
    for one in sorted(new, key=lambda one: (one.retired_ms is not None, -one.seen_ms, one.id)):
        kept[one.tier] = kept.get(one.tier, 0) + 1
        if kept[one.tier] <= MOST:
            wanted[one.id] = one
    old = {one.id: one for one in patterns(db, profile)}
    for number in sorted(old.keys() - wanted.keys()):
        db.execute("DELETE FROM pattern WHERE profile = ? AND id = ?", [profile, signed(number)])
    for number in sorted(wanted):
        if old.get(number) != wanted[number]:
            _write(db, wanted[number])


def forget(db: Database, profile: int | None) -> None:
    """Of one profile, or of all (None)."""
    db.execute("DELETE FROM pattern WHERE ?1 IS NULL OR profile = ?1", [profile])


def _write(db: Database, one: Pattern) -> None:
    db.execute(
        f"INSERT OR REPLACE INTO pattern ({_COLUMNS}) VALUES ({', '.join('?' * 18)})",
        [
            signed(one.id),
            one.profile,
            one.tier,
            one.name,
            one.genre,
            one.dayparts,
            one.weekdays,
            one.company,
            one.trials,
            one.successes,
            one.low,
            one.high,
            one.usual,
            struct.pack(f"<{len(one.titles)}Q", *one.titles),
            one.found_ms,
            one.seen_ms,
            one.factor,
            one.retired_ms,
        ],
    )


def _pattern(row: tuple[Any, ...]) -> Pattern:
    values = list(row)
    values[0] = unsigned(row[0])
    values[13] = struct.unpack(f"<{len(row[13]) // 8}Q", row[13])
    return Pattern(*values)
