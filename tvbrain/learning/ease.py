"""Item-item weights: EASE (Steck 2019, "Embarrassingly Shallow Autoencoders for Sparse Data"), pruned and in int8.

Orientation, here and in packs: a person with history h (one number per item) scores item i as

    score_i = sum over watched j of h_j * W[j, i]

and row j of the result lists the (i, W[j, i]) that watching j contributes to.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix


@dataclass(frozen=True, slots=True)
class ItemWeights:
    """W by row of the watched item j: W[j, indices[p]] = values[p] * scale[j] for p in indptr[j]..indptr[j+1].

    indptr: (items + 1,) uint32. indices: (nnz,) uint32, ascending within a row. values: (nnz,) int8 in
    [-127, 127], never 0. scale: (items,) float32, > 0 for rows with entries, 0 for empty ones.
    """

    indptr: NDArray[np.uint32]
    indices: NDArray[np.uint32]
    values: NDArray[np.int8]
    scale: NDArray[np.float32]


def train_weights(
    positives: csr_matrix, *, l2: float = 400.0, top: int = 50, min_support: int = 2
) -> ItemWeights:
    """Trains on a (people, items) matrix of 0 and 1.

    Items with fewer than `min_support` positives have no weights. Memory: two dense float64 squares of the items
    with support, about 16 * s^2 bytes.
    """
    raise NotImplementedError
