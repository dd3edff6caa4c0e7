"""A run: build, sweep, choose, time in turns, filter, and say it as figures."""

from __future__ import annotations

import argparse
import importlib.util
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from ctypes import CDLL
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tvbrain.cli import exits, output
from tvbrain.cli.bench import programs
from tvbrain.cli.bench.peers import ours, tables
from tvbrain.cli.bench.peers.engines import (
    EXACT,
    LIBRARIES,
    Bools,
    Engine,
    Float32s,
    K,
    Rows,
    by_product,
)
from tvbrain.cli.bench.peers.rounds import BATCH, LEFT_OUT, Times, measure
from tvbrain.cli.bench.peers.sweep import Chosen, Point, build_each, point, recall, sweep
from tvbrain.cli.bench.peers.vectors import taste_queries, vectors_of
from tvbrain.cli.output import Figure, Progress, Value

ELIGIBLE_SHARE = 0.05
FILTERED_QUERIES = 100
FLOOR = "floor"
PLAY_OFF_ROUNDS = 20


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


def run(arguments: argparse.Namespace) -> int:
    figures: list[Figure] = []
    with _bar(arguments, "vectors") as progress:
        vectors = vectors_of(arguments, progress)
    why = "not installed: pip install 'tvbrain[bench]'"
    figures += [Figure("skipped", why, given={"engine": name}) for name in _missing()]
    with tempfile.TemporaryDirectory(prefix="tvbrain-bench-") as folder:
        kernels = ours.kernels(Path(folder))
        for titles in sorted({min(size, len(vectors)) for size in arguments.titles}):
            question = Question.of(vectors[:titles], arguments.queries)
            figures += _of_size(arguments, question, kernels)
    load = {"load_average": round(os.getloadavg()[0], 2), "k": K, "threads": 1}
    answer = output.figures_json(
        programs.command_line(arguments.words),
        [Figure(f.name, f.value, f.unit, f.n, {**load, **f.given}) for f in figures],
    )
    if arguments.json:
        output.print_json(answer)
        return exits.OK
    for title, columns, rows in tables.tables(answer):
        output.print_table(title, columns, rows)
    output.print_line(str(answer["command"]))
    return exits.OK


@contextmanager
def _bar(arguments: argparse.Namespace, text: str) -> Iterator[Progress | None]:
    if arguments.json:
        yield None
        return
    with output.progress(text) as progress:
        yield progress


def _missing() -> list[str]:
    modules = {name: library.module for name, library in LIBRARIES.items()}
    modules |= {name: module for name, (module, _, _) in EXACT.items()}
    return [name for name, module in modules.items() if not _installed(module)]


def _installed(module: str) -> bool:
    return importlib.util.find_spec(module.partition(".")[0]) is not None


def _of_size(
    arguments: argparse.Namespace, question: Question, kernels: Mapping[str, CDLL]
) -> list[Figure]:
    titles = len(question.vectors)
    table = ours.Table(question.vectors)
    scans = {kernel: ours.Scan(native, table) for kernel, native in kernels.items()}
    points: dict[str, list[Point]] = {}
    chosen: dict[str, Chosen] = {}
    able: dict[str, list[Chosen]] = {}
    graphs = {
        name: library
        for name, library in {**ours.GRAPHS, **LIBRARIES}.items()
        if _installed(library.module)
    }
    builds = sum(len(library.variants) for library in graphs.values()) * len(arguments.links)
    with _bar(arguments, f"{titles} titles: building and sweeping") as progress:
        step = _counter(progress, builds)
        for name, (module, stored, make) in {**ours.EXACT, **EXACT}.items():
            if _installed(module):
                began = time.process_time()
                engine = make(question.vectors)
                seconds = time.process_time() - began
                one = point(engine, stored, question.queries, question.exact)
                chosen[name] = Chosen(engine, one, seconds)
        for name, library in graphs.items():
            built = build_each(library, question.vectors, arguments.links, step)
            points[name], able[name] = sweep(
                built, question.queries, question.exact, arguments.recall
            )
        chosen |= _play_off(able, question.queries)
        for kernel, scan in scans.items():
            one = point(scan, "int8", question.queries, question.exact)
            chosen[f"tvbrain scan, {kernel}"] = Chosen(scan, one, table.seconds)
    fastest = next(iter(scans.values()))
    searches = {name: one.engine.search for name, one in chosen.items()}
    with _bar(arguments, f"{titles} titles: timing in turns") as progress:
        step = _counter(progress, arguments.rounds)
        times = measure(
            {**searches, FLOOR: fastest.floor}, question.queries, arguments.rounds, step
        )
    figures = _figures(question, chosen, times)
    figures += _sweep_figures(titles, points, chosen)
    figures += _bounds(table, fastest, next(iter(kernels.values())), times[FLOOR])
    figures += _verdict(titles, chosen, times, arguments.recall)
    for scan in scans.values():
        scan.close()
    return figures


def _play_off(able: Mapping[str, Sequence[Chosen]], queries: Float32s) -> dict[str, Chosen]:
    """By library the fastest of its graphs that find enough, timed in turns."""
    entered = {(name, one.point.setting): one for name, list_ in able.items() for one in list_}
    searches = {str(key): one.engine.search for key, one in entered.items()}
    times = measure(searches, queries, PLAY_OFF_ROUNDS, lambda: None)
    best: dict[str, tuple[float, Chosen]] = {}
    for (name, setting), one in entered.items():
        took = times[str((name, setting))].p50
        if name not in best or took < best[name][0]:
            best[name] = took, one
    return {name: one for name, (_, one) in best.items()}


def _counter(progress: Progress | None, total: int) -> Callable[[], None]:
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, total)

    if progress is not None:
        progress(0, total)
    return step


def _figures(
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


def _sweep_figures(
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


def _bounds(table: ours.Table, fastest: Engine, native: CDLL, floor: Times) -> list[Figure]:
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


def _verdict(
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
