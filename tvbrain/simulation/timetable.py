"""How often the long loops are to run, from docs/loops.md alone: the drill compares it with what ran.

It sees when the set was opened and when its thread looked, by both clocks, and whether something played. It imports
nothing of the engine.
"""

from __future__ import annotations

import struct
from collections import Counter

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

UNKNOWN_WAIT = 3600.0
NOTICED = 60.0
"""A wall clock that is so many seconds off is noticed."""


class Timetable:
    """`due`: runs that should have been, by loop."""

    def __init__(self) -> None:
        self.due: Counter[str] = Counter()
        self._at: dict[str, float] = {}
        """On the clock that only passes."""
        self._stored: dict[str, tuple[float, bool]] = {}
        """Due times by the wall clock, and whether that was trusted."""
        self._lead, self._trusted = 0.0, True
        self._device = 0
        """The journal's id."""

    def opened(self, wall: float, trusted: bool, device: int) -> None:
        """The brain was opened: its clock that only passes begins at 0."""
        self._device = device
        known = trusted and wall >= KNOWN_SINCE
        self._lead, self._trusted = wall, known
        for name, period in PERIODS.items():
            if name not in self._stored:
                self._at[name] = self._interval(name)
                self._stored[name] = wall + self._at[name], known
                continue
            due, then_known = self._stored[name]
            wait = due - wall if known and then_known else UNKNOWN_WAIT
            self._at[name] = min(wait, period)

    def look(self, passed: float, wall: float, trusted: bool, playing: bool) -> None:
        """The thread looks at what is due."""
        known = trusted and wall >= KNOWN_SINCE
        if abs(wall - passed - self._lead) > NOTICED or known != self._trusted:
            self._lead, self._trusted = wall - passed, known
            for name, at in self._at.items():
                self._stored[name] = at + wall - passed, known
        for name in PERIODS:
            if not playing and self._at[name] <= passed:
                self.due[name] += 1
                self._at[name] = passed + self._interval(name)
                self._stored[name] = self._at[name] + wall - passed, known

    def _interval(self, name: str) -> float:
        """The period, less this set's own jitter."""
        period = PERIODS[name]
        seed = struct.pack("<QQ", self._device, self.due[name]) + name.encode("ascii")
        return period - xxh64(seed) % int(period // 24) if self._device else period
