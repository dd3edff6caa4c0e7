"""Where time comes from. Nothing else in tvbrain reads a clock."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Wall time for what is recorded, monotonic time for how long something took or is to wait."""

    def now(self) -> float:
        """Seconds since 1970-01-01 UTC; may jump in either direction."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary moment; never goes back, and counts the time that the machine slept."""


class SystemClock:
    """The clocks of the machine."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return passed()


def passed() -> float:
    """The machine's clock that only passes, awake or asleep (CLOCK_BOOTTIME), in seconds."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def cpu_seconds() -> float:
    """What the calling thread has used of a processor."""
    return time.thread_time()


class VirtualClock:
    """A clock that stands still until it is told to move: for tests, replays and `learn_now()`."""

    def __init__(self, now: float = 1_700_000_000.0, monotonic: float = 0.0) -> None:
        self._now = now
        self._monotonic = monotonic

    def now(self) -> float:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Let time pass on both clocks; `seconds` must not be negative."""
        if seconds < 0:
            raise ValueError(f"time does not pass backwards: {seconds}")
        self._now += seconds
        self._monotonic += seconds

    def set_now(self, now: float) -> None:
        """Set the wall clock, as a network time service does; the monotonic clock is untouched."""
        self._now = now
