"""From many sittings to one memory: what leaves a tier is promoted or dropped, as the table of tiers says."""

from __future__ import annotations

from collections import defaultdict

from sqlite_utils import Database

from tvbrain.memory.tiers import BY_NAME, TIERS, decay
from tvbrain.store.u64 import signed, unsigned

_Key = tuple[int, int, int]


def consolidate(db: Database, now: float) -> int:
    """Apply retention, promotion and capacity to every tier kept in `memory`; how many rows left one.

    Promoted rows of one profile, title and daypart become one row, its strength decayed to the
    time of its newest evidence. The oldest beyond the capacity are dropped.
    """
    left = 0
    for tier in TIERS:
        if tier.capacity and tier.retention is not None:
            left += _retire(db, tier.name, round((now - tier.retention) * 1000))
    for tier in TIERS:
        if tier.capacity:
            left += _cap(db, tier.name, tier.capacity)
    db.execute(
        "DELETE FROM episode WHERE NOT EXISTS (SELECT 1 FROM memory WHERE episode = episode.id)"
        " AND ended < ?",
        [round((now - (BY_NAME["episodic"].retention or 0.0)) * 1000)],
    )
    return left


def _retire(db: Database, tier: str, before_ms: int) -> int:
    rows = db.execute(
        "SELECT profile, item, daypart, at, strength FROM memory WHERE tier = ? AND at < ?"
        " ORDER BY at, id",
        [tier, before_ms],
    ).fetchall()
    if not rows:
        return 0
    target = BY_NAME[tier].promotes_to
    if target is not None:
        _promote(db, target, rows)
    db.execute("DELETE FROM memory WHERE tier = ? AND at < ?", [tier, before_ms])
    return len(rows)


def _promote(db: Database, target: str, rows: list[tuple[int, int, int, int, float]]) -> None:
    sums: dict[_Key, tuple[int, float]] = {}
    pieces: dict[_Key, list[tuple[int, float]]] = defaultdict(list)
    for profile, item, daypart, at, strength in rows:
        pieces[profile, unsigned(item), daypart].append((at, strength))
    for (profile, item, daypart), found in pieces.items():
        for _, at, strength in db.execute(
            "SELECT id, at, strength FROM memory WHERE tier = ? AND profile = ? AND item = ?"
            " AND daypart = ?",
            [target, profile, signed(item), daypart],
        ).fetchall():
            found.append((at, strength))
        newest = max(at for at, _ in found)
        total = sum(s * decay(target, (newest - at) / 1000) for at, s in found)
        sums[profile, item, daypart] = newest, total
    for (profile, item, daypart), (at, strength) in sums.items():
        db.execute(
            "DELETE FROM memory WHERE tier = ? AND profile = ? AND item = ? AND daypart = ?",
            [target, profile, signed(item), daypart],
        )
        db.execute(
            "INSERT INTO memory (tier, profile, item, at, daypart, strength, explicit, episode)"
            " VALUES (?, ?, ?, ?, ?, ?, 0, NULL)",
            [target, profile, signed(item), at, daypart, strength],
        )


def _cap(db: Database, tier: str, capacity: int) -> int:
    left = 0
    for profile, count in db.execute(
        "SELECT profile, count(*) FROM memory WHERE tier = ? GROUP BY profile", [tier]
    ).fetchall():
        if count > capacity:
            db.execute(
                "DELETE FROM memory WHERE id IN (SELECT id FROM memory WHERE tier = ?"
                " AND profile = ? ORDER BY at, id LIMIT ?)",
                [tier, profile, count - capacity],
            )
            left += count - capacity
    return left
