"""Which setting of a peer is its fastest that finds enough: every storage, M and ef in turn."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tvbrain.cli.bench.peers.engines import Engine, Float32s, Graph, K, Library, Rows

EFS = (50, 60, 70, 80, 90, 100, 115, 130, 150, 175, 200, 250, 300, 400)
ENOUGH = 0.997
"""A larger ef is not tried where this recall is reached,"""
TOO_SLOW = 3.0
"""or where a call takes so many times as long as at the fastest setting that finds enough."""


@dataclass(frozen=True, slots=True)
class Point:
    """A setting, the recall it has, and the median time of its calls."""

    setting: str
    recall: float
    micros: float


@dataclass(frozen=True, slots=True)
class Chosen:
    """An engine at one setting, with the seconds of a processor that building it took."""

    engine: Engine
    point: Point
    build_s: float


def recall(found: Sequence[Rows], exact: Sequence[Rows]) -> float:
    """Mean share of the exact rows that were found."""
    pairs = zip(found, exact, strict=True)
    return float(np.mean([len(np.intersect1d(f, e)) / max(1, len(e)) for f, e in pairs]))


def point(engine: Engine, setting: str, queries: Float32s, exact: Sequence[Rows]) -> Point:
    """Every query once."""
    taken, found = [], []
    for query in queries:
        began = time.perf_counter_ns()
        rows = engine.search(query)
        taken.append(time.perf_counter_ns() - began)
        found.append(rows[:K].copy())
    return Point(setting, recall(found, exact), float(np.median(taken)) / 1000)


def build_each(
    library: Library, vectors: Float32s, ms: Sequence[int], done: Callable[[], None]
) -> Mapping[str, tuple[Graph, float]]:
    """By setting, a graph and the seconds of a processor it took; `done` is called after each."""
    built = {}
    for name, build in library.variants.items():
        for m in ms:
            began = time.process_time()
            graph = build(vectors, m)
            built[f"{name}, M = {m}"] = (graph, time.process_time() - began)
            done()
    return built


def sweep(
    built: Mapping[str, tuple[Graph, float]],
    queries: Float32s,
    exact: Sequence[Rows],
    least: float,
) -> tuple[list[Point], Chosen | None]:
    """All points, and the fastest with a recall of at least `least`, its ef set; None if none has it."""
    points: list[Point] = []
    best: tuple[Point, Graph, int, float] | None = None
    for name, (graph, seconds) in built.items():
        for ef in EFS:
            graph.set_ef(ef)
            one = point(graph, f"{name}, ef = {ef}", queries, exact)
            points.append(one)
            if one.recall >= least and (best is None or one.micros < best[0].micros):
                best = one, graph, ef, seconds
            slow = best is not None and one.micros > TOO_SLOW * best[0].micros
            if one.recall >= ENOUGH or slow:
                break
    if best is None:
        return points, None
    chosen, graph, ef, seconds = best
    graph.set_ef(ef)
    return points, Chosen(graph, chosen, seconds)
