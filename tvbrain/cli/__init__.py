"""The command line. A new command is a new module here with `register(subparsers)`.

    def register(subparsers: Subparsers) -> None:
        parser = subparsers.add_parser("name", help="…", description=__doc__)
        parser.add_argument(…)
        parser.set_defaults(run=run)

    def run(arguments: argparse.Namespace) -> int:   # an exit code: tvbrain.cli.exits
        import what.is.heavy                          # at call time: --help stays quick

`run` lets errors pass; `main` prints a TvbrainError as one line and turns it into an exit code.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import tvbrain
from tvbrain.cli import exits
from tvbrain.errors import TvbrainError

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]


def build_parser() -> argparse.ArgumentParser:
    """The whole command line: every module of this package that has a `register`."""
    parser = argparse.ArgumentParser(
        prog="tvbrain",
        description=tvbrain.__doc__,
        epilog=exits.TABLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"tvbrain {tvbrain.__version__}")
    subparsers = parser.add_subparsers(title="commands", dest="command", metavar="COMMAND")
    for module in sorted(module.name for module in pkgutil.iter_modules(__path__)):
        register = getattr(importlib.import_module(f"{__name__}.{module}"), "register", None)
        if register is not None:
            register(subparsers)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = build_parser()
    words = tuple(sys.argv[1:] if argv is None else argv)
    arguments = parser.parse_args(words)
    arguments.words = words  # as given: figures name the command that made them
    if arguments.command is None:
        parser.print_help()
        return exits.USAGE
    try:
        code: int = arguments.run(arguments)
    except TvbrainError as error:
        sys.stderr.write(f"tvbrain {arguments.command}: {error}\n")
        return exits.of(error)
    except KeyboardInterrupt:
        return exits.INTERRUPTED
    except BrokenPipeError:  # the reader of our output has gone, as in `tvbrain … | head`
        sys.stdout = None  # nothing is left to flush at exit
        return exits.OK
    return code
