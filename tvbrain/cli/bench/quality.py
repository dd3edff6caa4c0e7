"""`tvbrain bench quality`: how good the recommendations are, beside the usual models (docs/quality.md)."""

from __future__ import annotations

import argparse
import json
import os
import time
from contextlib import nullcontext
from pathlib import Path

from tvbrain.cli import exits, output
from tvbrain.cli.bench import programs, quality_figures, quality_page, quality_parts
from tvbrain.cli.bench.quality_parts import MOVIELENS, Bar
from tvbrain.cli.output import Figure
from tvbrain.errors import InvalidArgumentError, MissingFileError


def add_options(bench: argparse.ArgumentParser) -> None:
    add = bench.add_argument
    kinds = ", ".join(f"{name}: {what}" for name, what in quality_parts.PARTS.items())
    add("--protocol", choices=tuple(quality_parts.PARTS), help=f"one of them alone ({kinds})")
    add("--nested", action="store_true", help=f"also {quality_parts.NESTED}")
    add("--users", type=float, default=1.0, metavar="SHARE", help="of the people tested (1)")
    add("--folds", type=int, default=5, metavar="N", help="of unseen people (5)")
    add("--seed", type=int, default=0, metavar="N", help="of the folds, iALS and the bootstrap (0)")
    data = Path("..", "shared", "data")
    add("--data", type=Path, default=data, metavar="DIR", help=f"holds {MOVIELENS}/ ({data})")
    model = quality_parts.MODEL
    add(
        "--model",
        type=Path,
        metavar="DIR",
        help=f"MiniLM (TVBRAIN_MODEL, or {model} beside --data)",
    )
    add("--no-vectors", action="store_true", help="packs without vectors, and no MiniLM row")
    add("--read", type=Path, metavar="FILE", help="the JSON of an earlier run, instead of running")
    page = "write the tables into this page, between its marks, and plots into a folder beside it"
    add("--page", type=Path, metavar="FILE", help=page)
    output.add_json_option(bench)


def run(arguments: argparse.Namespace) -> int:
    answer = _read(arguments.read) if arguments.read else _measured(arguments)
    if arguments.page is not None:
        quality_page.write(arguments.page, answer)
    if arguments.json:
        output.print_json(answer)
        return exits.OK
    for title, columns, rows in quality_page.tables(answer):
        output.print_table(title, columns, rows)
    output.print_line(str(answer["command"]))
    return exits.OK


def _read(file: Path) -> dict[str, object]:
    try:
        answer = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise MissingFileError(f"{file}: no such file") from error
    except ValueError as error:
        raise InvalidArgumentError(f"--read: {file.name}: {error}") from error
    if not isinstance(answer, dict) or not {"machine", "command", "figures"} <= set(answer):
        raise InvalidArgumentError(f"--read: {file.name} is no run of a bench")
    return answer


def _measured(arguments: argparse.Namespace) -> dict[str, object]:
    # One thread: the work is many small products, and other cores may be busy.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    ratings = arguments.data / MOVIELENS / "ratings.csv"
    if not ratings.is_file():
        raise MissingFileError(f"{ratings}: not there; --data names the folder above it")
    if not 0 < arguments.users <= 1:
        raise InvalidArgumentError(f"--users: {arguments.users} is not above 0 and at most 1")
    silent: Bar = lambda text: nullcontext(lambda done, total: None)  # noqa: E731
    bar = silent if arguments.json else output.progress
    began, busy = time.monotonic(), time.process_time()
    tables, seconds = quality_parts.measure(arguments, bar)
    figures = [figure for table in tables for figure in quality_figures.of(table, arguments.seed)]
    cores = len(os.sched_getaffinity(0))
    figures += [Figure("run.part", took, "s", 1, {"part": part}) for part, took in seconds.items()]
    processor = {"cores": cores, "processor_s": round(time.process_time() - busy, 1)}
    figures.append(Figure("run", round(time.monotonic() - began, 1), "s", 1, processor))
    return output.figures_json(programs.command_line(arguments.words), figures)
