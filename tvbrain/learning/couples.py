"""Couples: which title a set went on to after which, as sets tell it (docs/sync.md, "What a set says").

A couple is (earlier, later, closeness): two positives of one history at most `WINDOW` places apart. Its direction and
how near they were matter: of the item model trained centrally, one trained on couples without direction reaches 0.92,
with direction 0.95, with closeness too 0.97 (docs/sync.md, "The fleet").
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

WINDOW = 20
"""Places from the earlier to the later at most."""

MOST = 200
"""Couples of one push."""

NEAREST = (1, 4, 9, WINDOW)
"""By closeness 0 to 3: the most places apart."""

HUNDREDTHS = (100, 60, 40, 27)
"""By closeness, what a couple counts: about distance^(-1/2)."""

Couple = tuple[int, int, int]
"""Row of the earlier, row of the later, closeness."""


def closeness(distance: int) -> int:
    """0 to 3 for 1 to `WINDOW` places."""
    return next(at for at, most in enumerate(NEAREST) if distance <= most)


def as_near(value: float) -> int:
    """The closeness of what counts distance^(-1/2), added up where a couple came more than once; above 0."""
    return next((at for at, most in enumerate(NEAREST[:-1]) if value >= most**-0.5), 3)


def waiting(
    history: Sequence[int], told: Container[tuple[int, int]], most: int = MOST
) -> list[Couple]:
    """What a set tells next: of all couples of its positives, oldest first, those not in `told` by (earlier, later);
    the nearest first, of equally near ones the oldest. None names one title twice, and none comes twice.
    """
    found: dict[tuple[int, int], Couple] = {}
    for earlier, later, distance in _by_distance(history):
        if len(found) == most:
            break
        couple = (earlier, later)
        if earlier != later and couple not in told and couple not in found:
            found[couple] = (earlier, later, closeness(distance))
    return list(found.values())


def _by_distance(history: Sequence[int]) -> Iterator[Couple]:
    for distance in range(1, min(WINDOW, len(history) - 1) + 1):
        for at in range(len(history) - distance):
            yield history[at], history[at + distance], distance
