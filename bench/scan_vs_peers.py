"""The exact int8 scan beside exact and approximate peers, on one thread, in one run.

    python bench/scan_vs_peers.py --vectors catalogue_f32.npy [--json]

Queries are what a taste vector looks like: normalised means of 3 to 8 random titles. Every figure
of speed goes from a float32 query to k rows through the engine's Python-callable interface (ours:
rotation, quantisation, scan, top-k, through ctypes) and carries its recall against float32.
Engines take turns in short batches, so that a noisy moment meets all of them.
"""

from __future__ import annotations

import os

os.environ.update({"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"})  # before numpy loads

import argparse
import ctypes
import json
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import faiss
import hnswlib
import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table

from tvbrain.embed.quantise import Float32s, QuantisedVectors, Space
from tvbrain.health.machine import describe

ROOT = Path(__file__).resolve().parent.parent
K = 50
BATCH = 50
ISA_FLAGS = {
    "avx2": ["-mavx2"],
    "avx512vnni": [f"-mavx512{part}" for part in ("f", "bw", "vl", "dq", "vnni")],
}
Search = Callable[[Float32s], npt.NDArray[np.int64]]
SCORED = np.dtype([("score", np.int32), ("row", np.uint32), ("tag", np.uint32)])


@dataclass(frozen=True, slots=True)
class Engine:
    name: str
    search: Search


def build_library(folder: Path) -> Path:
    """The core's scan and bench/scan_entry.cpp as one shared library, at the release's -O2."""
    compiler = os.environ.get("CXX", "g++")
    flags = ["-std=c++17", "-O2", "-fPIC", "-ffp-contract=off", f"-I{ROOT / 'native/include'}"]
    names = ["dot", "bitmap", "topk", "scan", "quantise", "kernels/dot_scalar"]
    sources = [*(ROOT / "native/src" / f"{name}.cpp" for name in names)]
    objects = []
    if platform.machine() == "x86_64":
        for isa, isa_flags in ISA_FLAGS.items():
            source = ROOT / "native/src/kernels" / f"dot_{isa}.cpp"
            objects.append(folder / f"{isa}.o")
            subprocess.run(
                [compiler, *flags, *isa_flags, "-c", source, "-o", objects[-1]], check=True
            )
    library = folder / "scan.so"
    entry = ROOT / "bench/scan_entry.cpp"
    subprocess.run(
        [compiler, *flags, "-shared", *sources, entry, *objects, "-o", library], check=True
    )
    return library


