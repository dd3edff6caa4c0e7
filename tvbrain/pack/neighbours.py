"""Pairs of rows whose vectors are near: the candidates that titles alone do not bring together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tvbrain.errors import NotInstalledError

NEIGHBOURS = 12
NEAREST_COSINE = 0.65
"""Below this similarity no two of the labelled pairs with different titles were the same work."""


def near_pairs(vectors: NDArray[np.float32]) -> dict[tuple[int, int], float]:
    """(i, j) with i < j -> cosine, for every row and its nearest `NEIGHBOURS` at `NEAREST_COSINE` or more.

    vectors: (n, d) unit rows. Deterministic: one thread, fixed seed. Approximate: HNSW with M = 16.
    """
    if len(vectors) < 2:
        return {}
    try:
        import hnswlib
    except ImportError as error:
        raise NotInstalledError(
            "near-duplicates need hnswlib: pip install 'tvbrain[pack]'"
        ) from error
    index = hnswlib.Index("ip", vectors.shape[1])
    index.init_index(len(vectors), M=16, ef_construction=100, random_seed=7)
    index.set_num_threads(1)
    index.add_items(vectors)
    index.set_ef(64)
    labels, distances = index.knn_query(vectors, k=min(NEIGHBOURS + 1, len(vectors)))
    pairs: dict[tuple[int, int], float] = {}
    for i, (row, far) in enumerate(zip(labels.tolist(), distances.tolist(), strict=True)):
        for j, distance in zip(row, far, strict=True):
            if i != j and 1.0 - distance >= NEAREST_COSINE:
                pairs[min(i, j), max(i, j)] = 1.0 - distance
    return pairs
