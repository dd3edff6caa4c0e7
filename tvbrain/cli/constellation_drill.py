"""`tvbrain drill constellation`: every push that was acknowledged is counted exactly once, whoever is killed."""

from __future__ import annotations

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path
from random import Random

from tvbrain.cli import exits, output
from tvbrain.cli.bench.programs import command_line
from tvbrain.cli.output import Figure
from tvbrain.errors import NotInstalledError


def run(
    wanted: int, back_end: str, seed: int, where: Path | None, arguments: argparse.Namespace
) -> int:
    """FAILED where a push is not in the sums exactly once."""
    try:
        from tvbrain.constellation.drill import kills
    except ImportError as error:
        raise NotInstalledError(
            f"{error.name} is missing: pip install 'tvbrain[constellation]'"
        ) from error
    with ExitStack() as stack:
        scratch = tempfile.TemporaryDirectory(prefix="tvbrain-kills-", dir=where)
        folder = Path(stack.enter_context(scratch))
        servers = None
        if back_end == kills.POSTGRES:
            servers = stack.enter_context(kills.servers(where))
        bodies = kills.bodies_for(folder, servers and servers[2], kills.PUSHES * wanted)
        stage = kills.together(folder, *servers) if servers else kills.alone(folder)
        with output.progress("killing") as step:
            found = kills.drill(stage, bodies, wanted, Random(seed), step)
    given: dict[str, output.Value] = {"back_end": back_end, "seed": seed}
    name = "constellation"
    figures = [
        Figure(f"{name}: kills", found.kills.total(), given=given),
        *(Figure(f"{name}: of {whom}", n) for whom, n in sorted(found.kills.items())),
        Figure(f"{name}: pushes", found.pushes),
        *(Figure(f"{name}: answered {said}", n) for said, n in sorted(found.answers.items())),
        Figure(f"{name}: not answered, sent again", found.unanswered),
        Figure(f"{name}: not counted", sum(times < 1 for times in found.wrong.values())),
        Figure(f"{name}: counted twice", sum(times > 1 for times in found.wrong.values())),
        Figure(f"{name}: seconds", found.seconds, "s"),
    ]
    output.print_figures(command_line(arguments.words), figures, as_json=arguments.json)
    for number, times in sorted(found.wrong.items()):
        output.note(f"push {number} counts {times} times")
    return exits.FAILED if found.wrong else exits.OK
