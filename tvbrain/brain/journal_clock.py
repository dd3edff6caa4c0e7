"""A clock that says what the journal says: for replays, where hours of viewing pass in seconds."""

from __future__ import annotations


class JournalClock:
    """Both clocks stand at the newest event's time. Before the first event it is 1970 (and not trusted)."""

    def __init__(self) -> None:
        self._first = 0.0
        self._now = 0.0

    def now(self) -> float:
        return self._now

    def monotonic(self) -> float:
        return self._now - self._first

    def heard(self, at: float) -> None:
        """The newest event was at `at`, seconds since the epoch; earlier times change nothing."""
        if at > 0 and self._now == 0:
            self._first = at
        self._now = max(self._now, at)
