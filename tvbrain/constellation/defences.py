"""What is released of the sums of couples: what enough sets vouch for, and no title more than titles like it.

In this order, as pure functions of the sums (`tvbrain.constellation.records.Counts`):

1. A title is released if at least `SHARE` of the contributing sets told it, and at least the minimum. So a title that
   hardly anybody watches cannot be made by fewer hostile sets than that. It is the price too: titles below it learn
   nothing from sets, and keep the weights of their pack.
2. The couples into a title (and likewise those out of it), counted by sets, may be `SLACK` times as many as the
   90th percentile of the `ALIKE` titles of nearest support; else all of them are scaled down to it.
3. A couple, in its order, is released if at least the minimum of sets told it, after this.

What one set adds to a couple is bounded before: once, by at most the closeness of neighbours (`aggregate`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from tvbrain.constellation.records import Counts
from tvbrain.learning.couple_model import Sums

MINIMUM = 3
"""Sets behind each released number."""

SHARE = 0.02
"""Of the contributing sets, who must have told a title: twice the share of hostile sets that is to be withstood."""

ALIKE, PERCENTILE, SLACK = 200, 90.0, 1.5

LOW = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class Defences:
    """`share` 0 and `slack` infinite: none but the minimum, which 1 switches off too."""

    minimum: int = MINIMUM
    share: float = SHARE
    slack: float = SLACK


def released(counts: Counts, titles: int, sets: int, rules: Defences = Defences()) -> Sums:
    """Of a pack of `titles` rows, told by `sets` sets in all. What is not released is left out, or 0 in the support."""
    earlier, later = counts.cells >> 32, counts.cells & LOW
    own = earlier == later
    support = np.zeros(titles)
    support[earlier[own]] = counts.contributors[own]
    support[support < max(rules.minimum, np.ceil(rules.share * sets))] = 0.0
    kept = ~own & (support[earlier] > 0) & (support[later] > 0)
    earlier, later = earlier[kept], later[kept]
    told = counts.contributors[kept].astype(np.float64)
    factor = np.ones(len(told))
    if np.isfinite(rules.slack):
        enough = told >= rules.minimum
        for side in (earlier, later):
            mass = np.bincount(side[enough], told[enough], titles).astype(np.float64)
            factor *= _excess(mass, support, rules.slack)[side]
    enough = told * factor >= rules.minimum
    near = counts.counts[kept] * factor
    told *= factor
    return Sums(earlier[enough], later[enough], told[enough], near[enough], support)


def _excess(
    mass: NDArray[np.float64], support: NDArray[np.float64], slack: float
) -> NDArray[np.float64]:
    """(titles,): what a title's couples are multiplied with, at most 1."""
    factor = np.ones(len(mass))
    order = np.flatnonzero(support > 0)
    order = order[np.argsort(support[order], kind="stable")]
    if len(order) < 2:
        return factor
    alike = min(ALIKE, len(order))
    typical = np.percentile(sliding_window_view(mass[order], alike), PERCENTILE, axis=1)
    middle = np.clip(np.arange(len(order)) - alike // 2, 0, len(typical) - 1)
    most = slack * typical[middle]
    factor[order] = np.minimum(1.0, most / np.maximum(mass[order], 1.0))
    return factor
