"""Rebuild what can be rebuilt of what the brain learned, and say what is lost.

A damaged brain.db is kept under another name. The newest sound backup takes its place, if there is one; the journal is
read on from there, and what it no longer has comes folded out of the newest snapshot. Then a snapshot is published.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from tvbrain.cli import exits, output

if TYPE_CHECKING:
    from tvbrain.cli import Subparsers


def register(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "recover", help="rebuild a damaged brain.db", description=__doc__
    )
    parser.add_argument("--data", type=Path, metavar="DIR", help="the data directory")
    parser.add_argument(
        "--pack", type=Path, metavar="FILE", help="the factory pack; else the demo's"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """BUSY if another process learns here."""
    from tvbrain.brain.plane import LearningPlane
    from tvbrain.clock import SystemClock
    from tvbrain.config import Config
    from tvbrain.pack import demo_pack_path

    folder = Config.load(data_dir=arguments.data).data_dir
    plane = LearningPlane(
        folder, arguments.pack or demo_pack_path(), SystemClock(), log=output.note
    )
    try:
        done = plane.recover()
        plane.step(hurry=True)
        trouble = plane.trouble()
    finally:
        plane.close()
    output.note(f"tvbrain recover: {done or 'brain.db is sound: nothing was done'}")
    if trouble:
        output.note(f"tvbrain recover: {trouble}")
    return exits.FAILED if trouble else exits.OK
