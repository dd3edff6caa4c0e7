"""Weights learned from many over those of a pack: titles that were told get the new ones, the rest keeps its own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tvbrain.learning.item_weights import (
    ItemWeights,
    quantise_rows,
    room_for,
    strongest_of_rows,
)

MOST_OF_A_ROW = 128


def merged(own: ItemWeights | None, learned: ItemWeights, told: NDArray[np.bool_]) -> ItemWeights:
    """(titles,) `told` says whose weights, those that lead to a title, come from `learned`. As many of the pack's own
    weights stay as there is room for, the largest first.
    """
    if own is None:
        return learned
    new, old = learned.to_csr(), own.to_csr()
    old.data[told[old.indices]] = 0.0
    old.eliminate_zeros()
    room = room_for(learned.items, new.nnz)
    if old.nnz > room:
        edge = np.argsort(-np.abs(old.data), kind="stable")[room:]
        old.data[edge] = 0.0
        old.eliminate_zeros()
    return quantise_rows(strongest_of_rows((new + old).tocsr(), MOST_OF_A_ROW))
