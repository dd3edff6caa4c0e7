"""What happens to the set: power cuts, starts without a clock, a clock that is set wrong."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

CUT_EVERY_DAYS = 45
"""The power goes about so often, in the middle of a sitting."""

WITHOUT_CLOCK = 3
"""After every third cut the set does not know the time until the network tells it."""

NETWORK_AFTER = 600.0
"""Seconds until then."""

JUMPS = (3 * 3600.0, -86_400.0, 40 * 86_400.0)
"""By how much the wall clock is wrong for a day, at a quarter, half and three quarters of a life."""


@dataclass(frozen=True, slots=True)
class Mishap:
    """On a day of the life, before its sitting number `sitting` (the last, if there are fewer). `seconds`: without
    power, or by which the clock is wrong. `blind`: the clock begins in 1970.
    """

    kind: str
    day: int
    sitting: int
    seconds: float
    blind: bool = False


def mishaps(days: int, seed: int, cut_every: int = CUT_EVERY_DAYS) -> dict[int, list[Mishap]]:
    """All of a life, by day; a power cut about every `cut_every` days."""
    draw = Random(f"mishaps {seed}")
    found: dict[int, list[Mishap]] = {}
    day, number = 0, 0
    while (day := day + draw.randrange(max(cut_every // 2, 1), cut_every * 3 // 2)) < days:
        blind = number % WITHOUT_CLOCK == WITHOUT_CLOCK - 1
        without = draw.choice((20.0, 600.0, 5 * 3600.0))
        found.setdefault(day, []).append(
            Mishap("power_cut", day, draw.randrange(5), without, blind)
        )
        number += 1
    for number, seconds in enumerate(JUMPS):
        day = days * (number + 1) // (len(JUMPS) + 1)
        found.setdefault(day, []).append(Mishap("clock_jump", day, 0, seconds))
        found.setdefault(day + 1, []).append(Mishap("clock_right", day + 1, 0, 0.0))
    return found
