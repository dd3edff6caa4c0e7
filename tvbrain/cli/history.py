"""Import viewing history from a file: CSV or JSON lines, or what Netflix gives its customers.

Columns: item, or title and year; at (seconds or ISO 8601); watched (0 to 1); rating (-1 to 1).
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from tvbrain.cli import exits, output

if TYPE_CHECKING:
    from tvbrain.cli import Subparsers

LISTED = 20
"""Refused rows that are listed; `--json` has them all."""


def register(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser("import", help="import viewing history", description=__doc__)
    parser.add_argument("file", type=Path, metavar="FILE", help="FILE.csv or FILE.jsonl")
    parser.add_argument("--data", type=Path, metavar="DIR", help="the data directory")
    parser.add_argument(
        "--pack", type=Path, metavar="FILE", help="the factory pack; else the demo's"
    )
    parser.add_argument("--profile", default="household", help="whose history it is")
    output.add_json_option(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """FAILED if no row could be used."""
    from tvbrain.brain.brain import Brain
    from tvbrain.brain.history_file import read_history
    from tvbrain.config import Config
    from tvbrain.types import ViewContext

    config = Config.load(data_dir=arguments.data)
    with Brain.open(config.data_dir, pack=arguments.pack) as brain:
        asked = ViewContext(profile=arguments.profile, k=20)

        def resolve(title: str, year: int) -> str | None:
            found = brain.search(title, asked) if title.strip() else ()
            same = [brain.item(one.item) for one in found if _alike(one.title, title)]
            return next((one.item for one in same if year in (0, one.year)), None)

        history = read_history(arguments.file, arguments.profile, resolve)
        brain.observe(history.events)
        brain.flush()
        brain.learn_now()
    if arguments.json:
        output.print_json(
            {
                "imported": len(history.events),
                "refused": [{"line": r.line, "reason": r.reason} for r in history.refused],
            }
        )
    else:
        output.print_line(f"{len(history.events)} imported, {len(history.refused)} refused")
        for refused in history.refused[:LISTED]:
            output.note(f"{arguments.file}:{refused.line}: {refused.reason}")
    return exits.OK if history.events or not history.refused else exits.FAILED


def _alike(one: str, other: str) -> bool:
    from tvbrain.pack.native import normal_form

    return normal_form(one) == normal_form(other)
