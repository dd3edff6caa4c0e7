"""What is released of the sums of couples: what enough sets vouch for, and no title more than titles like it.

In this order, as pure functions of the sums (`tvbrain.constellation.records.Counts`):

1. A title is released if at least the minimum of sets told it.
2. The couples into a title (and likewise those out of it), counted by sets, may be `SLACK` times as many as
   is usual at its support (`alike`); else all of them are scaled down to it.
3. A couple, in its order, is released if at least the minimum of sets told it, after this.

What one set adds to a couple is bounded before: once, by at most the closeness of neighbours (`aggregate`). After
training no title is led to more than others like it (`exposure`); why no share of the sets is asked for:
docs/adr/0016-a-title-is-bounded-by-what-leads-to-it.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tvbrain.constellation.alike import usual
from tvbrain.constellation.records import Counts
from tvbrain.learning.couple_model import Sums

MINIMUM = 3
"""Sets behind each released number."""

SLACK = 1.5

LOW = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class Defences:
    """`slack` infinite and not `bounded` (`exposure`): none but the minimum, which 1 switches off too."""

    minimum: int = MINIMUM
    slack: float = SLACK
    bounded: bool = True


ALL = Defences()


def released(counts: Counts, titles: int, rules: Defences = ALL) -> Sums:
    """Of a pack of `titles` rows. What is not released is left out, or 0 in the support."""
    earlier, later = counts.cells >> 32, counts.cells & LOW
    own = earlier == later
    support = np.zeros(titles)
    support[earlier[own]] = counts.contributors[own]
    support[support < rules.minimum] = 0.0
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
    most = slack * usual(mass, support)
    factor: NDArray[np.float64] = np.minimum(1.0, most / np.maximum(mass, 1.0))
    return factor
