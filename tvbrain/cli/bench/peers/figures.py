"""What a run says: of each engine and its sweep, of what bounds the scan, of the exact path beside the best peer."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from ctypes import CDLL
from dataclasses import dataclass

import numpy as np

from tvbrain.cli.bench.peers import ours
from tvbrain.cli.bench.peers.engine import Bools, Engine, Float32s, K, Rows, by_product
from tvbrain.cli.bench.peers.rounds import BATCH, LEFT_OUT, Times
from tvbrain.cli.bench.peers.sweep import Chosen, Point, recall
from tvbrain.cli.bench.peers.vectors import taste_queries
from tvbrain.cli.output import Figure, Value

ELIGIBLE_SHARE = 0.05
FILTERED_QUERIES = 100


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of every engine."""

    vectors: Float32s
    queries: Float32s
    exact: Sequence[Rows]
    eligible: Bools
    exact_eligible: Sequence[Rows]

    @classmethod
    def of(cls, vectors: Float32s, count: int) -> Question:
        queries = taste_queries(vectors, count, seed=2)
        eligible = np.zeros(len(vectors), np.bool_)
        chosen = int(len(vectors) * ELIGIBLE_SHARE)
        eligible[np.random.default_rng(3).choice(len(vectors), chosen, replace=False)] = True
        rows = np.flatnonzero(eligible)
        part = vectors[rows]
        return cls(
            vectors,
            queries,
            [by_product(vectors, query) for query in queries],
            eligible,
            [rows[by_product(part, query)] for query in queries[:FILTERED_QUERIES]],
        )


def of_engines(
    question: Question, chosen: Mapping[str, Chosen], times: Mapping[str, Times]
) -> list[Figure]:
    ours_name = next(iter(chosen))
    figures = []
    for name, one in chosen.items():
        found, filtered_us = _filtered(question, one.engine)
        given: dict[str, Value] = {
            "engine": name,
            "setting": one.point.setting,
            "titles": len(question.vectors),
            f"recall@{K}": round(one.point.recall, 4),
            "time_to_ours": round(times[name].ratio_to(times[ours_name]), 3),
            "build_s": round(one.build_s, 3),
            "index_bytes": one.engine.size(),
            "filter": one.engine.filter,
            "filtered_results": round(float(np.mean([len(rows) for rows in found])), 1),
            "filtered_recall": round(recall(found, question.exact_eligible), 4),
            "filtered_us": round(filtered_us, 1),
        }
        n = times[name].calls.size
        figures.append(Figure("query.p50", round(times[name].p50, 1), "us", n, given))
        figures.append(Figure("query.p99", round(times[name].p99, 1), "us", n, given))
    return figures


def _filtered(question: Question, engine: Engine) -> tuple[list[Rows], float]:
    """What comes back of the eligible rows, and the median time of a call in microseconds."""
    search = engine.within(question.eligible)
    found, taken = [], []
    for query in question.queries[:FILTERED_QUERIES]:
        began = time.perf_counter_ns()
        rows = search(query)
        taken.append(time.perf_counter_ns() - began)
        found.append(rows.copy())
    return found, float(np.median(taken)) / 1000


def of_sweeps(
    titles: int, points: Mapping[str, Sequence[Point]], chosen: Mapping[str, Chosen]
) -> list[Figure]:
    figures = []
    for name, tried in points.items():
        best = chosen[name].point if name in chosen else None
        for one in tried:
            given: dict[str, Value] = {
                "engine": name,
                "setting": one.setting,
                "titles": titles,
                f"recall@{K}": round(one.recall, 4),
                "chosen": one is best,
            }
            figures.append(Figure("sweep.p50", round(one.micros, 1), "us", 1, given))
    return figures


def bounds(table: ours.Table, fastest: Engine, native: CDLL, floor: Times) -> list[Figure]:
    """What the exact path cannot go below: its scan without anything around it, and reading the vectors once."""
    titles, read = len(table.rows), table.rows.nbytes
    given: dict[str, Value] = {"titles": titles, "table_bytes": read}
    scanned = round(read / floor.p50 / 1000, 2)
    return [
        Figure(
            "floor.scan.p50",
            round(floor.p50, 1),
            "us",
            floor.calls.size,
            {**given, "what": "scores of all rows, no top-k", "GB/s": scanned},
        ),
        Figure("read.table", round(ours.read_speed(native, read, 200), 2), "GB/s", 200, given),
        Figure(
            "read.memory",
            round(ours.read_speed(native, ours.MEMORY_BYTES, 9), 2),
            "GB/s",
            9,
            {"titles": titles, "table_bytes": ours.MEMORY_BYTES},
        ),
    ]


def verdict(
    titles: int, chosen: Mapping[str, Chosen], times: Mapping[str, Times], least: float
) -> list[Figure]:
    """Our exact path against the fastest peer with the recall asked for."""
    mine, *others = chosen
    peers = [
        name
        for name in others
        if not name.startswith("tvbrain") and chosen[name].point.recall >= least
    ]
    if not peers:
        return []
    best = min(peers, key=lambda name: times[name].p50)
    given: dict[str, Value] = {
        "titles": titles,
        "peer": f"{best} ({chosen[best].point.setting})",
        "peer_recall": round(chosen[best].point.recall, 4),
        f"recall@{K}": round(chosen[mine].point.recall, 4),
        "rounds": len(times[mine].calls),
        "calls_a_round": BATCH - LEFT_OUT,
    }
    ratio = round(times[mine].ratio_to(times[best]), 3)
    return [Figure(f"exact_to_best_peer.{titles}", ratio, "", len(times[mine].calls), given)]
