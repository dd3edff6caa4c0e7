"""`tvbrain bench quality`: how good the recommendations are, beside the usual models (docs/quality.md)."""

from __future__ import annotations

import argparse
import json
import math
import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from tvbrain.cli import exits, output
from tvbrain.cli.bench import programs, quality_page
from tvbrain.cli.output import Figure, Progress, Value
from tvbrain.errors import InvalidArgumentError, MissingFileError

if TYPE_CHECKING:
    from tvbrain.embed.embedder import Embedder
    from tvbrain.quality.run import Table
    from tvbrain.quality.world import World

MOVIELENS = "ml-latest-small"
MODEL = Path("models", "minilm-l6-v2-int8")
COMPARED = ("ndcg@10", "recall@20", "hr@10", "mrr@20")
CONTROL_SEED = 7
Bar = Callable[[str], AbstractContextManager[Progress]]


def add_options(bench: argparse.ArgumentParser) -> None:
    add = bench.add_argument
    add("--protocol", choices=("a", "b"), help="a: unseen people, b: one cut in time (both)")
    add("--users", type=float, default=1.0, metavar="SHARE", help="of the people tested (1)")
    add("--folds", type=int, default=5, metavar="N", help="of protocol a (5)")
    add("--seed", type=int, default=0, metavar="N", help="of the folds, iALS and the bootstrap (0)")
    data = Path("..", "shared", "data")
    add("--data", type=Path, default=data, metavar="DIR", help=f"holds {MOVIELENS}/ ({data})")
    add("--model", type=Path, metavar="DIR", help=f"MiniLM (TVBRAIN_MODEL, or {MODEL} beside --data)")
    add("--no-vectors", action="store_true", help="packs without vectors, and no MiniLM row")
    add("--read", type=Path, metavar="FILE", help="the JSON of an earlier run, instead of running")
    add("--page", type=Path, metavar="FILE", help="write the tables into this page, between its marks")
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
    folder = arguments.data / MOVIELENS
    if not (folder / "ratings.csv").is_file():
        raise MissingFileError(f"{folder / 'ratings.csv'}: not there; --data names the folder above it")
    if not 0 < arguments.users <= 1:
        raise InvalidArgumentError(f"--users: {arguments.users} is not above 0 and at most 1")
    silent: Bar = lambda text: nullcontext(lambda done, total: None)  # noqa: E731
    bar = silent if arguments.json else output.progress
    began = time.monotonic()
    tables = _measure(arguments, folder, bar)
    seconds = round(time.monotonic() - began, 1)
    figures = [figure for table in tables for figure in _figures(table, arguments.seed)]
    figures.append(Figure("run", seconds, "s", 1, {"cores": len(os.sched_getaffinity(0))}))
    return output.figures_json(programs.command_line(arguments.words), figures)


def _measure(arguments: argparse.Namespace, folder: Path, bar: Bar) -> list[Table]:
    from tvbrain.embed.cache import default_cache_dir
    from tvbrain.quality import split, world
    from tvbrain.quality.run import evaluate

    with bar("reading and embedding titles") as progress:
        all_of_it = world.read(
            folder, _embedder(arguments), cache_dir=default_cache_dir(), progress=progress
        )
    count, tables = len(all_of_it.titles), list["Table"]()
    if arguments.protocol in (None, "a"):
        folds = split.unseen_people(
            all_of_it.people, count, folds=arguments.folds, seed=arguments.seed
        )
        chosen = split.fraction(folds, arguments.users)
        name = f"MovieLens latest-small, unseen people, {arguments.folds} folds, seed {arguments.seed}"
        with bar("protocol a") as progress:
            tables += evaluate(
                *("a", name, chosen, all_of_it, progress),
                with_low=(False, True),
                seed=arguments.seed,
            )
    if arguments.protocol in (None, "b"):
        cut = split.one_cut(all_of_it.people, count)
        name = f"MovieLens latest-small, {cut.name}"
        chosen = split.fraction([cut], arguments.users)
        with bar("protocol b") as progress:
            tables += evaluate("b", name, chosen, all_of_it, progress, seed=arguments.seed)
    return [*tables, *_control(arguments, all_of_it, bar)]


