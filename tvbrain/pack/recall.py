"""How much quantisation costs, measured on the vectors of the pack being built."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tvbrain.embed.quantise import QuantisedVectors, Space


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
    found = 0
    for _ in range(queries):
        taste = vectors[random.integers(len(vectors), size=random.integers(3, 9))].mean(axis=0)
        taste = (taste / np.linalg.norm(taste)).astype(np.float32)
        exact = vectors @ taste
        query = space.quantise(taste[None])
        # float32 holds these dot products exactly: they stay below 127 * 127 * 1024 < 2^24.
        dots = (stored.rows @ query.rows[0].astype(np.float32)).astype(np.int64)
        first = dots * stored.scale_q30.astype(np.int64) >> 18
        scores = (first * int(query.scale_q30[0]) >> 22) + stored.bias_q20
        found += len(set(_best(exact, k)) & set(_best(scores, k)))
    return Recall(found / (k * queries), k, queries, len(vectors))


def _best(scores: NDArray[np.float32] | NDArray[np.int64], k: int) -> list[int]:
    edge = np.partition(scores, -k)[-k]
    candidates = np.flatnonzero(scores >= edge)
    order = np.argsort(-scores[candidates], kind="stable")
    return [int(row) for row in candidates[order[:k]]]
