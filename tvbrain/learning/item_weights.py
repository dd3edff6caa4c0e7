"""Item-item weights as packs hold them: sparse, int8, a row for each watched item.

Orientation, here and in packs: a person with history h (one number per item) scores item i as

    score_i = sum over watched j of h_j * W[j, i]

and row j lists the (i, W[j, i]) that watching j contributes to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:  # a device reads packs, and has no scipy
    from scipy.sparse import csr_matrix

BYTES_PER_TITLE = 200
"""What the weights may take in a pack: 2 MB for 10,000 titles."""


@dataclass(frozen=True, slots=True)
class ItemWeights:
    """W by row of the watched item j: W[j, indices[p]] = values[p] * scale[j] for p in indptr[j]..indptr[j+1].

    indptr: (items + 1,) uint32. indices: (nnz,) uint32, ascending within a row. values: (nnz,) int8 in
    [-127, 127], never 0. scale: (items,) float32, the row's largest |weight| / 127; 0 for empty rows.
    """

    indptr: NDArray[np.uint32]
    indices: NDArray[np.uint32]
    values: NDArray[np.int8]
    scale: NDArray[np.float32]

    @property
    def items(self) -> int:
        """Rows, with and without entries."""
        return len(self.indptr) - 1

    def to_csr(self) -> csr_matrix:
        """W as float32, for checks and evaluation."""
        ends = self.indptr.astype(np.int64)
        rows = np.repeat(self.scale, ends[1:] - ends[:-1])
        data = self.values.astype(np.float32) * rows
        parts = (data, self.indices.astype(np.int64), self.indptr.astype(np.int64))
        from scipy.sparse import csr_matrix

        return csr_matrix(parts, shape=(self.items, self.items))


def room_for(titles: int, have: int = 0) -> int:
    """Weights that a pack may have beside `have`: each takes 5 bytes, a title 8, and there are 4 more."""
    return max(0, (titles * (BYTES_PER_TITLE - 8) - 4) // 5 - have)


def strongest_of_rows(weights: csr_matrix, most: int) -> csr_matrix:
    """The `most` largest entries by size of each row; of equal ones those of the lower column."""
    weights.sum_duplicates()
    weights.eliminate_zeros()
    keep = np.ones(weights.nnz, bool)
    for row in np.flatnonzero(np.diff(weights.indptr) > most):
        start, end = weights.indptr[row], weights.indptr[row + 1]
        order = np.argsort(-np.abs(weights.data[start:end]), kind="stable")
        keep[start + order[most:]] = False
    pruned = weights.copy()
    pruned.data[~keep] = 0.0
    pruned.eliminate_zeros()
    return pruned


def quantise_rows(weights: csr_matrix) -> ItemWeights:
    """int8 with one scale a row: the row's largest weight becomes 127 or -127, the rest is rounded half to even;
    what rounds to 0 is dropped."""
    weights = weights.sorted_indices()
    lengths = np.diff(weights.indptr)
    largest = np.zeros(weights.shape[0], np.float32)
    filled = np.flatnonzero(lengths)
    if len(filled):
        largest[filled] = np.maximum.reduceat(np.abs(weights.data), weights.indptr[filled])
    scale = (largest / np.float32(127.0)).astype(np.float32)
    row_of = np.repeat(np.arange(weights.shape[0]), lengths)
    levels = np.rint(weights.data / scale[row_of]).astype(np.int8)
    keep = levels != 0
    counts = np.bincount(row_of[keep], minlength=weights.shape[0])
    return ItemWeights(
        indptr=np.concatenate(([0], np.cumsum(counts))).astype(np.uint32),
        indices=weights.indices[keep].astype(np.uint32),
        values=levels[keep],
        scale=scale,
    )
