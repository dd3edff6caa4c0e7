"""How often the long loops are to run, from docs/loops.md alone: tests and the drill compare it with what ran.

It sees when the set was opened and when its thread looked, by both clocks, and whether something played. It imports
nothing of the engine.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Mapping

from tvbrain.pack.native import xxh64

DAY = 86_400.0
PERIODS = {
    "deliberative": DAY,
    "evolutionary": 7 * DAY,
    "transformative": 365.25 * DAY,
    "transcendent": 3652.5 * DAY,
}
"""The loops that run whenever their time has come."""

KNOWN_SINCE = 1_577_836_800.0
"""2020: a clock before it was never set."""

HOUR = 3600.0
NOTICED = 60.0
"""A wall clock that is so many seconds off is noticed."""


class Timetable:
    """periods: seconds, by loop. `due`: runs that should have been, by loop."""

    def __init__(self, periods: Mapping[str, float] = PERIODS) -> None:
        self.due: Counter[str] = Counter()
        self._periods = periods
        self._at: dict[str, float] = {}
        """On the clock that only passes."""
        self._stored: dict[str, tuple[float, bool, float]] = {}
        """Due times by the wall clock, whether that was trusted, and what was left then."""
        self._owed: dict[str, float] = {}
        """Trusted due times from before a restart of which nobody knows how long it took."""
        self._lead, self._trusted = 0.0, True
        self._device = 0
        """The journal's id."""

    def opened(self, passed: float, wall: float, trusted: bool, device: int) -> None:
        """The brain was opened, on a clock that only passes and begins anew each time."""
        self._device = device
        known = trusted and wall >= KNOWN_SINCE
        self._lead, self._trusted = wall - passed, known
        self._owed = {}
        for name, period in self._periods.items():
            if name not in self._stored:
                wait = self._interval(name)
                self._stored[name] = wall + wait, known, wait
            else:
                due, then_known, left = self._stored[name]
                if known and then_known:
                    wait = due - wall
                elif left - DAY > HOUR:
                    wait = left - DAY
                else:
                    wait = min(left, HOUR)
                if then_known and not known:
                    self._owed[name] = due
            self._at[name] = passed + min(wait, period)

    def look(self, passed: float, wall: float, trusted: bool, playing: bool) -> list[str]:
        """The thread looks at what is due: the loops that run now."""
        known = trusted and wall >= KNOWN_SINCE
        if abs(wall - passed - self._lead) > NOTICED or known != self._trusted:
            self._lead, self._trusted = wall - passed, known
            if known:
                for name, due in self._owed.items():
                    self._at[name] = passed + min(due - wall, self._periods[name])
                self._owed = {}
            for name in self._at:
                self._store(name, passed, wall, known)
        running = [name for name, at in self._at.items() if at <= passed and not playing]
        for name in running:
            self.due[name] += 1
            self._at[name] = passed + self._interval(name)
            self._owed.pop(name, None)
        daily = any(self._periods[name] >= DAY for name in running)
        for name in self._at if daily else running:
            self._store(name, passed, wall, known)
        return running

    def _store(self, name: str, passed: float, wall: float, known: bool) -> None:
        left = self._at[name] - passed
        if name in self._owed:
            self._stored[name] = self._owed[name], True, left
        else:
            self._stored[name] = wall + left, known, left

    def _interval(self, name: str) -> float:
        """The period, less this set's own jitter."""
        period = self._periods[name]
        if period < DAY or not self._device:
            return period
        seed = struct.pack("<QQ", self._device, self.due[name]) + name.encode("ascii")
        return period - xxh64(seed) % int(period // 24)
