"""Central differential privacy of what is released, and the ledger that says when it is used up.

The unit is one set: everything it sent within WINDOW epochs. It is one contributor and adds at most `cap` to each of at
most as many cells as its pushes may hold, so it moves contributors and counts / cap together by at most `sensitivity`
in L2. A release adds Gaussian noise of `multiplier` x `sensitivity` to them where there are any and keeps the cells
whose noisy contributors pass a threshold that one set's own cells pass with probability below `DELTA` / 2 in all.
Releases compose; dp-accounting does the sum. Dense statistics are not released under a budget.

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

WINDOW = 52
"""Epochs after which what nobody renewed is dropped."""

RELEASES = 520
"""Weekly releases of ten years: each may use this part of the thresholds' half."""

NOISE = "noise_multiplier"
"""The name of a release's charge."""


@dataclass(frozen=True, slots=True)
class Influence:
    """What one set can do: to the contributors of `cells` cells by one, to their counts by `cap`."""

    cells: int
    cap: int = 1

    @property
    def sensitivity(self) -> float:
        """In L2, of contributors and counts / cap together."""
        return sqrt(2 * self.cells)


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
    """Cells with fewer noisy contributors than this are not released."""
    from scipy.stats import norm

    each = DELTA / 2 / RELEASES / influence.cells
    return 1.0 + multiplier * influence.sensitivity * float(norm.isf(each))


def noisy(
    counts: Counts, influence: Influence, multiplier: float, random: np.random.Generator
) -> Counts:
    """What may be released of `counts`: rounded noisy numbers of the cells with enough noisy contributors."""
    deviation = multiplier * influence.sensitivity
    told = counts.contributors + random.normal(0.0, deviation, len(counts.cells))
    summed = counts.counts + random.normal(0.0, influence.cap * deviation, len(counts.cells))
    kept = told >= threshold(influence, multiplier)
    return Counts(counts.cells[kept], _whole(summed[kept]), _whole(told[kept]))


def _whole(values: NDArray[np.float64]) -> NDArray[np.int64]:
    found: NDArray[np.int64] = np.rint(np.maximum(values, 0.0)).astype(np.int64)
    return found
