"""What the brain remembers of a profile: which tier holds it, how old it is, what is left of it.

Takes the data directory's locks, as only the learning side may open brain.db; it learns nothing.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from tvbrain.cli import exits, output
from tvbrain.cli.asking import folder_of

if TYPE_CHECKING:
    from tvbrain.cli import Subparsers

DAY = 86_400.0


def register(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser("recall", help="what is remembered", description=__doc__)
    parser.add_argument("--data", type=Path, metavar="DIR", help="the data directory")
    parser.add_argument(
        "--pack", type=Path, metavar="FILE", help="the factory pack (the demo's, if left out)"
    )
    parser.add_argument("--profile", default="household", metavar="P", help="a name or an id")
    parser.add_argument(
        "--tier", action="append", default=[], metavar="T", help="only this tier; may be repeated"
    )
    parser.add_argument("--item", default="", metavar="ID", help="only about this title")
    parser.add_argument("--like", default="", metavar="ID", help="the most alike to this title")
    parser.add_argument("--since", type=float, metavar="SECONDS", help="not before (since 1970)")
    parser.add_argument("--until", type=float, metavar="SECONDS", help="not after")
    parser.add_argument("--daypart", type=int, choices=range(8), metavar="D", help="0 to 7")
    parser.add_argument("-n", type=int, default=20, metavar="N", help="at most so many (20)")
    output.add_json_option(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit code FAILED if nothing is remembered."""
    from tvbrain.brain.brain import Brain
    from tvbrain.clock import SystemClock, VirtualClock

    folder, name = folder_of(arguments), arguments.profile
    standing = VirtualClock(SystemClock().now())  # so that no loop runs
    with Brain.open(folder, pack=arguments.pack, clock=standing) as brain:
        found = brain.recall(
            int(name) if name.isdecimal() else name,
            tiers=arguments.tier,
            item=arguments.item,
            like=arguments.like,
            since=arguments.since,
            until=arguments.until,
            daypart=arguments.daypart,
            limit=max(arguments.n, 0),
        )
    if arguments.json:
        output.print_json({"profile": name, "recalled": [asdict(one) for one in found]})
    else:
        output.print_table(
            f"remembered of {name} ({len(found)})",
            ["tier", "item", "title", "what", "days old", "strength", "alike"],
            [
                [
                    one.tier,
                    one.item or "-",
                    one.title or "-",
                    one.what or "-",
                    f"{one.age / DAY:.1f}",
                    f"{one.strength:.2f}",
                    "-" if one.likeness is None else f"{one.likeness:.2f}",
                ]
                for one in found
            ],
        )
    return exits.OK if found else exits.FAILED
