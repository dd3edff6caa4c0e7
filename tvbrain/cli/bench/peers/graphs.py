"""Libraries that search by a graph alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from tvbrain.cli.bench.peers.engine import EF_CONSTRUCTION, SEED, Bools, Float32s, K, Rows, Search


class Hnswlib:
    filter = "Python callable"

    def __init__(self, vectors: Float32s, m: int) -> None:
        import hnswlib

        self._index = hnswlib.Index("ip", vectors.shape[1])
        self._index.init_index(len(vectors), M=m, ef_construction=EF_CONSTRUCTION, random_seed=SEED)
        self._index.add_items(vectors, num_threads=1)
        self._index.set_num_threads(1)

    def set_ef(self, ef: int) -> None:
        self._index.set_ef(ef)

    def search(self, query: Float32s) -> Rows:
        rows: Rows = self._index.knn_query(query, K)[0][0]
        return rows

    def within(self, eligible: Bools) -> Search:
        """It raises where it finds fewer than asked: then what it finds is asked for, by bisection."""
        allowed = eligible.tolist()

        def attempt(query: Float32s, k: int) -> Rows | None:
            try:
                rows: Rows = self._index.knn_query(query, k, filter=allowed.__getitem__)[0][0]
            except RuntimeError as error:
                if "contiguous 2D array" not in str(error):
                    raise
                return None
            return rows

        def search(query: Float32s) -> Rows:
            found: Rows = np.empty(0, np.int64)
            least, most, k = 0, K, K
            while least < most:
                rows = attempt(query, k)
                if rows is None:
                    most = k - 1
                else:
                    found, least = rows, k
                k = (least + most + 1) // 2
            return found

        return search

    def size(self) -> int:
        return int(self._index.index_file_size())


class Usearch:
    filter = "none: sorted out afterwards"

    def __init__(self, vectors: Float32s, m: int, dtype: str) -> None:
        from usearch.index import Index

        self._index: Any = Index(
            ndim=vectors.shape[1],
            metric="ip",
            dtype=dtype,
            connectivity=m,
            expansion_add=EF_CONSTRUCTION,
        )
        self._index.add(np.arange(len(vectors)), vectors, threads=1)

    def set_ef(self, ef: int) -> None:
        self._index.expansion_search = ef

    def search(self, query: Float32s) -> Rows:
        rows: Rows = self._index.search(query, K, threads=1).keys
        return rows

    def within(self, eligible: Bools) -> Search:
        return lambda query: (rows := self.search(query))[eligible[rows]]

    def size(self) -> int:
        return int(self._index.serialized_length)


class Voyager:
    filter = "none: sorted out afterwards"

    def __init__(self, vectors: Float32s, m: int, dtype: str) -> None:
        import voyager

        self._index = voyager.Index(
            voyager.Space.InnerProduct,
            num_dimensions=vectors.shape[1],
            M=m,
            ef_construction=EF_CONSTRUCTION,
            random_seed=SEED,
            storage_data_type=getattr(voyager.StorageDataType, dtype),
        )
        self._index.add_items(vectors, num_threads=1)
        self._ef = K

    def set_ef(self, ef: int) -> None:
        self._ef = ef

    def search(self, query: Float32s) -> Rows:
        rows: Rows = self._index.query(query, K, num_threads=1, query_ef=self._ef)[0]
        return rows

    def within(self, eligible: Bools) -> Search:
        return lambda query: (rows := self.search(query))[eligible[rows]]

    def size(self) -> int:
        return len(self._index.as_bytes())
