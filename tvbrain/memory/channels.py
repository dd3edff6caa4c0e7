"""Which channel is on, and for how long it was: from channel changes to hours."""

from __future__ import annotations

from tvbrain.memory import habits
from tvbrain.memory.daypart import daypart
from tvbrain.sqlite import Database
from tvbrain.store.u64 import signed, unsigned

LEAST_MS = 60_000
"""Shorter is passing by on the way to another channel."""

MOST_MS = 4 * 3_600_000
"""Longer, and nobody may have been there: a set that is left on says little."""

HOUR_MS = 3_600_000

ENDS = frozenset({"channel_change", "play_start", "wake", "standby"})
"""Kinds of events after which another channel is on, or none."""


def change(db: Database, profile: int, channel: int, at_ms: int, utc_offset_min: int) -> None:
    """`channel` (XXH64 of its name, 0 for none) is on from now on; what was on is counted. In a transaction."""
    before = db.execute(
        "SELECT channel, since, utc_offset_min FROM channel_on WHERE profile = ?", [profile]
    ).fetchone()
    if before is not None:
        was, since, offset = before
        length = min(at_ms - since, MOST_MS)
        if length >= LEAST_MS:
            part = daypart(since, offset)
            hours = length / HOUR_MS
            habits.add(db, profile, habits.CHANNELS, part, unsigned(was), hours, at_ms)
    if channel:
        db.execute(
            "INSERT OR REPLACE INTO channel_on VALUES (?, ?, ?, ?)",
            [profile, signed(channel), at_ms, utc_offset_min],
        )
    elif before is not None:
        db.execute("DELETE FROM channel_on WHERE profile = ?", [profile])
