"""What `tvbrain bench quality` runs, one part after the other, each with its people and its time."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from tvbrain.cli import output
from tvbrain.cli.output import Progress

if TYPE_CHECKING:
    from tvbrain.embed.embedder import Embedder
    from tvbrain.quality.split import Split
    from tvbrain.quality.tables import Table
    from tvbrain.quality.workshop import Workshop

MOVIELENS = "ml-latest-small"
MODEL = Path("models", "minilm-l6-v2-int8")
NAME = "MovieLens latest-small"
PARTS = {
    "a": "unseen people",
    "b": "one cut in time",
    "control": "titles drawn at random",
    "cold": "titles that nobody has watched",
    "households": "two people, one profile",
    "terms": "what each term is worth",
}
NESTED = "settings chosen on training people"
CONTROL_SEED = 7
COLD_SEEDS = (0, 1, 2)
COUPLES = 120
"""Households of the whole run."""

Bar = Callable[[str], AbstractContextManager[Progress]]
Part = Callable[["Sweep", Progress], "list[Table]"]


class Sweep:
    """One run: what was asked for, and the people it is about."""

    def __init__(self, arguments: argparse.Namespace, shop: Workshop) -> None:
        from tvbrain.quality import split

        self.shop = shop
        self.seed: int = arguments.seed
        self.users: float = arguments.users
        self.folds: int = arguments.folds
        self.titles = len(shop.world.titles)
        self.all_unseen = split.unseen_people(
            shop.world.people, self.titles, folds=self.folds, seed=self.seed
        )
        self.unseen = split.fraction(self.all_unseen, self.users)
        self.unseen_name = f"{NAME}, unseen people, {self.folds} folds, seed {self.seed}"


def measure(arguments: argparse.Namespace, bar: Bar) -> tuple[list[Table], dict[str, float]]:
    """Every table, and the seconds that each part took."""
    from tvbrain.embed.cache import default_cache_dir
    from tvbrain.quality import world
    from tvbrain.quality.workshop import workshop

    seconds: dict[str, float] = {}
    tables: list[Table] = []
    began = time.monotonic()
    with bar("reading and embedding titles") as progress:
        folder, embedder = arguments.data / MOVIELENS, _embedder(arguments)
        all_of_it = world.read(folder, embedder, cache_dir=default_cache_dir(), progress=progress)
    seconds["reading"] = round(time.monotonic() - began, 1)
    with workshop(all_of_it) as shop:
        sweep = Sweep(arguments, shop)
        for name, part in _asked_for(arguments, sweep):
            began = time.monotonic()
            with bar(PARTS.get(name, NESTED)) as progress:
                tables += part(sweep, progress)
            seconds[name] = round(time.monotonic() - began, 1)
    return tables, seconds


def _asked_for(arguments: argparse.Namespace, sweep: Sweep) -> Iterator[tuple[str, Part]]:
    """All, or the one that was named; the control goes with protocol (a), nested folds if they are asked for."""
    parts: dict[str, Part] = {
        "a": _unseen,
        "b": _cut,
        "control": _control,
        "cold": _cold,
        "households": _households,
        "terms": _terms,
    }
    for name, part in parts.items():
        wanted = {None, "a"} if name == "control" else {None}
        if arguments.protocol not in {*wanted, name}:
            continue
        if name == "cold" and sweep.shop.world.plain is None:
            output.note("no vectors: titles that nobody has watched are not ranked")
            continue
        yield name, part
    if arguments.nested:
        yield "nested", _nested


def _unseen(sweep: Sweep, progress: Progress) -> list[Table]:
    from tvbrain.quality.run import evaluate

    of_all = ("a", sweep.unseen_name, sweep.unseen, sweep.shop, progress)
    return evaluate(*of_all, with_low=(False, True), seed=sweep.seed)


def _cut(sweep: Sweep, progress: Progress) -> list[Table]:
    from tvbrain.quality import split
    from tvbrain.quality.run import evaluate

    cut = split.one_cut(sweep.shop.world.people, sweep.titles)
    chosen = split.fraction([cut], sweep.users)
    return evaluate("b", f"{NAME}, {cut.name}", chosen, sweep.shop, progress, seed=sweep.seed)


def _control(sweep: Sweep, progress: Progress) -> list[Table]:
    """Protocol (a) on people whose titles were drawn at random."""
    from tvbrain.quality import split, world
    from tvbrain.quality.run import evaluate

    people = world.shuffled(sweep.shop.world.people, sweep.titles, seed=CONTROL_SEED)
    folds = split.unseen_people(people, sweep.titles, folds=sweep.folds, seed=sweep.seed)
    chosen: Sequence[Split] = split.fraction(folds, sweep.users)
    name = (
        f"{NAME}, every third person, titles drawn at random, unseen people, {sweep.folds} folds, "
        f"seed {sweep.seed}"
    )
    return evaluate("control", name, chosen, sweep.shop, progress, seed=sweep.seed)


def _cold(sweep: Sweep, progress: Progress) -> list[Table]:
    from tvbrain.quality.cold import cold_titles

    name = f"{sweep.unseen_name}, a tenth of the titles held out, {len(COLD_SEEDS)} draws"
    return [cold_titles(name, sweep.unseen, sweep.shop, progress, seeds=COLD_SEEDS)]


def _households(sweep: Sweep, progress: Progress) -> list[Table]:
    from tvbrain.quality.households import household, pairs

    count = max(1, round(sweep.users * COUPLES))
    chosen = pairs(sweep.unseen, sweep.shop.world.genres, count)
    return [household(f"{sweep.unseen_name}, the least alike", chosen, sweep.shop, progress)]


def _terms(sweep: Sweep, progress: Progress) -> list[Table]:
    from tvbrain.quality.contribution import contribution

    return [contribution(sweep.unseen_name, sweep.unseen, sweep.shop, progress)]


def _nested(sweep: Sweep, progress: Progress) -> list[Table]:
    from tvbrain.quality.nested import nested

    held = {split.name: {one.number for one in split.people} for split in sweep.all_unseen}
    return [nested(sweep.unseen_name, sweep.unseen, held, sweep.shop, progress, seed=sweep.seed)]


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
