"""From many sittings to one memory: whose retention has ended leaves, as the table of tiers says."""

from __future__ import annotations

from tvbrain.memory import shelf
from tvbrain.memory.tiers import BY_NAME, MEMORY, TIERS
from tvbrain.sqlite import Database
from tvbrain.store import viewings


def consolidate(db: Database, now: float) -> int:
    """Apply the retention of every tier kept in `memory`; how many rows left one. Inside a transaction.

    A second run at the same time changes nothing, and any runs before leave what one run leaves. Promoted rows of one
    profile, title and daypart become one row, its strength that of the time of its newest evidence.
    """
    left = 0
    for tier in TIERS:
        if tier.place == MEMORY and tier.retention is not None:
            left += shelf.expire(db, tier, round((now - tier.retention) * 1000))
    db.execute(
        "DELETE FROM episode WHERE NOT EXISTS (SELECT 1 FROM memory WHERE episode = episode.id)"
        " AND ended < ?",
        [round((now - (BY_NAME["episodic"].retention or 0.0)) * 1000)],
    )
    viewings.drop_lost(db)
    return left
