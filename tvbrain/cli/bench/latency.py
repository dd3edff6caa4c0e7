"""`tvbrain bench latency`: bench/latency.c on a scratch directory."""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

from tvbrain.cli import exits, output
from tvbrain.cli.bench import programs
from tvbrain.errors import InvalidArgumentError


def run(arguments: argparse.Namespace) -> int:
    if arguments.calls < 1:
        raise InvalidArgumentError(f"--calls: {arguments.calls} is not at least 1")
    pack = programs.pack_of(arguments)
    with tempfile.TemporaryDirectory(prefix="tvbrain-bench-") as scratch:
        words = ["-n", str(arguments.calls), *programs.cpu_words(arguments)]
        words += ["-f"] if arguments.realtime else []
        answer = programs.run(
            "latency",
            [*words, pack, Path(scratch, "tv")],
            bar="" if arguments.json else "latency",
        )
    load = {"load_average": round(os.getloadavg()[0], 2)}
    common = {**answer.common, **load, **programs.quality(pack)}
    if arguments.json:
        return programs.finish(arguments, common, answer.figures)
    rows: dict[str, list[str]] = {}
    for figure in answer.figures:
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
    return exits.OK
