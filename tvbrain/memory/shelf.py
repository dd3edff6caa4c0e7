"""The table `memory`: what is put into a tier, and what leaves it.

Every write keeps the tier within its capacity, and an entry that leaves goes the same way whatever made it leave: to
the tier above, if it is strong enough. Strengths are kept as they were at their time and decay when they are read, and
entries leave oldest first, so that it does not matter when or how often consolidation runs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from tvbrain.memory.tiers import BY_NAME, Tier, decay
from tvbrain.sqlite import Database
from tvbrain.store.u64 import signed, unsigned


@dataclass(frozen=True, slots=True)
class Entry:
    """One row. `strength` is as of `at_ms`. explicit: `undo` takes it back. `episode` None: of several sittings."""

    profile: int
    item: int
    at_ms: int
    daypart: int
    strength: float
    explicit: bool = False
    episode: int | None = None


def put(db: Database, name: str, one: Entry) -> None:
    """Write one entry; what the tier then has too much leaves. Inside a transaction."""
    tier = BY_NAME[name]
    if tier.retention is None:
        one = _merged(db, tier, one)
    db.execute(
        "INSERT INTO memory (tier, profile, item, at, daypart, strength, explicit, episode)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            name,
            one.profile,
            signed(one.item),
            one.at_ms,
            one.daypart,
            one.strength,
            int(one.explicit),
            one.episode,
        ],
    )
    if _is_over(db, tier, one.profile):
        _leave(db, tier, _last(db, tier, one.profile))


def expire(db: Database, tier: Tier, before_ms: int) -> int:
    """Whatever was written about a time before `before_ms` leaves, oldest first; how many rows."""
    found = db.execute(
        "SELECT id FROM memory WHERE tier = ? AND at < ? ORDER BY at, id", [tier.name, before_ms]
    ).fetchall()
    for (row,) in found:
        _leave(db, tier, row)
    return len(found)


def _merged(db: Database, tier: Tier, one: Entry) -> Entry:
    """A tier that keeps for ever has one entry a title and daypart: the sum, as of the newest time."""
    place = [tier.name, one.profile, signed(one.item), one.daypart]
    known = db.execute(
        "SELECT id, at, strength FROM memory WHERE tier = ? AND profile = ? AND item = ?"
        " AND daypart = ?",
        place,
    ).fetchone()
    if known is None:
        return Entry(one.profile, one.item, one.at_ms, one.daypart, one.strength)
    row, at_ms, strength = known
    db.execute("DELETE FROM memory WHERE id = ?", [row])
    newest = max(at_ms, one.at_ms)
    total = strength * decay(tier.name, (newest - at_ms) / 1000)
    total += one.strength * decay(tier.name, (newest - one.at_ms) / 1000)
    return Entry(one.profile, one.item, newest, one.daypart, total)


def _is_over(db: Database, tier: Tier, profile: int) -> bool:
    beyond = db.execute(
        "SELECT 1 FROM memory WHERE profile = ? AND tier = ? LIMIT 1 OFFSET ?",
        [profile, tier.name, tier.capacity],
    ).fetchone()
    return beyond is not None


def _last(db: Database, tier: Tier, profile: int) -> int:
    """The row that a full tier can best do without: the oldest, or the weakest of a tier that keeps for ever."""
    rows = db.execute(
        "SELECT id, at, strength FROM memory WHERE profile = ? AND tier = ? ORDER BY at, id",
        [profile, tier.name],
    )
    if tier.retention is not None:
        return int(rows.fetchone()[0])
    return int(min(rows.fetchall(), key=lambda row: _rank(tier, row[1], row[2]))[0])


def _rank(tier: Tier, at_ms: int, strength: float) -> float:
    """Orders strengths of different times as they are at any one time: the logarithm of each, decayed to the epoch."""
    if strength == 0.0 or tier.half_life is None:
        return -math.inf
    return math.log2(abs(strength)) + at_ms / 1000 / tier.half_life


def _leave(db: Database, tier: Tier, row: int) -> None:
    profile, item, at_ms, daypart, strength = db.execute(
        "SELECT profile, item, at, daypart, strength FROM memory WHERE id = ?", [row]
    ).fetchone()
    db.execute("DELETE FROM memory WHERE id = ?", [row])
    if tier.promotes_to is not None and abs(strength) >= tier.threshold:
        put(db, tier.promotes_to, Entry(profile, unsigned(item), at_ms, daypart, strength))
