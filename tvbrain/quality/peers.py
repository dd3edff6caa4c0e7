"""The models that ours is measured beside. Each turns a history into one number per title of the catalogue.

Hyperparameters are fixed here with where they come from. Those of EASE and iALS were chosen by protocol (a) in three
folds among the positives of MovieLens latest-small before a cut in time (the first 80 % of the span): clean for
protocol (b), while under (a) the same people are tested again, which can only favour the peers.

Peers take the positives of the history as 1 each; of low ratings they use that those titles are watched, and rank
without them.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tvbrain.quality.metrics import LONG, Rows

Scores = NDArray[np.float64]
Peer = Callable[[Sequence[int]], Scores]
"""From the rows of a history, oldest first, to (titles,) scores."""

SHRINK, NEIGHBOURS = 20.0, 100
"""Item kNN: a customary setting."""

EASE_L2 = 200.0
"""Of 100, 200 and 400 (NDCG@10 there 0.1124, 0.1126, 0.1115)."""

FACTORS, REGULARISATION, ALPHA, ITERATIONS = 32, 1.0, 2.0, 15
"""iALS: of (64, 1, 5), (32, 1, 2) and (16, 1, 2) (NDCG@10 there 0.1051, 0.1135, 0.1037)."""


def best(scores: Scores, seen: Sequence[int]) -> Rows:
    """The 20 best rows without `seen`; among equals the lower row first."""
    ranked = scores.astype(np.float64, copy=True)
    ranked[list(seen)] = -np.inf
    edge = np.partition(ranked, -LONG)[-LONG] if len(ranked) > LONG else -np.inf
    some = np.flatnonzero((ranked >= edge) & (ranked > -np.inf))
    order: Rows = some[np.argsort(-ranked[some], kind="stable")][:LONG]
    return order


def popularity(train: csr_matrix) -> Peer:
    counts = np.asarray(train.sum(axis=0), np.float64).ravel()
    return lambda history: counts


def item_knn(train: csr_matrix, *, shrink: float = SHRINK, k: int = NEIGHBOURS) -> Peer:
    """Cosine of the titles' people with `shrink` in the denominator; each title keeps its k nearest."""
    support = np.asarray(train.sum(axis=0), np.float64).ravel()
    alike = (train.T @ train).tocsc().astype(np.float64)
    column = np.repeat(np.arange(len(support)), np.diff(alike.indptr))
    alike.data /= np.sqrt(support[alike.indices] * support[column]) + shrink
    alike.data[alike.indices == column] = 0.0
    for at in range(len(support)):
        some = alike.data[alike.indptr[at] : alike.indptr[at + 1]]
        if len(some) > k:
            some[np.argsort(-some, kind="stable")[k:]] = 0.0
    alike.eliminate_zeros()
    into = alike.tocsr()
    return lambda history: np.asarray(into[list(history)].sum(axis=0), np.float64).ravel()


@dataclass(frozen=True, slots=True, eq=False)
class DenseEase:
    """EASE (Steck 2019) with every weight, without the square matrix: by the Woodbury identity

        W[j, i] = g_ji / (l2 - g_ii) for j other than i,  G = X^T (I + X X^T / l2)^-1 X

    so that a history costs two products with (people, titles) matrices. A title's own weight is 0.
    """

    positives: csr_matrix
    solved: NDArray[np.float64]
    own: NDArray[np.float64]
    l2: float

    @classmethod
    def train(cls, positives: csr_matrix, *, l2: float = EASE_L2) -> DenseEase:
        dense = positives.toarray().astype(np.float64)
        system = (
            np.eye(len(dense)) + np.asarray((positives @ positives.T).todense(), np.float64) / l2
        )
        solved = np.linalg.solve(system, dense)
        return cls(positives.astype(np.float64), solved, (dense * solved).sum(axis=0), l2)

    def __call__(self, history: Sequence[int]) -> Scores:
        weights = np.zeros(len(self.own))
        weights[list(history)] = 1.0
        into: Scores = (self.positives @ weights) @ self.solved - weights * self.own
        return into / (self.l2 - self.own)


def ials(train: csr_matrix, *, seed: int = 0) -> Peer:
    """`implicit`'s alternating least squares; a history is folded in by one more half step. ImportError without it."""
    als = importlib.import_module("implicit.cpu.als")
    model = als.AlternatingLeastSquares(
        factors=FACTORS,
        regularization=REGULARISATION,
        alpha=ALPHA,
        iterations=ITERATIONS,
        num_threads=1,
        random_state=seed,
    )
    model.fit(train.astype(np.float32), show_progress=False)
    items = np.asarray(model.item_factors, np.float64)

    def score(history: Sequence[int]) -> Scores:
        row = csr_matrix(
            (np.ones(len(history), np.float32), ([0] * len(history), list(history))),
            shape=(1, train.shape[1]),
        )
        scores: Scores = items @ np.asarray(model.recalculate_user(0, row), np.float64).ravel()
        return scores

    return score


def nearest_text(vectors: NDArray[np.float32]) -> Peer:
    """The cosine with the nearest title of the history; `vectors` are unit rows."""
    return lambda history: np.asarray((vectors @ vectors[list(history)].T).max(axis=1), np.float64)
