"""Weights for titles that hardly anybody has watched: lent by titles that they are like.

A title into which no weight leads gets a column that is the mean of its lenders' columns:

    W[j, i] = sum over lenders l of p(l) W[j, l],   p(l) proportional to e^(8 likeness(i, l))
    likeness = max(0, cosine of the texts) + 1/2 cosine of the genres + 1/2 e^(-years apart / 5)

Its lenders are the 30 likest titles that have a column. So what people like who like its neighbours speaks for a title
from its first day, until somebody has watched it. (MovieLens latest-small, a tenth of the titles held out:
docs/quality.md, "Cold titles".)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tvbrain.errors import InvalidArgumentError
from tvbrain.learning.item_weights import (
    ItemWeights,
    quantise_rows,
    room_for,
    strongest_of_rows,
)

if TYPE_CHECKING:  # a device reads packs, and has no scipy
    from scipy.sparse import csr_matrix

LENDERS = 30
MOST_INTO = 20
"""Weights that lead to a title that was lent them; fewer where a pack's room for weights ends."""

MOST_OF_ROW = 128
"""Lent weights that lead out of a title, beside its own."""

SHARPNESS, GENRES, YEARS, APART = 8.0, 0.5, 0.5, 5.0
BLOCK = 512


@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """What is known of titles themselves, a row a title.

    texts: (titles, D) float32 unit rows. genres: (titles, genres) float32 of 0 and 1. years: (titles,), 0 if unknown:
    then no year is near.
    """

    texts: NDArray[np.float32]
    genres: NDArray[np.float32]
    years: NDArray[np.int64]

    def likeness(self, some: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.float32]:
        """(some, others): 0 to 2."""
        unit = self.genres / np.maximum(np.linalg.norm(self.genres, axis=1, keepdims=True), 1e-9)
        apart = np.abs(self.years[some][:, None] - self.years[others][None, :])
        near = np.exp(-apart.astype(np.float32) / np.float32(APART))
        near *= (self.years[some] > 0)[:, None] & (self.years[others] > 0)[None, :]
        alike: NDArray[np.float32] = np.maximum(self.texts[some] @ self.texts[others].T, 0.0)
        alike += np.float32(GENRES) * (unit[some] @ unit[others].T) + np.float32(YEARS) * near
        return alike


def lend(weights: ItemWeights, content: Content) -> ItemWeights:
    """The same weights, and lent ones into each title that had none. Memory: 8 bytes a title and column of a block.

    InvalidArgumentError if `content` has another number of titles.
    """
    if not weights.items == len(content.texts) == len(content.genres) == len(content.years):
        raise InvalidArgumentError(f"content is not that of {weights.items} titles")
    own = weights.to_csr()
    into = np.bincount(own.indices, minlength=weights.items)
    lenders, cold = np.flatnonzero(into), np.flatnonzero(into == 0)
    most = min(MOST_INTO, room_for(weights.items, own.nnz) // max(len(cold), 1))
    if not len(lenders) or not len(cold) or not most:
        return weights
    lent = strongest_of_rows(_lent(own, content, lenders, cold, most), MOST_OF_ROW)
    return quantise_rows(own + lent)


def _lent(
    own: csr_matrix,
    content: Content,
    lenders: NDArray[np.int64],
    cold: NDArray[np.int64],
    most: int,
) -> csr_matrix:
    """The lent columns alone, in place."""
    from scipy.sparse import coo_matrix, csr_matrix, vstack

    columns = own[:, lenders].T.tocsr()
    parts = [
        strongest_of_rows(csr_matrix(shares @ columns), most)
        for shares in _shares(content, lenders, cold)
    ]
    found = coo_matrix(vstack(parts))
    return csr_matrix((found.data, (found.col, cold[found.row])), shape=own.shape)


def _shares(
    content: Content, lenders: NDArray[np.int64], cold: NDArray[np.int64]
) -> Iterator[csr_matrix]:
    """(block of cold, lenders): p, each row's sum 1. Of equal lenders at the edge any may be taken."""
    from scipy.sparse import csr_matrix

    count = min(LENDERS, len(lenders))
    for start in range(0, len(cold), BLOCK):
        some = cold[start : start + BLOCK]
        alike = content.likeness(some, lenders)
        chosen = np.argpartition(-alike, count - 1, axis=1)[:, :count]
        near = np.take_along_axis(alike, chosen, axis=1)
        shares = np.exp(SHARPNESS * (near - near.max(axis=1, keepdims=True)))
        shares /= shares.sum(axis=1, keepdims=True)
        ends = np.arange(0, shares.size + 1, count)
        yield csr_matrix((shares.ravel(), chosen.ravel(), ends), shape=(len(some), len(lenders)))
