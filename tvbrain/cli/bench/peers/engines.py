"""What is compared: engines that answer one float32 query with rows, best first, through their Python interfaces."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Float32s = npt.NDArray[np.float32]
Rows = npt.NDArray[Any]
"""Row numbers, best first."""
Bools = npt.NDArray[np.bool_]
Search = Callable[[Float32s], Rows]

K = 50
EF_CONSTRUCTION = 200
SEED = 1


class Engine(Protocol):
    """An index over (n, D) unit vectors, searched by inner product on one thread."""

    @property
    def filter(self) -> str:
        """How it keeps to eligible rows."""

    def search(self, query: Float32s) -> Rows:
        """The best K for a query (D,)."""

    def within(self, eligible: Bools) -> Search:
        """A search for the best K of the eligible rows: what comes back, which may be fewer."""

    def size(self) -> int:
        """Bytes of the index, vectors included, as it would be saved."""


class Graph(Engine, Protocol):
    """An engine with a dial: the larger `ef`, the slower, and the more of the best are found."""

    def set_ef(self, ef: int) -> None:
        """For every search from now on."""


def by_product(vectors: Float32s, query: Float32s) -> Rows:
    """The exact best K in float32; of equal ones the first."""
    return np.argsort(-(vectors @ query), kind="stable")[:K]


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
