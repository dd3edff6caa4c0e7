"""The item-side model: EASE and windowed co-watch in one sparse matrix, pruned, its columns' norms restored, int8.

    W[j, i] = E[j, i] + 0.3 A[j, i] / sqrt((n_j + 10) (n_i + 10))      for titles with support n >= 2

E is EASE (`ease`), A windowed co-watch (`co_watch`), n a title's positives. E says what belongs together, A what
comes next.

Pruning keeps the strongest weights that lead TO each title (per column), not those that go out of each watched one
(per row): so that every title with support can be recommended, while rows are bounded by `max_row`. What is left of
a column is multiplied so that it has the Euclidean norm of the full one; otherwise titles whose weights are spread
over many others would sink.

On MovieLens latest-small (tests/learning/test_ease_quality.py at full scale: protocol (a), 5 folds, 604 unseen people,
histories weighted by rating and by 0.85 * 2^(-d/5) + 0.15 * 2^(-d/100) at d positives since) NDCG@10 was

    0.1389  all float weights           0.1145  dense EASE, the best of l2 = 100, 200, 400, histories of ones
    0.1380  as trained here: 50 into a title, rows of 128, int8
    0.1385  40 into a title             0.1351  50 into a title, norms not restored (float)
    0.1377  2,000 hubs                  0.1363  50 out of a title
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tvbrain.errors import InvalidArgumentError
from tvbrain.learning.co_watch import ONE, CoWatch
from tvbrain.learning.ease import Ease, most_watched
from tvbrain.learning.histories import Histories
from tvbrain.learning.item_weights import (
    ItemWeights,
    quantise_rows,
    room_for,
    strongest_of_rows,
)

Progress = Callable[[int, int], None]
"""Called with (done, total); the first call has done = 0, the last done = total."""

L2 = 200.0
CO_WATCH, SHRINK = 0.3, 10.0
"""Of A, and the positives added to both titles' counts."""

COLUMNS = 64
"""At once: a block takes up to 17 bytes a title and column, 54 MB for 50,000 titles."""

MOST_INTO = 50


def train_weights(
    histories: Histories,
    *,
    l2: float = L2,
    co_watch: float = CO_WATCH,
    top: int = MOST_INTO,
    max_row: int = 128,
    min_support: int = 2,
    hubs: int = 6000,
    progress: Progress = lambda done, total: None,
) -> ItemWeights:
    """Trains on positives in their order. Titles with fewer than `min_support` positives have no weights.

    co_watch: what A counts beside E. top: weights that lead to a title, fewer where a pack's room for weights ends.
    hubs: with more supported titles than this, EASE is exact among the `hubs` most watched only, and weights of E lead
    out of those alone (A is complete either way).

    Memory beside the input: 4 hubs^2 bytes, 17 bytes a title and column of a block, 12 bytes a weight.

    Raises InvalidArgumentError for a bound below 1 or l2 <= 0.
    """
    if min(top, max_row, min_support, hubs) < 1 or not l2 > 0:
        raise InvalidArgumentError(
            "top, max_row, min_support and hubs must be at least 1, l2 above 0"
        )
    support = histories.support()
    kept = np.flatnonzero(support >= min_support)
    most = min(top, room(histories.titles, len(kept)))
    chosen = most_watched(support[kept], hubs)
    total = len(chosen) + len(kept)
    progress(0, total)
    ease = Ease.solve(histories.matrix()[:, kept], chosen, l2)
    columns = Columns(ease, CoWatch(histories, kept), support[kept], co_watch / ONE, SHRINK)
    del ease  # before the weights are put together: the inverse is the largest of all
    return assembled(
        *(columns, kept, histories.titles),
        top=most,
        max_row=max_row,
        progress=lambda done: progress(len(chosen) + done, total),
    )


def assembled(
    columns: Columns,
    kept: NDArray[np.int64],
    titles: int,
    *,
    top: int,
    max_row: int,
    progress: Callable[[int], None] = lambda done: None,
) -> ItemWeights:
    """The columns of `kept` as a pack holds them, of `titles` in all. Empties `columns`. `progress` counts columns."""
    from scipy.sparse import csr_matrix

    parts = []
    for start in range(0, len(kept), COLUMNS):
        progress(start)
        parts.append(pruned(columns.into(start, min(start + COLUMNS, len(kept))), start, top))
    columns.drop()
    rows, into, values = (np.concatenate(some) for some in zip(_NOTHING, *parts, strict=True))
    del parts
    names = kept.astype(np.int32)
    full = csr_matrix((values, (names[rows], names[into])), shape=(titles, titles))
    del rows, into, values
    weights = quantise_rows(strongest_of_rows(full, max_row))
    progress(len(kept))
    return weights


def room(titles: int, supported: int) -> int:
    """Weights that may lead to each supported title: at least 1."""
    return max(1, room_for(titles) // max(supported, 1))


class Couples(Protocol):
    """A between the titles with support."""

    def into(self, start: int, end: int) -> NDArray[np.int64]:
        """(end - start, n): row c has A[j, start + c] at j."""


class Columns:
    """Full columns of W between the titles with support, a block at a time: E + share A / sqrt((n_j + shrink) (n_i +
    shrink))."""

    def __init__(
        self,
        ease: Ease,
        co_watch: Couples,
        support: NDArray[np.int64] | NDArray[np.float64],
        share: float,
        shrink: float,
    ) -> None:
        self._parts: tuple[Ease, Couples] | None = (ease, co_watch)
        self._share = np.float32(share)
        self._part = (1.0 / np.sqrt(support + shrink)).astype(np.float32)

    def into(self, start: int, end: int) -> NDArray[np.float32]:
        """(end - start, titles): row c has W[j, start + c] at j. ValueError after `drop`."""
        if self._parts is None:
            raise ValueError("these columns were dropped")
        ease, co_watch = self._parts
        weights = co_watch.into(start, end).astype(np.float32)
        weights *= self._part
        weights *= self._share * self._part[start:end, None]
        weights[:, ease.hubs] += ease.into(start, end)
        return weights

    def drop(self) -> None:
        """Free what they were made from."""
        self._parts = None


_Entries = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float32]]
_NOTHING: _Entries = (np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.float32))


def pruned(weights: NDArray[np.float32], start: int, top: int) -> _Entries:
    """Of each row c, the full column into start + c, the `top` largest by size as (j, start + c, w), multiplied so
    that their Euclidean norm is that of the row. Of equal weights at the edge those of the lower j are kept.
    """
    sizes = np.abs(weights)
    if top >= weights.shape[1]:
        keep = sizes > 0
    else:
        edge = np.partition(sizes, -top, axis=1)[:, -top]
        keep = sizes > edge[:, None]
        for c in np.flatnonzero(edge > 0):
            level = np.flatnonzero(sizes[c] == edge[c])
            keep[c, level[: top - np.count_nonzero(keep[c])]] = True
    row, j = np.nonzero(keep)
    values = weights[row, j]
    left = np.bincount(row, values.astype(np.float64) ** 2, len(weights))
    np.multiply(sizes, sizes, out=sizes)
    whole = sizes.sum(axis=1, dtype=np.float64)
    factor = np.sqrt(np.divide(whole, left, out=np.ones_like(whole), where=left > 0))
    values *= factor[row].astype(np.float32)
    return j.astype(np.int32), (start + row).astype(np.int32), values
