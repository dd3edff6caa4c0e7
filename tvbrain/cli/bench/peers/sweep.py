"""Which setting of a peer is its fastest that finds enough: every storage, M and ef in turn."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tvbrain.cli.bench.peers.engine import Engine, Float32s, Graph, K, Rows
from tvbrain.cli.bench.peers.engines import Library

EFS = (50, 60, 70, 80, 90, 100, 115, 130, 150, 175, 200, 250, 300, 400)
ENOUGH = 0.997
"""A larger ef is not tried where this recall is reached,"""
GAIN = 0.0005
"""or where the last step won less than this."""


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
) -> tuple[list[Point], list[Chosen]]:
    """All points, and each graph at its smallest ef with a recall of at least `least`, where it has one.

    A smaller ef is always faster; which graph is the fastest a sweep in a noisy minute cannot say.
    """
    points: list[Point] = []
    able: list[Chosen] = []
    for name, (graph, seconds) in built.items():
        found, before = 0, 0.0
        for ef in EFS:
            graph.set_ef(ef)
            one = point(graph, f"{name}, ef = {ef}", queries, exact)
            points.append(one)
            if one.recall >= least and not found:
                found = ef
                able.append(Chosen(graph, one, seconds))
            if one.recall >= ENOUGH or one.recall < before + GAIN:
                break
            before = one.recall
        if found:
            graph.set_ef(found)
    return points, able
