"""Protocol (a): how well a model ranks the whole catalogue for people it has not seen.

People with at least 5 positives (stars >= 3.5); the last round(0.2 n) positives by (timestamp, movieId), at least 1,
are the target, the rest is the history. Five folds over people: item-side training uses everybody's positives but
those of the fold. Titles of the history are left out of the ranking.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tvbrain.learning.histories import Histories
from tvbrain.pack.ratings import POSITIVE_STARS, Rating

FOLDS = 5
CUT = 10
_DISCOUNT = 1.0 / np.log2(np.arange(2, CUT + 2))

Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Person:
    """Item columns, oldest first, each with its rating (stars - 3) / 2."""

    history: NDArray[np.int64]
    liking: NDArray[np.float32]
    target: frozenset[int]


@dataclass(frozen=True, slots=True)
class Fold:
    """Positives to train on and the people to test on."""

    histories: Histories
    people: tuple[Person, ...]

    @property
    def train(self) -> csr_matrix:
        """(people, items) of 0 and 1."""
        return self.histories.matrix()


def folds(ratings: Sequence[Rating], seed: int = 0) -> list[Fold]:
    """The five folds; items are columns in ascending order of their numbers."""
    columns = {film: at for at, film in enumerate(sorted({rating.film for rating in ratings}))}
    items: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for rating in sorted(ratings, key=lambda one: (one.at, one.film)):
        if rating.stars >= POSITIVE_STARS:
            items[rating.person].append((columns[rating.film], (rating.stars - 3.0) / 2.0))
    tested = [person for person in sorted(items) if len(items[person]) >= 5]
    shuffled = [tested[at] for at in np.random.default_rng(seed).permutation(len(tested))]
    return [_fold(items, frozenset(shuffled[at::FOLDS]), len(columns)) for at in range(FOLDS)]


def ndcg(scores: Scores, person: Person) -> float:
    """NDCG@10 with binary gains; the ideal list has min(10, targets) hits. Equal scores: lower column first."""
    ranked = scores.copy()
    ranked[person.history] = -np.inf
    top = np.argsort(-ranked, kind="stable")[:CUT]
    gain = sum(_DISCOUNT[at] for at, item in enumerate(top.tolist()) if item in person.target)
    return float(gain / _DISCOUNT[: min(CUT, len(person.target))].sum())


def mean_ndcg(fold: Fold, score: Callable[[Person], Scores]) -> float:
    """Mean over the fold's people of NDCG@10; `score` gives one number per item."""
    return float(np.mean([ndcg(score(person), person) for person in fold.people]))


def _fold(items: dict[int, list[tuple[int, float]]], held: frozenset[int], columns: int) -> Fold:
    rows = [
        [item for item, _ in some] for person, some in sorted(items.items()) if person not in held
    ]
    return Fold(
        Histories.of(rows, columns), tuple(_split(items[person]) for person in sorted(held))
    )


def _split(items: list[tuple[int, float]]) -> Person:
    target = max(1, round(0.2 * len(items)))
    history, liking = zip(*items[:-target], strict=True)
    return Person(
        np.asarray(history, np.int64),
        np.asarray(liking, np.float32),
        frozenset(item for item, _ in items[-target:]),
    )
