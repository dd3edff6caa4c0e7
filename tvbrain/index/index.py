"""Vectors by key in memory: added, removed, searched, saved.

int8 rows with a scale each, in an embedding space (docs/formats.md): a quarter of the memory of
float32, and recall@50 of an exact search above 0.99 against it on real titles.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from tvbrain._native import check, ffi, lib
from tvbrain.embed.quantise import Float32s, QuantisedVectors, Space
from tvbrain.embed.residual import Residuals
from tvbrain.errors import InvalidArgumentError

MAX_K = 1000
MAX_EF = 4096

_FOUND = np.dtype([("key", "<u8"), ("score", "<f4"), ("reserved", "<u4")])
_NO_HITS = np.empty(0, _FOUND)

Keys = NDArray[np.uint64]


class By(IntEnum):
    """How a search finds: as costs less, by the graph, or by scanning."""

    PLAN = 0
    GRAPH = 1
    SCAN = 2


@dataclass(frozen=True, slots=True, eq=False)
class Hits:
    """What a search found, best first: `keys` uint64 [n], `scores` float32 [n] (the inner product
    of query and vector, the cosine where both have unit length).

    `exact`: every vector that could be found was compared; else a graph was searched, and a few of
    the best may be missing. n is k, or what there is if that is less.
    """

    keys: Keys
    scores: Float32s
    exact: bool


class ItemIndex:
    """Vectors of one embedding space by key.

    Threads: searches run at the same time, and release the interpreter lock; a change waits for
    them. The same calls in the same order give the same index, and the same file, whatever
    `threads` is.
    """

    def __init__(
        self,
        space: Space,
        *,
        graph: bool = True,
        rerank: bool = False,
        m: int = 32,
        ef_construction: int = 200,
        seed: int = 0,
    ) -> None:
        """An empty index. Without `graph` every search scans, and changes cost next to nothing.

        rerank: keep what the int8 rows leave out, as much memory again, and score the best 4 k of a search, 64 at
        least and 1,000 at most, by it once more: nearly the order that float32 gives.
        m: links a vector takes at each level of the graph, 2 to 128 (`Config.hnsw_m`).
        ef_construction: how many it chooses them among, 1 to 4096. seed: of the graph's levels.
        InvalidArgumentError for other values.
        """
        for name, value in (("m", m), ("ef_construction", ef_construction), ("seed", seed)):
            if not 0 <= value < 2 ** (64 if name == "seed" else 32):
                raise InvalidArgumentError(f"{name}: {value} is out of range")
        head = ffi.new("tvn_index_head *")
        head.dimension, head.rotation_seed = len(space.mean), space.seed
        head.has_graph, head.rerank = graph, rerank
        head.m, head.ef_construction, head.seed = m, ef_construction, seed
        mean = np.ascontiguousarray(space.mean, np.float32)
        handle = ffi.new("tvn_index **")
        check(lib.tvn_index_new(head, ffi.from_buffer("float[]", mean), handle))
        self._take(handle[0])

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """What save() wrote, verified to its last byte.

        MissingFileError, CorruptFileError, NewerFormatError and other FileErrors.
        """
        handle = ffi.new("tvn_index **")
        check(lib.tvn_index_open(os.fsencode(path), handle))
        index = cls.__new__(cls)
        index._take(handle[0])
        return index

    @classmethod
    def of(
        cls, keys: Sequence[int] | Keys, vectors: Float32s, *, threads: int = 1, **options: Any
    ) -> Self:
        """An index of `vectors` float32 [n, D] in the space that fits them. Options as of the class."""
        index = cls(Space.fit(np.asarray(vectors, np.float32), seed=1), **options)
        index.add(keys, vectors, threads=threads)
        return index

    @classmethod
    def of_stored(
        cls,
        keys: Sequence[int] | Keys,
        space: Space,
        stored: QuantisedVectors,
        residuals: Residuals | None = None,
        *,
        threads: int = 1,
        **options: Any,
    ) -> Self:
        """An index of what a pack stores (`PackFile.vectors()`); it reranks where there are residuals.

        Rows of a title without a vector, scale and bias 0, are compared as they are: leave them out.
        Options as of the class, but for rerank. InvalidArgumentError for arrays that do not belong together.
        """
        index = cls(space, rerank=residuals is not None, **options)
        index._add_stored(_keys(keys), stored, residuals, threads)
        return index

    def _add_stored(
        self, keys: Keys, stored: QuantisedVectors, residuals: Residuals | None, threads: int
    ) -> None:
        shape = (len(keys), self.dimension)
        columns = [stored.scale_q30, stored.bias_q20]
        tables = [stored.rows]
        if residuals is not None:
            columns.append(residuals.scale_q40)
            tables.append(residuals.rows)
        if any(one.shape != shape for one in tables) or any(len(c) != len(keys) for c in columns):
            raise InvalidArgumentError(f"stored vectors: not all of {len(keys)} rows of a space")
        if len(keys) == 0:
            return
        parts = {
            "rows": _pointer("int8_t[]", np.ascontiguousarray(stored.rows, np.int8)),
            "scales_q30": _pointer("uint32_t[]", np.ascontiguousarray(stored.scale_q30, "<u4")),
            "biases_q20": _pointer("int32_t[]", np.ascontiguousarray(stored.bias_q20, "<i4")),
        }
        if residuals is not None:
            scales = np.ascontiguousarray(residuals.scale_q40, "<u4")
            parts["residual_rows"] = _pointer(
                "int8_t[]", np.ascontiguousarray(residuals.rows, np.int8)
            )
            parts["residual_scales_q40"] = _pointer("uint32_t[]", scales)
        pointer = _pointer("uint64_t[]", keys)
        made = ffi.new("tvn_stored_vectors *", parts)
        check(lib.tvn_index_add_stored(self._index, pointer, made, len(keys), max(threads, 1)))

    def _take(self, handle: Any) -> None:
        self._index = ffi.gc(handle, lib.tvn_index_free)
        head = self._head()
        self.dimension = int(head.dimension)
        self.has_graph = bool(head.has_graph)
        self.reranks = bool(head.rerank)

    def _head(self) -> Any:
        head = ffi.new("tvn_index_head *")
        lib.tvn_index_info(self._index, head)
        return head

    def save(self, path: Path | str) -> None:
        """The whole index as one file (docs/formats.md, "Index"); what was there is replaced when all is written."""
        check(lib.tvn_index_save(self._index, os.fsencode(path)))

    def __len__(self) -> int:
        return int(self._head().size)

    def __contains__(self, key: int) -> bool:
        return bool(lib.tvn_index_has(self._index, key))

    def keys(self) -> Keys:
        """All keys, in no promised order."""
        out = np.empty(len(self), np.uint64)
        count = ffi.new("uint64_t *")
        check(lib.tvn_index_keys(self._index, _pointer("uint64_t[]", out), len(out), count))
        return out

    def space(self) -> Space:
        mean = np.empty(self.dimension, np.float32)
        lib.tvn_index_mean(self._index, _pointer("float[]", mean))
        return Space(mean, int(self._head().rotation_seed))

    def add(self, keys: Sequence[int] | Keys, vectors: Float32s, *, threads: int = 1) -> None:
        """Adds `vectors` float32 [n, D], at most unit length, under `keys` (1 to 2^64 - 1, each once).

        A key that is there gets the new vector. InvalidArgumentError leaves all as it was. Adding
        many at once is faster, and links them better, than one after the other.
        """
        asked = _keys(keys)
        rows = np.ascontiguousarray(vectors, np.float32)
        if rows.shape != (len(asked), self.dimension):
            raise InvalidArgumentError(
                f"vectors: shape {rows.shape}, not ({len(asked)}, {self.dimension})"
            )
        if len(asked) == 0:
            return
        check(
            lib.tvn_index_add(
                self._index,
                _pointer("uint64_t[]", asked),
                _pointer("float[]", rows),
                len(asked),
                max(threads, 1),
            )
        )

    def remove(self, keys: Sequence[int] | Keys, *, threads: int = 1) -> int:
        """Removes what is there of `keys`; how many that were. One pass over the graph a call."""
        asked = _keys(keys)
        removed = ffi.new("uint64_t *")
        pointer = _pointer("uint64_t[]", asked)
        check(lib.tvn_index_remove(self._index, pointer, len(asked), max(threads, 1), removed))
        return int(removed[0])

    def search(
        self,
        vector: Float32s,
        k: int,
        *,
        ef: int = 100,
        allowed: Sequence[int] | Keys | None = None,
        by: By = By.PLAN,
    ) -> Hits:
        """The k (0 to 1000) most like `vector` float32 [D], of equal ones those added first.

        `allowed`: keys that may be found; others of them are ignored. Never fewer than k where so
        many may be found. ef: how many are kept while the graph is searched, k to 4096: more find
        better, and take longer (`Config.hnsw_ef`). InvalidArgumentError.
        """
        query = np.ascontiguousarray(vector, np.float32)
        if query.shape != (self.dimension,):
            raise InvalidArgumentError(f"vector: shape {query.shape}, not ({self.dimension},)")
        if not 0 <= k <= MAX_K or not 1 <= ef <= MAX_EF:
            raise InvalidArgumentError(f"k: {k} is not 0 to {MAX_K}, or ef: {ef} not 1 to {MAX_EF}")
        only = None if allowed is None else _keys(allowed)
        out = np.empty(k, _FOUND) if k else _NO_HITS
        count, exact = ffi.new("uint32_t *"), ffi.new("int32_t *")
        check(
            lib.tvn_index_search(
                self._index,
                _pointer("float[]", query),
                k,
                ef,
                int(by),
                ffi.NULL if only is None else _pointer("uint64_t[]", only),
                0 if only is None else len(only),
                _pointer("tvn_found[]", out),
                count,
                exact,
            )
        )
        found = out[: count[0]]
        return Hits(found["key"], found["score"], bool(exact[0]))


def _keys(keys: Sequence[int] | Keys) -> Keys:
    return np.ascontiguousarray(keys, np.uint64)


def _pointer(kind: str, values: NDArray[Any]) -> Any:
    return ffi.from_buffer(kind, values)
