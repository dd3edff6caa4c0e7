"""`tvbrain bench graph`: what is promised of ItemIndex's graph, on real vectors, at M = 32 and ef = 100.

The same bytes built on any number of threads; filters that cost no answer; recall as new after half of it was removed
and added again; recall and time beside hnswlib's at the same M and ef, in turns. Vectors, queries and recall are those
of `tvbrain bench peers`.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tvbrain.cli import output
from tvbrain.cli.bench import programs
from tvbrain.cli.bench.peers.engine import SEED, Float32s, K, Rows, by_product
from tvbrain.cli.bench.peers.engines import LIBRARIES
from tvbrain.cli.bench.peers.ours import Graph
from tvbrain.cli.bench.peers.rounds import measure
from tvbrain.cli.bench.peers.sweep import recall
from tvbrain.cli.bench.peers.vectors import taste_queries, vectors_of
from tvbrain.cli.output import Figure, Value
from tvbrain.errors import InvalidArgumentError
from tvbrain.index import By, ItemIndex

M, EF, EF_CONSTRUCTION = 32, 100, 200
THREADS = (1, 2, 3)
ELIGIBLE_SHARE = 0.05


def run(arguments: argparse.Namespace) -> int:
    if min(arguments.queries, arguments.rounds, *arguments.titles) < 1:
        raise InvalidArgumentError("--queries, --rounds and --titles: at least 1")
    vectors = vectors_of(arguments, None)
    figures: list[Figure] = []
    for titles in sorted({min(size, len(vectors)) for size in arguments.titles}):
        if not arguments.json:
            output.note(f"{titles} titles")
        part = vectors[:titles]
        queries = taste_queries(part, arguments.queries, seed=2)
        figures += promises(part, queries) + beside_hnswlib(part, queries, arguments.rounds)
    load = round(os.getloadavg()[0], 2)
    return programs.finish(arguments, {"k": K, "M": M, "ef": EF, "load_average": load}, figures)


def promises(vectors: Float32s, queries: Float32s) -> list[Figure]:
    """Of rows of float32 [n, D]; queries [q, D]. Recall is against float32, exactness against a scan of the index."""
    keys = np.arange(1, len(vectors) + 1, dtype=np.uint64)
    exact = [by_product(vectors, query) for query in queries]
    random = np.random.default_rng(SEED)

    def built(threads: int) -> ItemIndex:
        return ItemIndex.of(keys, vectors, threads=threads, m=M, ef_construction=EF_CONSTRUCTION)

    index, *others = map(built, THREADS)
    other_bytes = sum(_bytes(index) != _bytes(other) for other in others)
    new = _recall(index, queries, exact)
    few = random.choice(keys, int(len(keys) * ELIGIBLE_SHARE), replace=False)
    few_found, few_wrong = _filtered(index, queries, few)
    half = random.choice(keys, len(keys) // 2, replace=False)
    index.remove(half)
    rest_found, _ = _filtered(index, queries, np.setdiff1d(keys, half))
    index.add(half, vectors[half - 1])
    again = _recall(index, queries, exact)
    given: dict[str, Value] = {"titles": len(vectors)}
    few_given: dict[str, Value] = {**given, "eligible": len(few)}
    names = ", ".join(map(str, THREADS))
    return [
        Figure("graph.other_bytes", other_bytes, "", len(THREADS), {**given, "threads": names}),
        Figure("graph.filtered_fewest", few_found, "", len(queries), few_given),
        Figure("graph.filtered_not_exact", few_wrong, "", len(queries), few_given),
        Figure(
            "graph.half_removed_fewest",
            rest_found,
            "",
            len(queries),
            {**given, "eligible": "the rest"},
        ),
        Figure(
            "graph.recall_lost",
            round(new - again, 4),
            "",
            len(queries),
            {**given, "as built": round(new, 4), "half removed and added again": round(again, 4)},
        ),
    ]


def _recall(index: ItemIndex, queries: Float32s, exact: Sequence[Rows]) -> float:
    found = [index.search(query, K, ef=EF, by=By.GRAPH).keys - 1 for query in queries]
    return recall(found, exact)


def _filtered(index: ItemIndex, queries: Float32s, allowed: Rows) -> tuple[int, int]:
    """The fewest that came back of K among `allowed` as the index plans, and how many answers were not the scan's."""
    planned = [index.search(query, K, ef=EF, allowed=allowed) for query in queries]
    scanned = [index.search(query, K, allowed=allowed, by=By.SCAN) for query in queries]
    wrong = sum(
        not (np.array_equal(a.keys, b.keys) and np.array_equal(a.scores, b.scores))
        for a, b in zip(planned, scanned, strict=True)
    )
    return min(len(one.keys) for one in planned), wrong


def _bytes(index: ItemIndex) -> bytes:
    with tempfile.TemporaryDirectory(prefix="tvbrain-bench-") as folder:
        index.save(Path(folder, "index"))
        return Path(folder, "index").read_bytes()


def beside_hnswlib(vectors: Float32s, queries: Float32s, rounds: int) -> list[Figure]:
    """Both at M and EF, a query a call, in turns; one skipped figure where it is not installed."""
    given: dict[str, Value] = {"titles": len(vectors)}
    try:
        theirs = LIBRARIES["hnswlib"].variants["f32"](vectors, M)
    except ImportError:
        return [Figure("skipped", "not installed: pip install 'tvbrain[bench]'", given=given)]
    mine = Graph(vectors, M)
    exact = [by_product(vectors, query) for query in queries]
    found = {}
    for name, engine in (("tvbrain", mine), ("hnswlib", theirs)):
        engine.set_ef(EF)
        found[name] = recall([engine.search(query).copy() for query in queries], exact)
    searches = {"tvbrain": mine.search, "hnswlib": theirs.search}
    times = measure(searches, queries, rounds, lambda: None)
    shares = {f"recall@{K} {name}": round(share, 4) for name, share in found.items()}
    micros = {f"{name} p50 us": round(times[name].p50, 1) for name in times}
    ratio = round(times["tvbrain"].ratio_to(times["hnswlib"]), 3)
    below = round(found["hnswlib"] - found["tvbrain"], 4)
    return [
        Figure("graph.recall_below_hnswlib", below, "", len(queries), {**given, **shares}),
        Figure("graph.time_to_hnswlib", ratio, "", rounds, {**given, **shares, **micros}),
    ]
