"""faiss, exact and by a graph."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from tvbrain.cli.bench.peers.engine import EF_CONSTRUCTION, Bools, Float32s, K, Rows, Search


class FaissFlat:
    filter = "IDSelectorBitmap"

    def __init__(self, vectors: Float32s) -> None:
        faiss = _faiss()
        faiss.omp_set_num_threads(1)
        self._index: Any = faiss.IndexFlatIP(vectors.shape[1])
        self._index.add(vectors)

    def search(self, query: Float32s) -> Rows:
        rows: Rows = self._index.search(query[None], K)[1][0]
        return rows

    def within(self, eligible: Bools) -> Search:
        bitmap = np.packbits(eligible, bitorder="little")
        selector = self._parameters(_faiss().IDSelectorBitmap(bitmap))

        def search(query: Float32s) -> Rows:
            rows: Rows = self._index.search(query[None], K, params=selector)[1][0]
            return rows[rows >= 0]

        return search

    def _parameters(self, selector: Any) -> Any:
        faiss = _faiss()
        return faiss.SearchParameters(sel=selector)

    def size(self) -> int:
        faiss = _faiss()
        return int(faiss.serialize_index(self._index).nbytes)


class FaissGraph(FaissFlat):
    def __init__(self, vectors: Float32s, m: int, storage: str) -> None:
        faiss = _faiss()
        faiss.omp_set_num_threads(1)
        dimension, product = vectors.shape[1], faiss.METRIC_INNER_PRODUCT
        if storage == "f32":
            self._index = faiss.IndexHNSWFlat(dimension, m, product)
        else:
            self._index = faiss.IndexHNSWSQ(
                dimension, getattr(faiss.ScalarQuantizer, storage), m, product
            )
        self._index.hnsw.efConstruction = EF_CONSTRUCTION
        self._index.train(vectors)
        self._index.add(vectors)

    def set_ef(self, ef: int) -> None:
        self._index.hnsw.efSearch = ef

    def _parameters(self, selector: Any) -> Any:
        faiss = _faiss()
        return faiss.SearchParametersHNSW(sel=selector, efSearch=self._index.hnsw.efSearch)


def _faiss() -> Any:
    """The module; its types say less than it takes."""
    return importlib.import_module("faiss")
