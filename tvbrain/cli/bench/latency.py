"""`tvbrain bench latency`: bench/tvb_bench.c on a scratch directory, and again once much was learned there."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tvbrain.cli import exits, output
from tvbrain.cli.bench import programs
from tvbrain.cli.bench.programs import Answer
from tvbrain.cli.output import Figure, Value
from tvbrain.errors import InvalidArgumentError

OVER_BUDGET = 3
"""tvb_bench's exit code where a call took longer than the budget."""


def add_options(bench: argparse.ArgumentParser) -> None:
    """What of tvb_bench's own options can be asked here."""
    add = bench.add_argument
    budget = "of p99.9 of warm and p99 of cold calls, else exit code 1 (15)"
    add("--budget", type=float, default=15.0, metavar="MS", help=budget)
    evicted = "calls of each kind after the processor's caches were evicted (100)"
    add("--evicted", type=int, default=100, metavar="N", help=evicted)
    opens = "opens from the storage device, for each kind of first call (10)"
    add("--opens", type=int, default=10, metavar="N", help=opens)


def run(arguments: argparse.Namespace) -> int:
    if arguments.calls < 1:
        raise InvalidArgumentError(f"--calls: {arguments.calls} is not at least 1")
    pack = programs.pack_of(arguments)
    with tempfile.TemporaryDirectory(prefix="tvbrain-bench-") as scratch:
        folder = Path(scratch, "tv")
        words = ["--json", "-n", str(arguments.calls), *programs.cpu_words(arguments)]
        words += ["--budget", str(arguments.budget), *(["-f"] if arguments.realtime else [])]
        cold = ["--evicted", str(arguments.evicted), "--opens", str(arguments.opens)]
        answer = _measured([*words, *cold, pack, folder], "latency", arguments)
        from tvbrain.cli.bench import learned  # numpy and the core, not for --help

        learned.learn(folder, pack)
        after = _measured(["--learned", *words, pack, folder], "with what was learned", arguments)
    answer = _together(answer, after)
    load = {"load_average": round(os.getloadavg()[0], 2)}
    common = {**answer.common, **load, **programs.quality(pack)}
    if arguments.json:
        programs.finish(arguments, common, answer.figures, answer.more)
    else:
        _print_table(arguments, common, answer.figures)
    over = _list(answer.more["over_budget"])
    if over:
        output.note(f"over the budget of {arguments.budget:g} ms: {', '.join(map(str, over))}")
    return exits.FAILED if over else exits.OK


def _measured(words: Sequence[str | Path], bar: str, arguments: argparse.Namespace) -> Answer:
    bar = "" if arguments.json else bar
    return programs.run("tvb_bench", words, bar=bar, answers=(0, OVER_BUDGET))


def _together(first: Answer, then: Answer) -> Answer:
    """What both runs have in common is said of the first one."""
    lists = {
        name: [*_list(first.more[name]), *_list(then.more[name])]
        for name in ("histograms", "over_budget")
    }
    return Answer(first.common, (*first.figures, *then.figures), {**first.more, **lists})


def _list(value: object) -> list[object]:
    assert isinstance(value, list)
    return value


def _print_table(
    arguments: argparse.Namespace, common: Mapping[str, Value], figures: Sequence[Figure]
) -> None:
    rows: dict[str, list[str]] = {}
    for figure in figures:
        name, _, part = figure.name.rpartition(".")
        if part == "9":  # of p99.9
            name = name.rpartition(".")[0]
        row = rows.setdefault(name, [name])
        row.append(f"{figure.value:.4f}")
        if part == "max":
            given = [f"{key} {value}" for key, value in figure.given.items()]
            row += [str(figure.n), ", ".join(given)]
    columns = ["ms", "p50", "p99", "p99.9", "max", "n", "with"]
    output.print_table(programs.command_line(arguments.words), columns, list(rows.values()))
    output.print_line(", ".join(f"{name} {value}" for name, value in common.items()))
