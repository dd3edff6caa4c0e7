"""Real people on a virtual calendar: each one's positives, in order, spread evenly over the weeks.

MovieLens people rate in one sitting what others watch in years: their own times are no calendar; the order is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

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
    found = []
    for items in histories.of_each():
        if len(items):
            ends = np.arange(1, weeks + 1) * len(items) // weeks
            begins = [0, *ends[:-1].tolist()]
            parts = zip(begins, ends.tolist(), strict=True)
            found.append(Life(tuple(tuple(items[a:b].tolist()) for a, b in parts)))
    return found