def aligned_rows(rows: npt.NDArray[np.int8]) -> npt.NDArray[np.int8]:
    """A copy at a 64-byte boundary, each row padded to a multiple of 64 bytes, as in a pack."""
    stride = -(-rows.shape[1] // 64) * 64
    room = np.zeros(len(rows) * stride + 64, np.int8)
    start = -room.ctypes.data % 64
    out = room[start : start + len(rows) * stride].reshape(len(rows), stride)
    out[:, : rows.shape[1]] = rows
    return out


def tvbrain_engine(library: Path, kernel: str, space: Space, items: QuantisedVectors) -> Engine:
    """The scan with one kernel forced: a copy of the library, as each chooses its kernel once."""
    copy = Path(shutil.copy(library, library.parent / f"{kernel}-{len(items.rows)}.so"))
    os.environ["TVBRAIN_KERNEL"] = kernel
    native = ctypes.CDLL(str(copy))
    native.bench_kernel.restype = ctypes.c_char_p
    native.bench_open.restype = ctypes.c_void_p
    native.bench_search.argtypes = [ctypes.c_void_p] * 2 + [ctypes.c_uint32, ctypes.c_void_p]
    active = native.bench_kernel().decode()
    if active != kernel:
        raise SystemExit(f"kernel {kernel} is not available here ({active} is)")
    rows = aligned_rows(items.rows)
    kept = (rows, items.scale_q30, items.bias_q20, space.mean)
    handle = native.bench_open(
        *(ctypes.c_void_p(part.ctypes.data) for part in kept[:3]),
        rows.shape[1],
        space.rotation.dimension,
        len(rows),
        ctypes.c_void_p(space.mean.ctypes.data),
        ctypes.c_uint64(space.seed),
    )
    out = np.zeros(K, SCORED)
    out_address = out.ctypes.data

    def search(query: Float32s, _kept: object = kept) -> npt.NDArray[np.int64]:
        native.bench_search(handle, query.ctypes.data, K, out_address)
        return out["row"]

    return Engine(f"tvbrain exact int8 scan, {kernel}", search)


def faiss_flat(vectors: Float32s) -> Engine:
    faiss.omp_set_num_threads(1)
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    return Engine("faiss IndexFlatIP", lambda query: index.search(query[None], K)[1][0])


def hnswlib_graph(vectors: Float32s) -> Engine:
    index = hnswlib.Index("ip", vectors.shape[1])
    index.init_index(len(vectors), M=32, ef_construction=200, random_seed=1)
    index.add_items(vectors, num_threads=2)
    index.set_ef(100)
    index.set_num_threads(1)
    return Engine("hnswlib M=32 ef=100", lambda query: index.knn_query(query, K)[0][0])


def taste_queries(vectors: Float32s, count: int, seed: int) -> Float32s:
    random = np.random.default_rng(seed)
    means = [
        vectors[random.choice(len(vectors), random.integers(3, 9), replace=False)].mean(axis=0)
        for _ in range(count)
    ]
    queries = np.stack(means)
    return np.asarray(queries / np.linalg.norm(queries, axis=1, keepdims=True), np.float32)


def measure(engines: list[Engine], queries: Float32s, rounds: int) -> dict[str, list[int]]:
    """Nanoseconds of each search, a batch of each engine in turn."""
    taken: dict[str, list[int]] = {engine.name: [] for engine in engines}
    for turn in range(rounds):
        for engine in engines:
            times = taken[engine.name]
            for i in range(BATCH):
                query = queries[(turn * BATCH + i) % len(queries)]
                started = time.perf_counter_ns()
                engine.search(query)
                if i >= BATCH // 5:  # the first few find the caches as another engine left them
                    times.append(time.perf_counter_ns() - started)
    return taken


def figures(
    vectors: Float32s, library: Path, kernels: list[str], rounds: int
) -> list[dict[str, object]]:
    queries = taste_queries(vectors, 500, seed=2)
    exact = np.argsort(-(queries @ vectors.T), axis=1, kind="stable")[:, :K]
    space = Space.fit(vectors, seed=1)
    items = space.quantise(vectors)
    engines = [tvbrain_engine(library, kernel, space, items) for kernel in kernels]
    engines += [faiss_flat(vectors), hnswlib_graph(vectors)]
    taken = measure(engines, queries, rounds)
    rows: list[dict[str, object]] = []
    for engine in engines:
        hits = [
            len(np.intersect1d(engine.search(q), e)) for q, e in zip(queries, exact, strict=True)
        ]
        quality = {"titles": len(vectors), "recall@50": round(float(np.mean(hits)) / K, 4)}
        for name, at in (("p50", 50), ("p99", 99)):
            value = round(float(np.percentile(taken[engine.name], at)) / 1000, 1)
            rows.append(
                {
                    "name": f"{engine.name}.{name}",
                    "value": value,
                    "unit": "us",
                    "n": len(taken[engine.name]),
                    "with": quality,
                }
            )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vectors", type=Path, required=True, help="float32 [n, D], unit length")
    parser.add_argument("--kernels", default="avx512vnni,avx2,scalar")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    vectors = np.load(options.vectors)
    shuffled = vectors[np.random.default_rng(1).permutation(len(vectors))]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        library = build_library(Path(folder))
        for count in sorted({min(10_000, len(vectors)), len(vectors)}):
            part = np.ascontiguousarray(shuffled[:count], np.float32)
            rows += figures(part, library, options.kernels.split(","), options.rounds)
    machine = describe()
    if options.json:
        words = [Path(word).name if "/" in word else word for word in sys.argv[1:]]
        command = " ".join(["python bench/scan_vs_peers.py", *words])
        report = {"machine": machine, "command": command, "figures": rows}
        sys.stdout.write(json.dumps(report) + "\n")
        return
    table = Table("figure", "titles", "recall@50", "us", title=f"one thread, {machine}")
    for row in rows:
        quality = row["with"]
        assert isinstance(quality, dict)
        table.add_row(
            str(row["name"]), str(quality["titles"]), str(quality["recall@50"]), str(row["value"])
        )
    Console().print(table)


if __name__ == "__main__":
    main()
