"""Let real people's sets learn from each other for half a year, on one machine, and report what came of it.

People of MovieLens latest-small become sets on a virtual calendar (docs/sync.md, "The fleet"). `learn`: they tell a
real server over HTTP, through lost lines, repeated and reordered pushes, wrong clocks and hostile sets, and what it
learned is judged on people without a set. `attacks`: what hostile sets can do. `noise`: what privacy costs by size.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import tempfile
import time
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from tvbrain.cli import exits, output
from tvbrain.cli.bench.programs import command_line
from tvbrain.errors import InvalidArgumentError, MissingFileError

if TYPE_CHECKING:
    from tvbrain.cli import Subparsers
    from tvbrain.quality.world import World

PARTS = ("learn", "attacks", "noise")
TRANSPORTS = ("http", "in-process")
ATTACKS = ("promote 200", "promote 20", "promote 8", "promote 80 x 60", "scaled", "sign-flipped")
FOLDS = 5


def register(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "fleet", help="let many sets learn from each other", description=__doc__
    )
    add = parser.add_argument
    add("--data", type=Path, required=True, metavar="DIR", help="holds movies.csv and ratings.csv")
    add("--part", choices=PARTS, action="append", help="one of them alone; may be repeated")
    add("--transport", choices=TRANSPORTS, default="http", help="of learn (http)")
    add("--folds", type=int, default=FOLDS, metavar="N", help="the first N of the five (5)")
    add("--weeks", type=int, default=26, metavar="N", help="of the calendar (26)")
    add(
        "--hostile", type=float, default=0.0, metavar="SHARE", help="of sets (learn 0, attacks all)"
    )
    add("--attack", metavar="KIND", help="of attacks this alone: " + ", ".join(ATTACKS))
    add("--defended", action="store_true", help="of attacks those with defences alone")
    add("--sets", type=int, metavar="N", help="of attacks: so many, drawn from the people")
    add("--liked", type=int, metavar="N", help="of attacks: a title liked by N people (the median)")
    add("--seed", type=int, default=0, metavar="N", help="of mishaps, attacks and noise (0)")
    add("--report", type=Path, metavar="FOLDER", help="write plots here")
    output.add_json_option(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # many small products; other cores are busy
    if not (arguments.data / "ratings.csv").is_file():
        raise MissingFileError(f"{arguments.data / 'ratings.csv'}: not there")
    if arguments.attack not in (None, *ATTACKS):
        raise InvalidArgumentError(f"--attack is one of {', '.join(ATTACKS)}")
    if not 1 <= arguments.folds <= FOLDS or arguments.weeks < 1 or not 0 <= arguments.hostile < 1:
        raise InvalidArgumentError(
            "--folds is 1 to 5, --weeks at least 1, --hostile from 0 to below 1"
        )
    from tvbrain.quality import world

    known = world.read(arguments.data)
    begun, busy = time.monotonic(), time.process_time()
    figures = [
        figure
        for part in arguments.part or PARTS
        for figure in {"learn": _learn, "attacks": _attacks, "noise": _noise}[part](
            arguments, known
        )
    ]
    taken = {"processor_s": round(time.process_time() - busy, 1)}
    figures.append(output.Figure("run", round(time.monotonic() - begun, 1), "s", 1, taken))
    output.print_figures(command_line(arguments.words), figures, as_json=arguments.json)
    if arguments.report is not None:
        from tvbrain.cli.fleet_plots import draw_fleet

        draw_fleet(arguments.report, figures)
    return exits.OK


def _learn(arguments: argparse.Namespace, world: World) -> list[output.Figure]:
    from tvbrain.cli import fleet_figures
    from tvbrain.fleet import learning
    from tvbrain.quality.split import unseen_people

    judged = sorted(
        {week for week in (1, 2, 4, 8, 13) if week < arguments.weeks} | {arguments.weeks}
    )
    plan = learning.Plan(
        transport=arguments.transport,
        weeks=arguments.weeks,
        judged=tuple(judged),
        hostile=arguments.hostile,
        seed=arguments.seed,
        bucket_key=hashlib.sha256(f"buckets/{arguments.seed}".encode()).digest(),
    )
    found = []
    for split in unseen_people(world.people, len(world.titles))[: arguments.folds]:
        with (
            tempfile.TemporaryDirectory(prefix="tvbrain-fleet-") as folder,
            _bar(arguments, f"sets in weeks, {split.name}") as tell,
        ):
            found.append(learning.learn(split, world.titles, Path(folder), plan, tell))
    return fleet_figures.of_learning(found, arguments.transport)


def _attacks(arguments: argparse.Namespace, world: World) -> list[output.Figure]:
    from tvbrain.cli import fleet_figures
    from tvbrain.fleet.attacks import SHARES, Battlefield, Case, Harm
    from tvbrain.quality.split import unseen_people

    cases = [
        Case(kind, share, defended)
        for kind in ATTACKS
        for share in ((arguments.hostile,) if arguments.hostile else SHARES)
        for defended in (False, True)
        if arguments.attack in (None, kind) and (defended or not arguments.defended)
    ]
    found: dict[Case, list[Harm]] = {case: [] for case in cases}
    with _bar(arguments, "attacks") as tell:
        for at, split in enumerate(
            unseen_people(world.people, len(world.titles))[: arguments.folds]
        ):
            field = Battlefield(
                *(split, arguments.seed, arguments.weeks),
                size=arguments.sets,
                liked=arguments.liked,
            )
            for number, case in enumerate(cases):
                found[case].append(field.attack(case))
                tell(at * len(cases) + number + 1, arguments.folds * len(cases))
    return fleet_figures.of_attacks(found)


def _noise(arguments: argparse.Namespace, world: World) -> list[output.Figure]:
    from tvbrain.cli import fleet_figures
    from tvbrain.fleet.noise import EPSILONS, SIZES, Crowd
    from tvbrain.quality.split import unseen_people

    cases = [(size, epsilon) for size in SIZES for epsilon in (None, *EPSILONS)]
    found, popular = [], []
    with _bar(arguments, "noisy releases") as tell:
        for at, split in enumerate(
            unseen_people(world.people, len(world.titles))[: arguments.folds]
        ):
            crowd = Crowd(split, arguments.seed, arguments.weeks)
            popular.append(crowd.popular)
            for number, (size, epsilon) in enumerate(cases):
                found.append(crowd.release(size, epsilon))
                tell(at * len(cases) + number + 1, arguments.folds * len(cases))
    return fleet_figures.of_noise(found, popular)


def _bar(arguments: argparse.Namespace, text: str) -> AbstractContextManager[output.Progress]:
    return nullcontext(lambda done, total: None) if arguments.json else output.progress(text)
