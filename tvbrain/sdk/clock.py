"""The time of a C host."""

from __future__ import annotations

import time
from collections.abc import Callable


class HostClock:
    """Wall time is the host's. So is monotonic time, since the first look, for a host that runs everything `by hand`:
    then no other clock is read and a replay gives the same database.
    """

    def __init__(self, milliseconds: Callable[[], int], *, by_hand: bool) -> None:
        self._milliseconds = milliseconds
        self._first = self.now() if by_hand else None

    def now(self) -> float:
        return self._milliseconds() / 1000

    def monotonic(self) -> float:
        return time.monotonic() if self._first is None else self.now() - self._first
