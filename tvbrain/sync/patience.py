"""How long to wait after an answer or none: exponential, by chance, and never less than the server asks."""

from __future__ import annotations

import random
from collections.abc import Callable

LONGEST_S = 6 * 3600.0
LONGEST_ASKED_S = 24 * 3600.0
"""A server that asks for more is not heeded: it may be none."""
OPEN_AFTER = 5
"""Failures in a row after which the breaker is open: one small request at a time, until one is answered."""


class Patience:
    """`draw` gives numbers from 0 to 1. `interval`: shortest and longest wait (s) between polls that go well."""

    def __init__(
        self, interval: tuple[int, int], draw: Callable[[], float] = random.random
    ) -> None:
        self._shortest, self._longest = interval
        self._draw = draw
        self.failures = 0

    @property
    def open(self) -> bool:
        """Whether the breaker is open."""
        return self.failures >= OPEN_AFTER

    def first(self) -> float:
        """Before anything was asked: sets that are switched on together do not ask together."""
        return self._draw() * self._shortest

    def after_success(self) -> float:
        """Somewhere in the interval."""
        self.failures = 0
        return self._shortest + self._draw() * (self._longest - self._shortest)

    def after_failure(self, asked: float = 0.0) -> float:
        """Twice as long each time, of which between half and all; on top of what the server asked for, if it did."""
        self.failures += 1
        reach = min(self._shortest * 2.0 ** min(self.failures - 1, 20), LONGEST_S)
        if asked > 0:
            return min(asked, LONGEST_ASKED_S) + self._draw() * self._shortest
        return reach * (0.5 + 0.5 * self._draw())
