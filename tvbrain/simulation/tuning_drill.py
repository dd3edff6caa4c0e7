"""How often the tuning adopts something, and whether it should have: households with a planted taste, seed by seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from tvbrain.simulation.impressions import People, impressions, planted, weeks_of_tuning
from tvbrain.tuning.decision import WINDOW_DAYS
from tvbrain.tuning.review import ROLLED_BACK, Standing
from tvbrain.tuning.space import NEUTRAL, Configuration, stepped

WEEKS = 12
GAIN = 0.2
KNOB = "genre"
GOOD, BAD = stepped(NEUTRAL, KNOB, 1), stepped(NEUTRAL, KNOB, -2)

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Counts:
    """Of `seeds` households: how many adopted anything with shuffled rewards, how many moved KNOB up when that was
    worth GAIN, how many rolled BAD back.
    """

    seeds: int
    misled: int
    found: int
    rolled_back: int

    @property
    def good(self) -> bool:
        """At most 5 of 100, at least 80 of 100, and every bad one."""
        return (
            self.misled <= 0.05 * self.seeds
            and self.found >= 0.8 * self.seeds
            and self.rolled_back >= 0.8 * self.seeds
        )


def drill(seeds: int, first: int = 0, progress: Progress = lambda done, total: None) -> Counts:
    """Seeds `first` to `first` + `seeds` - 1."""
    people = planted(GOOD, GAIN, KNOB)
    misled = found = rolled_back = 0
    for number, seed in enumerate(range(first, first + seeds)):
        misled += adoptions(replace(people, shuffled=True), seed) != []
        found += any(one.factor(KNOB) > 1 for one in adoptions(people, seed))
        rolled_back += rolls_back(people, seed)
        progress(number + 1, seeds)
    return Counts(seeds, misled, found, rolled_back)


def adoptions(people: People, seed: int) -> list[Configuration]:
    """Everything that comes into use in WEEKS weeks."""
    seen: list[Configuration] = []
    weeks_of_tuning(people, seed, WEEKS, told=lambda week, now, why: seen.append(now.current))
    return seen


def rolls_back(people: People, seed: int) -> bool:
    """Whether the first thing that happens to BAD, adopted before the weeks began, is that it is rolled back."""
    before = impressions(people, NEUTRAL, -WINDOW_DAYS, WINDOW_DAYS, np.random.default_rng(seed))
    seen: list[tuple[str, Configuration]] = []
    weeks_of_tuning(
        people,
        seed,
        WEEKS,
        Standing(BAD, 0, NEUTRAL),
        before,
        lambda week, now, why: seen.append((why.kind, now.current)),
    )
    return seen[:1] == [(ROLLED_BACK, NEUTRAL)]
