"""Dayparts: 4 x (1 on Saturday and Sunday, else 0) + local hour / 6, as in docs/formats.md."""

from __future__ import annotations

COUNT = 8
_DAY_MS = 86_400_000


def weekday(at_ms: int, utc_offset_min: int) -> int:
    """0 (Monday) to 6, in local time. `at_ms` is UTC, milliseconds since the epoch (a Thursday)."""
    return ((at_ms + utc_offset_min * 60_000) // _DAY_MS + 3) % 7


def daypart(at_ms: int, utc_offset_min: int) -> int:
    """0 to 7. `at_ms` as of `weekday`."""
    local = at_ms + utc_offset_min * 60_000
    return 4 * (weekday(at_ms, utc_offset_min) >= 5) + local % _DAY_MS // 3_600_000 // 6
