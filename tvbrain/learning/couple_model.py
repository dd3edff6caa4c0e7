"""The item model of `item_model`, learned from what many sets told alone: sums of couples, and titles' counts.

    G[j, i] = sets that told (j, i) + sets that told (i, j),  G[i, i] = sets that told i
    W[j, i] = EASE of G at l2 + 0.8 A[j, i] / sqrt((n_j + 5) (n_i + 5)),  A the closeness told, of neighbours 1

G is not the whole X^T X: couples further apart than the window, told by fewer sets than the minimum, or cut by a
defence are missing, so it need not be positive definite. How far it is from that grows with the fleet: l2 is 0.4 times
the sets of the most told title, at least 100, and doubled until the sum is definite.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tvbrain.errors import InvalidArgumentError
from tvbrain.learning.ease import Ease, most_watched
from tvbrain.learning.item_model import Columns, assembled, room
from tvbrain.learning.item_weights import ItemWeights

if TYPE_CHECKING:
    from scipy.sparse import csc_matrix, csr_matrix

L2, CO_WATCH, SHRINK = 100.0, 0.8, 5.0
"""Chosen on the people of latest-small by protocol (a) (docs/sync.md, "The fleet"): not from data of their own."""

UNIT = 100
"""What a couple of neighbours counts in `Sums.closeness`."""

L2_SHARE = 0.4
"""Of the sets that told the most told title. On latest-small that is below `L2`. With 100 alone, fleets of 10^5 to 10^6
drawn from those people lost up to two fifths of NDCG@10: G was definite by a hair.
"""

MOST_INTO = 300
"""More than `item_model` keeps: A is the larger part here, and fewer titles share the room. With 50 the model loses
4 %.
"""

MOST_DOUBLINGS = 20


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """Couple k: `sets[k]` sets went on from `earlier[k]` to `later[k]`, `closeness[k]` in hundredths; float64, 0 and
    above, and each ordered couple once. support: (titles,) sets that told a title; titles with 0 have no weights.

    InvalidArgumentError for a number below 0 or one that is none.
    """

    earlier: NDArray[np.int64]
    later: NDArray[np.int64]
    sets: NDArray[np.float64]
    closeness: NDArray[np.float64]
    support: NDArray[np.float64]

    def __post_init__(self) -> None:
        for numbers in (self.sets, self.closeness, self.support):
            if not (np.isfinite(numbers) & (numbers >= 0)).all():
                raise InvalidArgumentError("sums are numbers of 0 and above")


def train_from_sums(
    sums: Sums, *, top: int = MOST_INTO, max_row: int = 128, hubs: int = 6000, l2: float = L2
) -> ItemWeights:
    """Weights between the titles with support, pruned and stored as `item_model.train_weights` does.

    InvalidArgumentError where l2 would have to be a million times as large for the sums to be definite.
    """
    from scipy.sparse import csc_matrix, csr_matrix, diags

    titles = len(sums.support)
    kept = np.flatnonzero(sums.support > 0)
    shape, where = (titles, titles), (sums.earlier, sums.later)
    support = sums.support[kept]
    told = csr_matrix((sums.sets, where), shape=shape)[kept][:, kept]
    together = (told + told.T + diags(support)).tocsr().astype(np.float32)
    near = csc_matrix((np.rint(sums.closeness).astype(np.int64), where), shape=shape)
    chosen = most_watched(support.astype(np.int64), hubs)
    ease = _solved(together, chosen, max(l2, L2_SHARE * float(support.max(initial=0.0))))
    couples = _Told(near[kept][:, kept].tocsc())
    columns = Columns(ease, couples, support, CO_WATCH / UNIT, SHRINK)
    del ease
    most = min(top, room(titles, len(kept)))
    return assembled(columns, kept, titles, top=most, max_row=max_row)


def _solved(together: csr_matrix, hubs: NDArray[np.int64], l2: float) -> Ease:
    for doubled in count():
        try:
            return Ease.of_sums(together, hubs, l2 * 2**doubled)
        except InvalidArgumentError:
            if doubled == MOST_DOUBLINGS:
                raise
    raise AssertionError("count() ends")


@dataclass(frozen=True, slots=True, eq=False)
class _Told:
    near: csc_matrix

    def into(self, start: int, end: int) -> NDArray[np.int64]:
        block: NDArray[np.int64] = self.near[:, start:end].toarray().T
        return block
