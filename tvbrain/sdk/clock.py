"""The time of a C host."""

from __future__ import annotations

from collections.abc import Callable

from tvbrain.clock import passed


class HostClock:
    """Wall time is the host's. For a host that runs everything `by hand` the other clock goes with it, whenever it is
    looked at and has not been set back: then no clock but the host's is read and a replay gives the same database.
    """

    def __init__(self, milliseconds: Callable[[], int], *, by_hand: bool) -> None:
        self._milliseconds = milliseconds
        self._last = self.now() if by_hand else None
        self._passed = 0.0

    def now(self) -> float:
        return self._milliseconds() / 1000

    def monotonic(self) -> float:
        if self._last is None:
            return passed()
        now = self.now()
        self._passed += max(now - self._last, 0.0)
        self._last = now
        return self._passed
