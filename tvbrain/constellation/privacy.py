"""Central differential privacy of what is released, and the ledger that says when it is used up.

The unit is one set: everything it sent within the window of epochs. It adds at most `cap` to a cell, to at most as many
cells as its pushes may hold, so one set moves the vector of counts by at most `sensitivity` in L2. A release adds
Gaussian noise of `multiplier` x `sensitivity` to the cells that have any count and keeps those above a threshold that
a cell of one set alone passes with probability below `DELTA` / 2 in all. Releases compose; dp-accounting does the sum.

Without a budget nothing is added and nothing is promised beyond the minimum of contributors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from tvbrain.constellation.errors import BudgetSpentError
from tvbrain.constellation.records import Counts
from tvbrain.errors import InvalidArgumentError, NotInstalledError

DELTA = 1e-6
"""The delta of a tenant's whole budget, half for the noise and half for thresholds."""

RELEASES = 520
"""Weekly releases of ten years: each may use this part of the thresholds' half."""

NOISE = "noise_multiplier"
"""The name of a release's charge."""


@dataclass(frozen=True, slots=True)
class Influence:
    """What one set can do to the counts: `cells` of them, each by `cap`."""

    cells: int
    cap: int = 1

    @property
    def sensitivity(self) -> float:
        """In L2."""
        return self.cap * sqrt(self.cells)


def spent(charges: Sequence[Mapping[str, float]]) -> float:
    """The epsilon, at DELTA, of all releases with noise together. 0 for none."""
    multipliers = [charge[NOISE] for charge in charges if NOISE in charge]
    if not multipliers:
        return 0.0
    try:
        from dp_accounting import GaussianDpEvent
        from dp_accounting.rdp import RdpAccountant
    except ImportError as error:
        raise NotInstalledError(
            "a privacy budget needs dp-accounting: pip install 'tvbrain[constellation]'"
        ) from error
    accountant = RdpAccountant()
    for multiplier in multipliers:
        accountant.compose(GaussianDpEvent(multiplier))
    return float(accountant.get_epsilon(DELTA / 2))


def charge(
    budget: float, before: Sequence[Mapping[str, float]], multiplier: float
) -> Mapping[str, float]:
    """What a release with this noise costs. BudgetSpentError where it leads past `budget`, an epsilon at DELTA."""
    if not multiplier > 0 or not budget > 0:
        raise InvalidArgumentError("budget and noise must be above 0")
    cost = {NOISE: multiplier}
    after = spent([*before, cost])
    if after > budget or len(before) >= RELEASES:
        raise BudgetSpentError(
            f"this release would bring epsilon from {spent(before):.3f} to {after:.3f}; the budget is {budget:.3f}"
        )
    return cost


def threshold(influence: Influence, multiplier: float) -> float:
    """Cells with a noisy count below this are not released."""
    from scipy.stats import norm

    each = DELTA / 2 / RELEASES / influence.cells
    return influence.cap + multiplier * influence.sensitivity * float(norm.isf(each))


def noisy(
    counts: Counts, influence: Influence, multiplier: float, random: np.random.Generator
) -> Counts:
    """What may be released of `counts`: rounded noisy counts at or above the threshold."""
    deviation = multiplier * influence.sensitivity
    drawn: NDArray[np.float64] = random.normal(0.0, deviation, len(counts.cells))
    values = counts.counts + drawn
    kept = values >= threshold(influence, multiplier)
    return Counts(
        counts.cells[kept], np.rint(values[kept]).astype(np.int64), counts.contributors[kept]
    )
