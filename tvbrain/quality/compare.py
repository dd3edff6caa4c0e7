"""Whether one model is better than another for the same people: the paired bootstrap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 10_000
BLOCK = 500


@dataclass(frozen=True, slots=True)
class Difference:
    """Mean of a - b over people and its 95 % percentile interval; `ratio` of the means, NaN over a mean of 0."""

    mean: float
    low: float
    high: float
    ratio: float
    n: int


def paired(a: NDArray[np.float64], b: NDArray[np.float64], *, seed: int = 0) -> Difference:
    """People are drawn with replacement. People for whom either is NaN are left out."""
    both = ~(np.isnan(a) | np.isnan(b))
    a, b = a[both], b[both]
    if not len(a):
        return Difference(float("nan"), float("nan"), float("nan"), float("nan"), 0)
    low, high = interval(a - b, seed=seed)
    ratio = float(a.mean() / b.mean()) if b.mean() else float("nan")
    return Difference(float((a - b).mean()), low, high, ratio, len(a))


def interval(values: NDArray[np.float64], *, seed: int = 0) -> tuple[float, float]:
    """The 2.5th and 97.5th percentile of the mean over `RESAMPLES` draws of as many people."""
    n = len(values)
    random = np.random.default_rng(seed)
    means = [
        random.multinomial(n, np.full(n, 1 / n), size=BLOCK) @ values / n
        for _ in range(RESAMPLES // BLOCK)
    ]
    low, high = np.percentile(np.concatenate(means), (2.5, 97.5))
    return float(low), float(high)
