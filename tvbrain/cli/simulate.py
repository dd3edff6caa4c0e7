"""Let a household live for years before a set, on a virtual clock, and report what became of its memory.

People, their days and their tastes are rules (docs/simulation.md); titles are a pack's. Everything goes through the
journal and the loops as on a real set, with standby, power cuts and wrong clocks. The same seed gives the same digest.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from contextlib import ExitStack, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from tvbrain.cli import exits, output
from tvbrain.cli.bench.programs import command_line
from tvbrain.cli.threads import compute_on_one

if TYPE_CHECKING:
    from tvbrain.cli import Subparsers
    from tvbrain.simulation.run import Report

DAYS_A_YEAR = 365


def register(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "simulate", help="let a household live for years", description=__doc__
    )
    parser.add_argument("--years", type=float, default=1.0, help="of life (1)")
    parser.add_argument("--days", type=int, help="of life, instead of years")
    parser.add_argument("--seed", type=int, default=1, help="of people and mishaps (1)")
    parser.add_argument(
        "--pack", type=Path, help="whose titles are watched; the demo's if left out"
    )
    parser.add_argument(
        "--change",
        action="append",
        metavar="NAME=YEAR",
        help="a planted change: children=4 and split=7 unless given; NAME=never leaves one out",
    )
    parser.add_argument(
        "--folder", type=Path, help="keep the data directory here; else a temporary one, in memory"
    )
    parser.add_argument("--report", type=Path, metavar="FOLDER", help="write plots here")
    output.add_json_option(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit code FAILED if a long loop ran more or less often than its rule says."""
    compute_on_one()
    from tvbrain.pack import demo_pack_path
    from tvbrain.simulation.place import in_memory
    from tvbrain.simulation.run import simulate

    days = arguments.days or round(arguments.years * DAYS_A_YEAR)
    with ExitStack() as stack:
        folder = arguments.folder or Path(
            stack.enter_context(
                tempfile.TemporaryDirectory(prefix="tvbrain-life-", dir=in_memory())
            )
        )
        folder.mkdir(parents=True, exist_ok=True)
        tell = stack.enter_context(
            nullcontext(lambda done, total: None)
            if arguments.json
            else output.progress(f"{days} days")
        )
        begun = time.monotonic()
        report = simulate(
            folder,
            arguments.pack or demo_pack_path(),
            days=days,
            seed=arguments.seed,
            changes=changes_of(arguments.change or []),
            progress=tell,
        )
        seconds = time.monotonic() - begun
    figures = figures_of(report, seconds)
    output.print_figures(command_line(arguments.words), figures, as_json=arguments.json)
    if arguments.report is not None:
        from tvbrain.cli.simulate_plots import draw_life

        draw_life(arguments.report, report)
    return exits.OK if kept_time(report) else exits.FAILED


def changes_of(given: list[str]) -> dict[str, float]:
    """The planted changes and their years; InvalidArgumentError names what cannot be used."""
    from tvbrain.errors import InvalidArgumentError
    from tvbrain.simulation.rules.household import CHANGES

    changes = dict(CHANGES)
    for one in given:
        name, _, year = one.partition("=")
        if name not in CHANGES:
            raise InvalidArgumentError(f"--change: {name!r} is none of {', '.join(CHANGES)}")
        try:
            changes[name] = float("inf") if year == "never" else float(year)
        except ValueError:
            raise InvalidArgumentError(f"--change {name}: {year!r} is no year") from None
    return changes


def kept_time(report: Report) -> bool:
    """Whether every long loop ran as often as its rule says."""
    return all(report.runs[name] == count for name, count in report.due.items())


def figures_of(report: Report, seconds: float) -> list[output.Figure]:
    """What a life came to."""
    last = report.entries[-1]
    given: dict[str, output.Value] = {"days": report.days, "seed": report.seed}
    figures = [
        output.Figure("life.seconds_a_year", seconds / report.days * DAYS_A_YEAR, "s", 1, given),
        output.Figure("life.events_a_day", report.events / report.days, "events", report.days),
        output.Figure("life.brain_opened", report.opened),
        output.Figure("life.database", last.database, "B"),
        output.Figure("life.resident", last.resident, "B"),
        output.Figure("life.written_a_day", last.written_a_day, "B/day"),
        output.Figure("life.digest", report.digest),
    ]
    for name, count in report.runs.items():
        rule: dict[str, output.Value] = (
            {"by_rule": report.due.get(name, 0)} if name in report.due else {}
        )
        figures.append(output.Figure(f"life.runs.{name}", count, given=rule))
    figures += [output.Figure(f"life.tier.{tier}", n) for tier, n in sorted(last.tiers.items())]
    return figures
