"""What is compared, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from tvbrain.cli.bench.peers.engine import (
    Bools,
    Engine,
    Float32s,
    Graph,
    K,
    Rows,
    Search,
    by_product,
)
from tvbrain.cli.bench.peers.faiss_engines import FaissFlat, FaissGraph
from tvbrain.cli.bench.peers.graphs import Hnswlib, Usearch, Voyager


class Numpy:
    """One matrix product in float32 and a partial sort."""

    filter = "rows picked before"

    def __init__(self, vectors: Float32s) -> None:
        self._vectors = vectors

    def search(self, query: Float32s) -> Rows:
        scores = self._vectors @ query
        best = np.argpartition(scores, -K)[-K:]
        return best[np.argsort(-scores[best])]

    def within(self, eligible: Bools) -> Search:
        rows = np.flatnonzero(eligible)
        part = self._vectors[rows]
        return lambda query: rows[by_product(part, query)]

    def size(self) -> int:
        return self._vectors.nbytes


@dataclass(frozen=True, slots=True)
class Library:
    """A peer: its module, and by the name of what it stores, how its graph over vectors with M links is built."""

    module: str
    variants: Mapping[str, Callable[[Float32s, int], Graph]]


LIBRARIES = {
    "hnswlib": Library("hnswlib", {"f32": Hnswlib}),
    "usearch": Library(
        "usearch.index",
        {
            "f32": lambda vectors, m: Usearch(vectors, m, "f32"),
            "f16": lambda vectors, m: Usearch(vectors, m, "f16"),
            "int8": lambda vectors, m: Usearch(vectors, m, "i8"),
        },
    ),
    "faiss HNSW": Library(
        "faiss",
        {
            "f32": lambda vectors, m: FaissGraph(vectors, m, "f32"),
            "SQ8": lambda vectors, m: FaissGraph(vectors, m, "QT_8bit"),
        },
    ),
    "voyager": Library(
        "voyager",
        {
            "f32": lambda vectors, m: Voyager(vectors, m, "Float32"),
            "E4M3": lambda vectors, m: Voyager(vectors, m, "E4M3"),
        },
    ),
}
Dialless = tuple[str, str, Callable[[Float32s], Engine]]
"""An engine without a dial: its module, what it stores, and how it is built."""
EXACT: Mapping[str, Dialless] = {
    "faiss Flat": ("faiss", "f32", FaissFlat),
    "numpy": ("numpy", "f32", Numpy),
}
