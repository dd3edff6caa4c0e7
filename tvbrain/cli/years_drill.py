"""`tvbrain drill years` and `changes`: what a simulated life of years has to show."""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from pathlib import Path

from tvbrain.cli import exits, output
from tvbrain.cli.bench.programs import command_line
from tvbrain.cli.threads import compute_on_one

EVERY = 3
"""Of `changes`: somebody is at home on every so-manieth day, and daily around a change."""


def run(arguments: argparse.Namespace) -> int:
    """FAILED where a bar is missed; the life is kept then."""
    compute_on_one()
    from tvbrain.pack import demo_pack_path
    from tvbrain.simulation import years
    from tvbrain.simulation.changes import moments, sparsely
    from tvbrain.simulation.place import in_memory
    from tvbrain.simulation.rules.household import CHANGES
    from tvbrain.simulation.run import DAYS_A_YEAR, simulate

    name, whole = arguments.part, arguments.part == "years"
    days = round(arguments.years * DAYS_A_YEAR)
    place = Path(tempfile.mkdtemp(prefix=f"tvbrain-{name}-", dir=arguments.folder or in_memory()))
    begun = time.monotonic()
    with output.progress(f"{days} days") as tell:
        report = simulate(
            place,
            demo_pack_path(),
            days=days,
            seed=arguments.seed,
            changes=CHANGES,
            lived=(lambda day: True) if whole else sparsely(CHANGES, EVERY, EVERY),
            alone=whole,
            noted=moments(CHANGES),
            progress=tell,
        )
    given: dict[str, output.Value] = {"years": arguments.years, "seed": arguments.seed}
    figures = [
        output.Figure(f"{name}: seconds", time.monotonic() - begun, "s", given=given),
        output.Figure(f"{name}: events", report.events),
        output.Figure(f"{name}: brain opened", report.opened),
        output.Figure(f"{name}: digest", report.digest),
    ]
    bars = years.findings(report) if whole else years.changes_seen(report)
    for bar in bars:
        against: dict[str, output.Value] = {"bar": bar.bar, "kept": bar.kept}
        figures.append(output.Figure(f"{name}: {bar.name}", bar.found, given=against))
    output.print_figures(command_line(arguments.words), figures, as_json=arguments.json)
    kept = all(bar.kept for bar in bars)
    if kept:
        shutil.rmtree(place)
    return exits.OK if kept else exits.FAILED
