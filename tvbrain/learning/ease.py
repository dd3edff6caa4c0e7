"""EASE (Steck 2019, "Embarrassingly Shallow Autoencoders for Sparse Data"), exact among the most watched titles.

With G = X^T X of the (people, titles) positives X and H the most watched titles, the *hubs*, P = (G_HH + l2 I)^-1:

    W[j, i] = -P[j, i] / P[i, i]    into a hub i from every other hub j, the paper's closed form
    W[H, i] = P G_Hi                into any other title i: ridge regression of its column on the hubs'

Nothing leads out of a title that is no hub. Memory is that of P, 4 h^2 bytes (144 MB for 6,000 hubs), and of one block
of columns; with every title a hub this is EASE itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tvbrain.errors import InvalidArgumentError

if TYPE_CHECKING:
    from scipy.sparse import csc_matrix, csr_matrix

BLOCK = 256
"""Columns at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Ease:
    """hubs: (h,) ascending. inverse: P, (h, h) float32, symmetric. place: (titles,) of each title in `hubs`, or -1.
    hub_people: (h, people). positives: X by columns. Titles are named by their columns. Of sums alone, hub_people is
    (h, titles) of G and positives the identity: their product is the same.
    """

    hubs: NDArray[np.int64]
    inverse: NDArray[np.float32]
    place: NDArray[np.int64]
    hub_people: csr_matrix
    positives: csc_matrix

    @classmethod
    def solve(cls, positives: csr_matrix, hubs: NDArray[np.int64], l2: float) -> Ease:
        """`positives` is (people, titles) of 0 and 1. InvalidArgumentError where float32 cannot invert at this l2."""
        columns = positives.tocsc()
        return cls._solved(columns[:, hubs].T.tocsr(), columns, hubs, l2)

    @classmethod
    def of_sums(cls, together: csr_matrix, hubs: NDArray[np.int64], l2: float) -> Ease:
        """Where G alone is known: `together` is (titles, titles), symmetric. InvalidArgumentError as above: sums that
        were cut or that somebody made up need not be the G of any people."""
        from scipy.sparse import identity

        every = identity(together.shape[0], np.float32, "csc")
        return cls._solved(together[hubs].tocsr(), every, hubs, l2)

    @classmethod
    def _solved(
        cls, hub_people: csr_matrix, columns: csc_matrix, hubs: NDArray[np.int64], l2: float
    ) -> Ease:
        place = np.full(columns.shape[1], -1)
        place[hubs] = np.arange(len(hubs))
        gram = np.zeros((len(hubs), len(hubs)), np.float32, order="F")
        for start in range(0, len(hubs), BLOCK):
            block = hubs[start : start + BLOCK]
            gram[:, start : start + BLOCK] = (hub_people @ columns[:, block]).toarray()
        gram[np.diag_indices_from(gram)] += l2
        return cls(hubs, _inverted(gram, l2), place, hub_people, columns)

    def into(self, start: int, end: int) -> NDArray[np.float32]:
        """(end - start, h): row c has W[j, start + c] for the hubs j in their order; a title's own weight is 0."""
        place = self.place[start:end]
        weights = np.empty((len(place), len(self.hubs)), np.float32)
        own = place[place >= 0]
        exact = self.inverse[own] / -self.inverse[own, own][:, None]
        exact[np.arange(len(own)), own] = 0.0
        weights[place >= 0] = exact
        others = np.flatnonzero(place < 0) + start
        if len(others):
            shared = (self.hub_people @ self.positives[:, others]).toarray().astype(np.float32)
            weights[place < 0] = (self.inverse @ shared).T
        return weights


def most_watched(support: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """The `most` titles with the largest support, ascending by number; of equal ones the lower."""
    order = np.argsort(-support, kind="stable")[:most]
    return np.sort(order)


def _inverted(gram: NDArray[np.float32], l2: float) -> NDArray[np.float32]:
    """The inverse of a positive definite matrix in Fortran order, by Cholesky in place."""
    from scipy.linalg import lapack

    if not len(gram):
        return gram
    factor, failed = lapack.spotrf(gram, lower=1, overwrite_a=1)
    if not failed:
        inverse, failed = lapack.spotri(factor, lower=1, overwrite_c=1)
    if failed:
        raise InvalidArgumentError(f"the Gram matrix is not positive definite at l2 = {l2}")
    for start in range(0, len(inverse), BLOCK):
        end = start + BLOCK
        inverse[:start, start:end] = inverse[start:end, :start].T
        corner = inverse[start:end, start:end]
        corner[:] = np.tril(corner) + np.tril(corner, -1).T
    result: NDArray[np.float32] = inverse
    return result
