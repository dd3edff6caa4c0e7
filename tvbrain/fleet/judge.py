"""How good item-item weights are for people they were not learned from: protocol (a) of docs/quality.md, ranked by the
weights alone, histories weighted by rating and recency as the ranker does (docs/ranking.md, "History").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tvbrain.learning.item_weights import ItemWeights
from tvbrain.quality import peers
from tvbrain.quality.metrics import LONG, ndcg
from tvbrain.quality.split import Person, Split

Scores = NDArray[np.float32]
"""(people, titles), -inf for what is in the history."""


@dataclass(frozen=True, slots=True, eq=False)
class Judge:
    """Of one fold's people."""

    people: tuple[Person, ...]
    histories: csr_matrix

    @classmethod
    def of(cls, split: Split) -> Judge:
        rows, columns, values = [], [], []
        for at, person in enumerate(split.people):
            since = np.arange(len(person.history))[::-1]
            recent = 0.85 * 2.0 ** (-since / 5) + 0.15 * 2.0 ** (-since / 100)
            rows += [at] * len(person.history)
            columns += [watch.row for watch in person.history]
            values += [
                (watch.stars - 3) / 2 * near
                for watch, near in zip(person.history, recent, strict=True)
            ]
        shape = (len(split.people), split.histories.titles)
        return cls(split.people, csr_matrix((np.array(values, np.float32), (rows, columns)), shape))

    def by_weights(self, weights: ItemWeights | None) -> Scores:
        """None leads to nothing."""
        if weights is None:
            return self._unseen(np.zeros(self.histories.shape, np.float32))
        return self._unseen(np.asarray((self.histories @ weights.to_csr()).toarray(), np.float32))

    def by_popularity(self, support: NDArray[np.int64]) -> Scores:
        return self._unseen(np.tile(support.astype(np.float32), (len(self.people), 1)))

    def _unseen(self, scores: Scores) -> Scores:
        scores[self.histories.nonzero()] = -np.inf
        return scores

    def ndcg(self, scores: Scores) -> NDArray[np.float64]:
        """NDCG@10 of each person."""
        found = zip(self.people, scores, strict=True)
        return np.array(
            [ndcg(peers.best(row.astype(np.float64), ()), p.target) for p, row in found]
        )

    def places(self, scores: Scores, title: int) -> NDArray[np.int64]:
        """Of `title` with each person, from 1; a title that nothing leads to stands behind all others."""
        own = scores[:, [title]]
        ahead = (scores > own).sum(axis=1) + 1
        places: NDArray[np.int64] = np.where(own[:, 0] > 0, ahead, scores.shape[1])
        return places


def present(places: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether the title stands in a person's top 20."""
    return places <= LONG
