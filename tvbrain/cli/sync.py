"""What a set and its constellation have to do with each other (docs/sync.md).

`enrol` makes the set one of a tenant's, with a token of its operator. `status` shows what is known and what waits.
`now` tells and asks at once what would be told and asked in the next minutes. Nothing leaves the set
until a profile has consented.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from tvbrain.cli import exits, output

if TYPE_CHECKING:
    from tvbrain.brain.syncing import Syncing
    from tvbrain.cli import Subparsers


def register(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "sync", help="what this set tells a constellation and takes from it", description=__doc__
    )
    commands = parser.add_subparsers(dest="sync", metavar="COMMAND", required=True)
    enrol = commands.add_parser("enrol", help="become one of a tenant's sets")
    enrol.add_argument("--url", help="of the constellation; else the configuration's")
    enrol.add_argument("--tenant", required=True, metavar="NAME")
    enrol.add_argument("--token", required=True, help="from the operator")
    enrol.set_defaults(run=run_enrol)
    status = commands.add_parser("status", help="what is known, and what waits")
    status.set_defaults(run=run_status)
    now = commands.add_parser("now", help="push and pull at once")
    now.set_defaults(run=run_now)
    for command in (enrol, status, now):
        command.add_argument("--data", type=Path, metavar="DIR", help="the data directory")
        command.add_argument(
            "--pack", type=Path, metavar="FILE", help="the factory pack; else the demo's"
        )
        output.add_json_option(command)


@contextmanager
def _opened(arguments: argparse.Namespace) -> Iterator[tuple[Syncing, str]]:
    """The set's side, and the configured URL. BusyError while another process learns there."""
    from tvbrain.brain.plane import LearningPlane
    from tvbrain.brain.syncing import Syncing
    from tvbrain.clock import SystemClock
    from tvbrain.config import Config
    from tvbrain.pack import demo_pack_path

    config = Config.load(data_dir=arguments.data)
    factory = arguments.pack or demo_pack_path()
    clock = SystemClock()
    plane = LearningPlane(config.data_dir, factory, clock, log=output.note)
    try:
        syncing = Syncing(plane, config.data_dir, factory, clock, interval=config.sync_interval)
        yield syncing, config.constellation_url or ""
    finally:
        plane.close()


def run_enrol(arguments: argparse.Namespace) -> int:
    """Exit code FAILED if the constellation cannot be reached or refuses."""
    from tvbrain.errors import InvalidArgumentError

    with _opened(arguments) as (syncing, configured):
        url = arguments.url or configured
        if not url:
            raise InvalidArgumentError("--url: no constellation is configured")
        syncing.enrol(url, arguments.tenant, arguments.token)
        _show(syncing, arguments.json)
    return exits.OK


def run_status(arguments: argparse.Namespace) -> int:
    """Exit code OK, whatever the state."""
    with _opened(arguments) as (syncing, _):
        _show(syncing, arguments.json)
    return exits.OK


def run_now(arguments: argparse.Namespace) -> int:
    """Exit code FAILED if the exchange failed: what waits is told later."""
    with _opened(arguments) as (syncing, _):
        did = syncing.now()
        if arguments.json:
            output.print_json({"did": list(did), **asdict(syncing.status())})
        else:
            for text in did or ("nothing: nobody consents, or the constellation wants no more",):
                output.note(text)
    return exits.OK


def _show(syncing: Syncing, as_json: bool) -> None:
    shown = asdict(syncing.status())
    if as_json:
        output.print_json(shown)
    else:
        output.print_table("sync", ["what", ""], [[k, str(v)] for k, v in shown.items()])
