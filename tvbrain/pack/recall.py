"""How much quantisation costs, measured on the vectors of the pack being built."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tvbrain.embed.quantise import QuantisedVectors, Space

BATCH = 50
"""Queries at once: a matrix of scores is then 12 MB for 30,000 titles."""


@dataclass(frozen=True, slots=True)
class Recall:
    """Mean over `queries` of the share of the exact best `k` that the quantised best `k` hold."""

    value: float
    k: int
    queries: int
    items: int


def quantisation_recall(
    vectors: NDArray[np.float32],
    space: Space,
    stored: QuantisedVectors,
    *,
    k: int = 50,
    queries: int = 1000,
    seed: int = 0,
) -> Recall:
    """Against float32, with taste queries: normalised means of 3 to 8 random titles, quantised like an item.

    vectors: (n, D) unit rows, as they were before quantisation. Of equal scores the lower row is the better.
    """
    random = np.random.default_rng(seed)
    k = min(k, len(vectors))
    if not k:
        return Recall(1.0, 0, 0, 0)
    picks = [random.integers(len(vectors), size=random.integers(3, 9)) for _ in range(queries)]
    tastes = np.stack([vectors[rows].mean(axis=0) for rows in picks]).astype(np.float32)
    tastes /= np.linalg.norm(tastes, axis=1, keepdims=True)
    # float32 holds the dot products of rows exactly: they stay below 127 * 127 * 1024 < 2^24.
    items, scales = stored.rows.astype(np.float32), stored.scale_q30.astype(np.int64)
    found = 0
    for start in range(0, queries, BATCH):
        batch = tastes[start : start + BATCH]
        query = space.quantise(batch)
        exact = batch @ vectors.T
        dots = (query.rows.astype(np.float32) @ items.T).astype(np.int64)
        scores = (dots * scales >> 18) * query.scale_q30.astype(np.int64)[:, None] >> 22
        scores += stored.bias_q20
        for at in range(len(batch)):
            found += len(set(_best(exact[at], k)) & set(_best(scores[at], k)))
    return Recall(found / (k * queries), k, queries, len(vectors))


def _best(scores: NDArray[np.float32] | NDArray[np.int64], k: int) -> list[int]:
    edge = np.partition(scores, -k)[-k]
    candidates = np.flatnonzero(scores >= edge)
    order = np.argsort(-scores[candidates], kind="stable")
    return [int(row) for row in candidates[order[:k]]]
