"""Whether a release is at least as good as what sets have, told by sets that did not teach it.

The buckets whose number is a multiple of CANARY_EVERY teach nothing. What their sets went on to from each title is
asked of the old and of the new weights: how often is it among the 20 titles that lead on from there most strongly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tvbrain.constellation.errors import UnhelpfulReleaseError
from tvbrain.constellation.records import Counts
from tvbrain.learning.item_weights import ItemWeights, strongest_of_rows

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

TOP = 20
LEAST = 200
"""Couples of canary sets below which nothing can be judged."""

MAY_LOSE = 0.02
"""Of what the old weights find: what may be chance."""

ROW = (1 << 32) - 1


def judge(new: ItemWeights, old: ItemWeights | None, held: Counts) -> tuple[float, float]:
    """What the old and the new weights find of the held couples, 0 to 1; 0 without old ones.

    UnhelpfulReleaseError where the new ones find less, or too few couples are held to tell.
    """
    couples = int(held.contributors[held.cells >> 32 != held.cells & ROW].sum())
    if couples < LEAST:
        raise UnhelpfulReleaseError(
            f"canary sets told {couples} couples; below {LEAST} nothing can be judged, so nothing is published"
        )
    before, after = found(old, held) if old is not None else 0.0, found(new, held)
    if after < before * (1 - MAY_LOSE) or after == 0.0:
        raise UnhelpfulReleaseError(
            f"of what canary sets went on to, what sets have finds {before:.4f}, this release {after:.4f}"
        )
    return before, after


def found(weights: ItemWeights, held: Counts) -> float:
    """The share of the held couples whose later title is among the TOP that lead on from the earlier one."""
    earlier, later = held.cells >> 32, held.cells & ROW
    couples = earlier != later
    best = _best(weights)
    hit = np.asarray(best[earlier[couples], later[couples]]).ravel()
    told = held.contributors[couples]
    return float((hit * told).sum() / told.sum())


def _best(weights: ItemWeights) -> csr_matrix:
    """(titles, titles) of 1 where a title is among the TOP of a row."""
    matrix = weights.to_csr()
    matrix.data = np.maximum(matrix.data, 0.0)
    best = strongest_of_rows(matrix, TOP)
    best.data = np.ones_like(best.data)
    return best
