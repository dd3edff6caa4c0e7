"""An evening of a household and a child on the built-in catalogue: what is watched, shown and changed, and why."""

from __future__ import annotations

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from tvbrain.cli import exits, output
from tvbrain.errors import InvalidArgumentError

if TYPE_CHECKING:
    from tvbrain.cli import Subparsers


def register(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "demo", help="an evening for two profiles, with reasons", description=__doc__
    )
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="keep the data directory here; it must be new"
    )
    parser.add_argument(
        "--calls", type=int, default=1000, metavar="N", help="calls to measure (default 1000)"
    )
    output.add_json_option(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit code FAILED if a child's slate had a title above its age."""
    from tvbrain.cli.demo import evening, screens

    if arguments.calls < 1:
        raise InvalidArgumentError(f"--calls: {arguments.calls} is not at least 1")
    if arguments.data is not None and arguments.data.exists() and any(arguments.data.iterdir()):
        raise InvalidArgumentError(
            f"--data: {arguments.data} is not empty: the evening is a first one"
        )
    console = None if arguments.json else output.console()
    with ExitStack() as stack:
        scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="tvbrain-demo-"))
        spent = evening.play(arguments.data or Path(scratch, "tv"), calls=arguments.calls)
    if console is None:
        output.print_json(screens.as_json(spent))
    else:
        screens.show(spent, console, kept=arguments.data)
    return exits.FAILED if spent.above_age else exits.OK
