"""Dayparts: 4 x (1 on Saturday and Sunday, else 0) + local hour / 6, as in docs/formats.md."""

from __future__ import annotations

COUNT = 8
_DAY_MS = 86_400_000


def daypart(at_ms: int, utc_offset_min: int) -> int:
    """0 to 7. `at_ms` is UTC, milliseconds since the epoch (a Thursday)."""
    local = at_ms + utc_offset_min * 60_000
    weekday = (local // _DAY_MS + 3) % 7  # Monday is 0
    return 4 * (weekday >= 5) + local % _DAY_MS // 3_600_000 // 6