def _control(arguments: argparse.Namespace, all_of_it: World, bar: Bar) -> list[Table]:
    """Protocol (a) on people whose titles were drawn at random."""
    from tvbrain.quality import split, world
    from tvbrain.quality.run import evaluate

    count = len(all_of_it.titles)
    people = world.shuffled(all_of_it.people, count, seed=CONTROL_SEED)
    folds = split.unseen_people(people, count, folds=arguments.folds, seed=arguments.seed)
    chosen = split.fraction(folds, arguments.users)
    name = (
        "MovieLens latest-small, every third person, titles drawn at random, unseen people, "
        f"{arguments.folds} folds, seed {arguments.seed}"
    )
    with bar("negative control") as progress:
        return evaluate("control", name, chosen, all_of_it, progress, seed=arguments.seed)


def _embedder(arguments: argparse.Namespace) -> Embedder | None:
    """What was named, or else what is there."""
    if arguments.no_vectors:
        return None
    from tvbrain.embed.minilm import MiniLM

    named = arguments.model or os.environ.get("TVBRAIN_MODEL")
    folder = Path(named) if named else arguments.data.parent / MODEL
    if not named and not folder.is_dir():
        output.note(f"no MiniLM in {folder}: packs without vectors, and no MiniLM row")
        return None
    return MiniLM(folder)


def _figures(table: Table, seed: int) -> list[Figure]:
    """A figure for each model and metric, with the interval against the reference where that means something."""
    import numpy as np

    from tvbrain.quality.compare import interval, paired
    from tvbrain.quality.run import PEERS, REFERENCE, SHIPPED

    common: dict[str, Value] = {
        "protocol": table.protocol,
        "split": table.split,
        "low_ratings": table.with_low,
    }
    figures = []
    for model, values in table.values.items():
        given: dict[str, Value] = {**common, "model": model}
        for metric, people in values.items():
            some = people[~np.isnan(people)]
            more: dict[str, Value] = {}
            if metric in COMPARED and model != REFERENCE:
                gap = paired(people, table.values[REFERENCE][metric], seed=seed)
                more = {
                    "against": REFERENCE,
                    "difference": round(gap.mean, 4),
                    "low95": round(gap.low, 4),
                    "high95": round(gap.high, 4),
                    "ratio": None if math.isnan(gap.ratio) else round(gap.ratio, 3),
                }
            if table.protocol == "control" and metric == "ndcg@10":
                low, high = interval(some, seed=seed)
                more |= {"own_low95": round(low, 5), "own_high95": round(high, 5)}
            value = round(float(some.mean()), 5) if len(some) else None
            figures.append(Figure(metric, value, _UNITS.get(metric, ""), len(some), {**given, **more}))
        coverage = round(table.coverage[model], 4)
        figures.append(Figure("coverage", coverage, "", table.n, {**given, "titles": table.titles}))
    figures += [
        Figure("skipped", reason, "", 0, {**common, "model": model})
        for model, reason in table.skipped.items()
    ]
    means = {peer: table.values[peer]["ndcg@10"].mean() for peer in PEERS if peer in table.values}
    best = max(means, key=lambda peer: float(means[peer]))
    gap = paired(table.values[SHIPPED]["ndcg@10"], table.values[best]["ndcg@10"], seed=seed)
    given = {**common, "peer": best, "low95": round(gap.low, 4), "high95": round(gap.high, 4)}
    figures.append(Figure("shipped.to_best_peer.ndcg@10", round(gap.mean, 4), "", table.n, given))
    figures.append(Figure("chance.ndcg@10", round(table.chance, 5), "", table.n, common))
    figures.append(Figure("ranking.proven", round(table.proven, 3), "", table.n, common))
    figures += [
        Figure(f"{name}.bytes", size, "B", 1, {**common, "titles": table.titles})
        for name, size in table.pack.items()
    ]
    return figures


_UNITS = {"novelty": "bit", "calibration": "nat"}
