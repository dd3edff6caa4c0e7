"""Windowed co-watch: which title people went on to after which, and how soon.

    A[j, i] = sum over people who liked j and later i of d^(-1/2),   d = position(i) - position(j) in 1..100

Positions count a person's positives. A is directed (j before i is not i before j) and additive: the count of two
groups of people is the sum of their counts. Counts are integers, in units of 2^-16, so that the sum is exact in any
order; the rounding of d^(-1/2) to such units is at most 0.008 %.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tvbrain.learning.histories import Histories

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

WINDOW = 100
"""The largest d that counts."""

ONE = 1 << 16
"""What two neighbours in one history count."""

CLOSENESS = np.array([0, *(round(ONE / d**0.5) for d in range(1, WINDOW + 1))], np.int64)
"""By d."""


def co_watched(histories: Histories) -> csr_matrix:
    """A, (titles, titles) int64 in units of 2^-16, row j the earlier title. Additive over groups of people."""
    from scipy.sparse import csr_matrix

    every = np.arange(len(histories.items))
    parts = [
        (np.full(len(later), CLOSENESS[d]), histories.items[later - d], histories.items[later])
        for d, later in _with_earlier(histories, every)
    ]
    shape = (histories.titles, histories.titles)
    if not parts:
        return csr_matrix(shape, dtype=np.int64)
    counts, earlier, after = (np.concatenate(column) for column in zip(*parts, strict=True))
    return csr_matrix((counts, (earlier, after)), shape=shape)


class CoWatch:
    """A of many histories between `titles`, a few columns at a time. The others' places in a history still count.

    titles: (n,) ascending. Memory: 12 bytes a positive.
    """

    def __init__(self, histories: Histories, titles: NDArray[np.int64]) -> None:
        self._histories, self._count = histories, len(titles)
        place = np.full(histories.titles, -1, np.int32)
        place[titles] = np.arange(len(titles))
        self._place = place[histories.items]
        self._by_title = np.argsort(self._place, kind="stable")
        self._ends = np.searchsorted(self._place[self._by_title], np.arange(len(titles) + 1))

    def into(self, start: int, end: int) -> NDArray[np.int64]:
        """(end - start, n) in units of 2^-16: row c has A[titles[j], titles[start + c]] at j."""
        counts = np.zeros((end - start, self._count), np.int64)
        flat = counts.reshape(-1)
        places = self._by_title[self._ends[start] : self._ends[end]]
        row = (self._place[places].astype(np.int64) - start) * self._count
        for d, some in _with_earlier(self._histories, places):
            earlier = self._place[places[some] - d]
            known = earlier >= 0
            keys = row[some[known]] + earlier[known]
            np.add.at(flat, keys, np.full(len(keys), CLOSENESS[d]))
        return counts


def _with_earlier(
    histories: Histories, places: NDArray[np.int64]
) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """For d from 1 on: which of `places` in `histories.items` have a positive of the same person d places before."""
    person = np.searchsorted(histories.starts, places, side="right") - 1
    before = places - histories.starts[person]
    some = np.arange(len(places))
    for d in range(1, WINDOW + 1):
        some = some[before[some] >= d]
        if not len(some):
            return
        yield d, some
