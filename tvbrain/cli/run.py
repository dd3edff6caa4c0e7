"""The brain as a process of its own, beside a program that serves with libtvbrain-serve.

Holds learning.lock of the data directory, learns what is journaled there and publishes snapshots,
until SIGTERM or SIGINT. Asleep it waits for the journal to grow or a loop to be due.
"""

from __future__ import annotations

import argparse
import signal
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from tvbrain.cli import exits, output
from tvbrain.cli.threads import compute_on_one

if TYPE_CHECKING:
    from tvbrain.brain.plane import LearningPlane
    from tvbrain.cli import Subparsers
    from tvbrain.config import Config


def register(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "run", help="learn, beside a program that serves", description=__doc__
    )
    parser.add_argument("--data", type=Path, metavar="DIR", help="the data directory")
    parser.add_argument(
        "--pack", type=Path, metavar="FILE", help="the factory pack; else the demo's"
    )
    parser.add_argument(
        "--clock",
        choices=("system", "journal"),
        default="system",
        help="what time it is: the system's, or that of the newest event (replays)",
    )
    parser.add_argument("--once", action="store_true", help="learn everything due and exit")
    output.add_json_option(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit code OK after a signal too; BUSY if another process learns here."""
    compute_on_one()
    from tvbrain.brain.journal_clock import JournalClock
    from tvbrain.brain.plane import LearningPlane
    from tvbrain.clock import SystemClock
    from tvbrain.config import Config
    from tvbrain.pack import demo_pack_path

    config = Config.load(data_dir=arguments.data)
    following = JournalClock()
    factory = arguments.pack or demo_pack_path()
    plane = LearningPlane(
        config.data_dir,
        factory,
        following if arguments.clock == "journal" else SystemClock(),
        log=lambda text: output.note(f"tvbrain run: {text}"),
        heard=following.heard,
        budgets=arguments.clock == "system",
    )
    with ExitStack() as closing:
        closing.callback(plane.close)
        if plane.enrolled and arguments.clock == "system":
            closing.callback(_in_touch(plane, config, factory))
        if arguments.once:
            _say(plane.step(hurry=True))
        else:
            _until_told(plane)
        health = plane.health()
    if arguments.json:
        output.print_json(asdict(health))
    else:
        output.note(f"tvbrain run: learned up to {health.seq}, snapshot {health.generation}")
    return exits.FAILED if health.fault else exits.OK


def _in_touch(plane: LearningPlane, config: Config, factory: Path) -> Callable[[], None]:
    """Sync on a thread; what ends it."""
    from tvbrain.brain.syncing import Syncing
    from tvbrain.clock import SystemClock

    syncing = Syncing(
        plane,
        config.data_dir,
        factory,
        SystemClock(),
        interval=config.sync_interval,
        log=lambda text: output.note(f"tvbrain run: {text}"),
    )
    syncing.start()
    return syncing.close


def _until_told(plane: LearningPlane) -> None:
    """Serve the loops until SIGTERM or SIGINT, then learn nothing new: closing stores the rest."""
    told = False

    def stop(number: int, frame: object) -> None:
        nonlocal told
        told = True
        plane.watch.wake()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        output.note("tvbrain run: learning")
        while not told:
            _say(plane.step())
            plane.rest()
            if not told:
                plane.sleep()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say(ran: list[str]) -> None:
    long = [name for name in ran if name not in ("reflexive", "reactive")]
    if long:
        output.note(f"tvbrain run: ran {', '.join(long)}")
