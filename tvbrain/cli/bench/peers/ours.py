"""What of this project is compared: ItemIndex, exact and by graph; the scan alone, by kernel; and what bounds it."""

from __future__ import annotations

import ctypes
import os
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tvbrain.cli.bench import programs
from tvbrain.cli.bench.peers.engine import EF_CONSTRUCTION, SEED, Bools, Float32s, K, Rows, Search
from tvbrain.cli.bench.peers.engines import Dialless, Library
from tvbrain.embed.quantise import QuantisedVectors, Space
from tvbrain.index import By, ItemIndex

KERNELS = ("avx512vnni", "avx2", "neondot", "neon", "scalar")
"""Fastest first."""
MEMORY_BYTES = 256 << 20
"""More than any cache holds."""
_SCORED = np.dtype([("score", np.int32), ("row", np.uint32), ("tag", np.uint32)])


class Exact:
    """ItemIndex without a graph."""

    filter = "keys, before scoring"

    def __init__(self, vectors: Float32s) -> None:
        self._index = ItemIndex.of(_keys(len(vectors)), vectors, graph=False)

    def search(self, query: Float32s) -> Rows:
        return self._index.search(query, K).keys - 1

    def within(self, eligible: Bools) -> Search:
        """The index plans: few eligible ones are scanned, also where there is a graph."""
        allowed = _keys(len(eligible))[eligible]
        return lambda query: self._index.search(query, K, allowed=allowed).keys - 1

    def size(self) -> int:
        with tempfile.TemporaryDirectory(prefix="tvbrain-bench-") as folder:
            path = Path(folder, "index")
            self._index.save(path)
            return path.stat().st_size


class Reranked(Exact):
    """ItemIndex without a graph that scores the best again by what int8 leaves out."""

    def __init__(self, vectors: Float32s) -> None:
        self._index = ItemIndex.of(_keys(len(vectors)), vectors, graph=False, rerank=True)


class Graph(Exact):
    """ItemIndex's graph."""

    def __init__(self, vectors: Float32s, m: int) -> None:
        self._index = ItemIndex.of(
            _keys(len(vectors)), vectors, m=m, ef_construction=EF_CONSTRUCTION
        )
        self._ef = K

    def set_ef(self, ef: int) -> None:
        self._ef = ef

    def search(self, query: Float32s) -> Rows:
        return self._index.search(query, K, ef=self._ef, by=By.GRAPH).keys - 1


def _keys(rows: int) -> npt.NDArray[np.uint64]:
    """Of row r: r + 1, as 0 is no key."""
    return np.arange(1, rows + 1, dtype=np.uint64)


def _aligned(rows: npt.NDArray[np.int8]) -> npt.NDArray[np.int8]:
    """A copy at a 64-byte boundary, each row padded to a multiple of 64 bytes, as in a pack."""
    stride = -(-rows.shape[1] // 64) * 64
    room = np.zeros(len(rows) * stride + 64, np.int8)
    start = -room.ctypes.data % 64
    out = room[start : start + len(rows) * stride].reshape(len(rows), stride)
    out[:, : rows.shape[1]] = rows
    return out


class Table:
    """Vectors as a pack has them. `seconds` of a processor: what making them took."""

    def __init__(self, vectors: Float32s) -> None:
        began = time.process_time()
        self.space = Space.fit(vectors, SEED)
        stored: QuantisedVectors = self.space.quantise(vectors)
        self.rows = _aligned(stored.rows)
        self.scale, self.bias = stored.scale_q30, stored.bias_q20
        self.seconds = time.process_time() - began

    def size(self) -> int:
        return self.rows.nbytes + self.scale.nbytes + self.bias.nbytes


class Scan:
    """The exact scan with one kernel, through ctypes."""

    filter = "bitmap, before scoring"

    def __init__(self, native: ctypes.CDLL, table: Table) -> None:
        self._native, self._table = native, table
        parts = (table.rows, table.scale, table.bias)
        self._handle = native.bench_open(
            *(ctypes.c_void_p(part.ctypes.data) for part in parts),
            *(table.rows.shape[1], table.space.rotation.dimension, len(table.rows)),
            ctypes.c_void_p(table.space.mean.ctypes.data),
            ctypes.c_uint64(table.space.seed),
        )
        self._best, self._scores = np.zeros(K, _SCORED), np.zeros(len(table.rows), np.int32)
        self._best_at, self._scores_at = self._best.ctypes.data, self._scores.ctypes.data

    def search(self, query: Float32s) -> Rows:
        self._native.bench_search(self._handle, query.ctypes.data, None, K, self._best_at)
        return self._best["row"]

    def within(self, eligible: Bools) -> Search:
        words = np.zeros(-(-len(eligible) // 64), np.uint64)
        packed = np.packbits(eligible, bitorder="little")
        words.view(np.uint8)[: len(packed)] = packed

        def search(query: Float32s) -> Rows:
            found = self._native.bench_search(
                self._handle, query.ctypes.data, words.ctypes.data, K, self._best_at
            )
            rows: Rows = self._best["row"][:found]
            return rows

        return search

    def size(self) -> int:
        return self._table.size()

    def floor(self, query: Float32s) -> Rows:
        """Scores of all rows for the query of the last search(): no top-k, nothing quantised."""
        self._native.bench_scan(self._handle, self._scores_at)
        return self._scores

    def close(self) -> None:
        """No search comes after it."""
        self._native.bench_close(self._handle)


def kernels(folder: Path) -> dict[str, ctypes.CDLL]:
    """By name, those that this processor has, fastest first: a copy of the library each, as each chooses once."""
    found: dict[str, ctypes.CDLL] = {}
    before = os.environ.get("TVBRAIN_KERNEL")
    for kernel in KERNELS:
        copy = shutil.copy(programs.program("scan.so"), folder / f"{kernel}.so")
        os.environ["TVBRAIN_KERNEL"] = kernel
        native = ctypes.CDLL(str(copy))
        native.bench_kernel.restype = ctypes.c_char_p
        native.bench_open.restype = ctypes.c_void_p
        pointer = ctypes.c_void_p
        native.bench_close.argtypes = [pointer]
        native.bench_search.argtypes = [pointer, pointer, pointer, ctypes.c_uint32, pointer]
        native.bench_scan.argtypes = [pointer, pointer]
        native.bench_read.argtypes = [pointer, ctypes.c_uint64]
        native.bench_read.restype = ctypes.c_uint64
        if native.bench_kernel().decode() == kernel:
            found[kernel] = native
    if before is None:
        os.environ.pop("TVBRAIN_KERNEL", None)
    else:
        os.environ["TVBRAIN_KERNEL"] = before
    return found


def read_speed(native: ctypes.CDLL, size: int, times: int) -> float:
    """GB/s of one core that reads `size` bytes again and again: the median of `times` passes."""
    memory = np.ones(-(-size // 64) * 64, np.uint8)
    taken = []
    for _ in range(times + 1):
        began = time.perf_counter()
        native.bench_read(memory.ctypes.data, len(memory))
        taken.append(time.perf_counter() - began)
    return float(len(memory) / np.median(taken[1:]) / 1e9)


EXACT: dict[str, Dialless] = {
    "tvbrain exact": ("tvbrain", "int8", Exact),
    "tvbrain exact, rerank": ("tvbrain", "int8 + int8", Reranked),
}
GRAPHS = {"tvbrain HNSW": Library("tvbrain", {"int8": Graph})}
"""Swept as the peers are."""
