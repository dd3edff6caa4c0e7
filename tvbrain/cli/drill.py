"""Kill processes, cut the power, fill the disk: is what was acknowledged kept, and gone what was forgotten?

`tuning`, `years` and `changes` are drills of learning, and run when they are named: planted tastes, a simulated life,
and a thinner one that is looked at for its planted changes alone. So are `idle`, five minutes in which nobody watches,
and `constellation`: its processes and servers killed while pushes come.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tvbrain.cli import exits, output, years_drill
from tvbrain.cli.bench.programs import command_line

if TYPE_CHECKING:
    from tvbrain.cli import Subparsers
    from tvbrain.health.drill.kill import Report
    from tvbrain.health.drill.stage import Tools

PARTS = ("kill", "power", "pair", "space", "erase")
NAMED = ("tuning", "years", "changes", "idle", "constellation")
"""Drills that are no part of all of them."""
COUNTS = {
    "kill": 500,
    "power": 400,
    "space": 100,
    "erase": 300,
    "tuning": 100,
    "constellation": 500,
}
VERDICTS = {
    (False, True): "nothing lost, nothing doubled",
    (False, False): "LOST OR DOUBLED",
    (True, True): "nothing left of what was forgotten",
    (True, False): "NOT FORGOTTEN",
}
"""By whether it is the drill of forgetting, and whether it found nothing."""

SECONDS = {"power": 30.0, "pair": 600.0, "idle": 300.0}


def register(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "drill", help="kill, cut the power, fill the disk", description=__doc__
    )
    parser.add_argument(
        "part", nargs="?", choices=(*PARTS, *NAMED), help="one drill; the first five if left out"
    )
    parser.add_argument(
        *("--count", "--kills"),
        type=int,
        metavar="N",
        help=f"kills, cuts, error cases, seeds: {COUNTS}",
    )
    parser.add_argument(
        "--back-end",
        choices=("sqlite", "postgres"),
        default="sqlite",
        help="of the constellation; postgres: with NATS (sqlite)",
    )
    parser.add_argument("--seconds", type=float, metavar="S", help=f"of work: {SECONDS}")
    parser.add_argument("--years", type=float, default=10.0, help="of simulated life (10)")
    parser.add_argument("--seed", type=int, default=1, help="of the events and of what goes wrong")
    parser.add_argument(
        "--learner", choices=("both", "with", "without"), default="both", help="kill and power"
    )
    parser.add_argument("--folder", type=Path, help="where to play, on the storage to be judged")
    parser.add_argument("--tools", type=Path, metavar="FOLDER", help="the drill's built programs")
    output.add_json_option(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit code FAILED if anything acknowledged is lost, doubled or not forgotten; what was found is kept then."""
    from tvbrain.health.drill.stage import Tools

    if arguments.part in NAMED:
        named = {
            "tuning": _tuning,
            "years": years_drill.run,
            "changes": years_drill.run,
            "idle": _idle,
            "constellation": _constellation,
        }
        return named[arguments.part](arguments)
    tools = Tools.find(arguments.tools)
    if arguments.folder is not None:
        arguments.folder.mkdir(parents=True, exist_ok=True)
    reports = []
    for part in [arguments.part] if arguments.part else PARTS:
        for learner in _learners(part, arguments.learner):
            reports.append(_play(part, tools, learner, arguments))
    figures = [figure for report in reports for figure in _figures(report)]
    output.print_figures(command_line(arguments.words), figures, as_json=arguments.json)
    for report in reports:
        for loss in report.losses:
            output.note(f"LOST ({report.drill}): {loss}")
        verdict = VERDICTS[report.drill == "erase", report.good]
        output.note(f"{report.drill}: {verdict}")
    return exits.OK if all(report.good for report in reports) else exits.FAILED


def _tuning(arguments: argparse.Namespace) -> int:
    from tvbrain.simulation import tuning_drill

    with output.progress("tuning") as tell:
        counts = tuning_drill.drill(
            arguments.count or COUNTS["tuning"], arguments.seed, progress=tell
        )
    given: dict[str, output.Value] = {"weeks": tuning_drill.WEEKS, "seed": arguments.seed}
    figures = [
        output.Figure(f"tuning: {what}", count, n=counts.seeds, given=given)
        for what, count in (
            ("misled by shuffled rewards", counts.misled),
            ("found a planted gain", counts.found),
            ("rolled a bad one back", counts.rolled_back),
        )
    ]
    output.print_figures(command_line(arguments.words), figures, as_json=arguments.json)
    return exits.OK if counts.good else exits.FAILED


def _idle(arguments: argparse.Namespace) -> int:
    from tvbrain.health.drill import idle

    place = Path(tempfile.mkdtemp(prefix="tvbrain-idle-", dir=arguments.folder))
    with output.progress("idle") as tell:
        report = idle.drill(place, seconds=arguments.seconds or SECONDS["idle"], progress=tell)
    figures = [output.Figure(f"idle: {what}", n) for what, n in report.figures.items()]
    output.print_figures(command_line(arguments.words), figures, as_json=arguments.json)
    for loss in report.losses:
        output.note(f"idle: {loss}")
    if report.good:
        shutil.rmtree(place)
    return exits.OK if report.good else exits.FAILED


def _constellation(arguments: argparse.Namespace) -> int:
    from tvbrain.cli import constellation_drill

    kills = arguments.count or COUNTS["constellation"]
    return constellation_drill.run(
        kills, arguments.back_end, arguments.seed, arguments.folder, arguments
    )


def _learners(part: str, wanted: str) -> list[bool]:
    if part not in ("kill", "power"):
        return [part == "pair"]
    return {"both": [False, True], "with": [True], "without": [False]}[wanted]


def _play(part: str, tools: Tools, learner: bool, arguments: argparse.Namespace) -> Report:
    from tvbrain.health.drill import kill, pair, power, space
    from tvbrain.simulation.forgetting import drill as erase

    place = Path(tempfile.mkdtemp(prefix=f"tvbrain-{part}-", dir=arguments.folder))
    count = arguments.count or COUNTS.get(part, 0)
    seconds = arguments.seconds or SECONDS.get(part, 0.0)
    seed = arguments.seed
    with output.progress(f"{part}{' with learner' * learner}") as tell:
        if part == "kill":
            report = kill.drill(
                tools, place, count=count, seed=seed, learner=learner, progress=tell
            )
        elif part == "power":
            report = power.drill(
                tools,
                place,
                count=count,
                seed=seed,
                seconds=seconds,
                learner=learner,
                progress=tell,
            )
        elif part == "pair":
            report = pair.drill(tools, place, seconds=seconds, seed=seed, progress=tell)
        elif part == "erase":
            report = erase.drill(tools, place, count=count, seed=seed, progress=tell)
        else:
            report = space.drill(tools, place, count=count, seed=seed, progress=tell)
    if report.good:
        shutil.rmtree(place)
    return report


def _figures(report: Report) -> list[output.Figure]:
    name = report.drill
    given = {"seed": report.seed}
    shown = [
        output.Figure(f"{name}: runs", report.runs, given=given),
        output.Figure(f"{name}: events acknowledged", report.acknowledged),
        output.Figure(f"{name}: losses", len(report.losses)),
    ]
    shown += [output.Figure(f"{name}: at {at}", n) for at, n in sorted(report.kills.items())]
    shown += [output.Figure(f"{name}: {what}", n) for what, n in report.figures.items()]
    return shown
