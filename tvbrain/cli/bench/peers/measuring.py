"""A run: build, sweep, choose, time in turns, and say it."""

from __future__ import annotations

import argparse
import importlib.util
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from ctypes import CDLL
from pathlib import Path

from tvbrain.cli import exits, output
from tvbrain.cli.bench import programs
from tvbrain.cli.bench.peers import ours, tables
from tvbrain.cli.bench.peers.engine import Float32s, K
from tvbrain.cli.bench.peers.engines import EXACT, LIBRARIES
from tvbrain.cli.bench.peers.figures import Question, bounds, of_engines, of_sweeps, verdict
from tvbrain.cli.bench.peers.rounds import measure
from tvbrain.cli.bench.peers.sweep import Chosen, Point, build_each, point, sweep
from tvbrain.cli.bench.peers.vectors import vectors_of
from tvbrain.cli.output import Figure, Progress

FLOOR = "floor"
PLAY_OFF_ROUNDS = 20


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
    figures = of_engines(question, chosen, times)
    figures += of_sweeps(titles, points, chosen)
    figures += bounds(table, fastest, next(iter(kernels.values())), times[FLOOR])
    figures += verdict(titles, chosen, times, arguments.recall)
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
