"""Real people on a virtual calendar: each one's positives, in order, spread evenly over the weeks.

MovieLens people rate in one sitting what others watch in years: their own times are no calendar; the order is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tvbrain.learning.histories import Histories

WEEKS = 26

FIRST_EPOCH = 2_900
"""Of the virtual calendar: a week of 2025."""

EPOCH_S = 7 * 86_400


@dataclass(frozen=True, slots=True)
class Life:
    """Titles liked by week, oldest first, in each week too."""

    weeks: tuple[tuple[int, ...], ...]

    def until(self, week: int) -> list[int]:
        """Everything liked in weeks 0 to `week`."""
        return [title for some in self.weeks[: week + 1] for title in some]


def lives(histories: Histories, weeks: int = WEEKS) -> list[Life]:
    """Of each person who likes anything."""
    return [of_items(items.tolist(), weeks) for items in histories.of_each() if len(items)]


def of_items(items: Sequence[int], weeks: int) -> Life:
    """Of one person's titles, oldest first."""
    ends = [week * len(items) // weeks for week in range(weeks + 1)]
    return Life(tuple(tuple(items[a:b]) for a, b in pairwise(ends)))
