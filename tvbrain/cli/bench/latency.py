"""`tvbrain bench latency`: bench/tvb_bench.c on a scratch directory."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tvbrain.cli import exits, output
from tvbrain.cli.bench import programs
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
        words = ["--json", "-n", str(arguments.calls), *programs.cpu_words(arguments)]
        for name in ("budget", "evicted", "opens"):
            words += [f"--{name}", str(getattr(arguments, name))]
        words += ["-f"] if arguments.realtime else []
        answer = programs.run(
            "tvb_bench",
            [*words, pack, Path(scratch, "tv")],
            bar="" if arguments.json else "latency",
            answers=(0, OVER_BUDGET),
        )
    load = {"load_average": round(os.getloadavg()[0], 2)}
    common = {**answer.common, **load, **programs.quality(pack)}
    if arguments.json:
        programs.finish(arguments, common, answer.figures, answer.more)
    else:
        _print_table(arguments, common, answer.figures)
    over = answer.more["over_budget"]
    assert isinstance(over, list)
    if over:
        output.note(f"over the budget of {arguments.budget:g} ms: {', '.join(over)}")
    return exits.FAILED if over else exits.OK


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
