"""How often each long loop runs: the rule of docs/loops.md once more, in whole seconds, without any of the engine."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from tests.oracle.xxh64 import xxh64

HOUR = 3600
SET_SINCE = 1_577_836_800


@dataclass
class Kept:
    """What a power cut leaves."""

    due: int
    trusted: bool
    runs: int


@dataclass
class Timetable:
    """Loops by name and period. `left`: seconds until each may run."""

    periods: dict[str, int]
    device: int
    wall: int
    told: bool = True
    left: dict[str, int] = field(default_factory=dict)
    kept: dict[str, Kept] = field(default_factory=dict)
    lead: int = 0
    """How far the wall clock was set since due times were stored."""
    stored_trusted: bool = True

    @property
    def trusted(self) -> bool:
        return self.told and self.wall >= SET_SINCE

    def every(self, name: str, runs: int) -> int:
        period = self.periods[name]
        if period < 24 * HOUR:
            return period
        drawn = xxh64(struct.pack("<QQ", self.device, runs) + name.encode())
        return period - drawn % (period // 24)

    def store(self, name: str) -> None:
        runs = self.kept[name].runs if name in self.kept else 0
        self.kept[name] = Kept(self.wall + self.left[name], self.trusted, runs)

    def open(self) -> None:
        for name, period in self.periods.items():
            if name not in self.kept:
                self.left[name] = self.every(name, 0)
                self.store(name)
                continue
            kept = self.kept[name]
            known = kept.trusted and self.trusted
            self.left[name] = min(kept.due - self.wall if known else HOUR, period)
        self.lead, self.stored_trusted = 0, self.trusted

    def step(self) -> list[str]:
        if abs(self.lead) > 60 or self.trusted != self.stored_trusted:
            self.lead, self.stored_trusted = 0, self.trusted
            for name in self.periods:
                self.store(name)
        ran = [name for name in self.periods if self.left[name] <= 0]
        for name in ran:
            self.kept[name].runs += 1
            self.left[name] = self.every(name, self.kept[name].runs)
            self.store(name)
        return ran

    def live(self, seconds: int) -> None:
        """Awake or asleep: both pass."""
        self.wall += seconds
        for name in self.left:
            self.left[name] -= seconds

    def set_clock(self, wall: int) -> None:
        self.lead += wall - self.wall
        self.wall = wall
