"""The server side: many sets' deltas become one release for all of them (docs/sync.md).

tvbrain constellation serve                     one process, SQLite, no configuration
tvbrain constellation token --enrol 1000        a token with which 1,000 sets may enrol
tvbrain constellation token --operator          a token of those who publish and revoke
tvbrain constellation pack FILE                 deltas may name this pack, and sets may fetch it
tvbrain constellation budget --epsilon 2 --noise 8     releases get noise, until the budget is spent
tvbrain constellation rotate release timestamp  other keys for these roles, while nothing serves
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tvbrain.cli import constellation_acts, exits, output
from tvbrain.cli.constellation_acts import open_node
from tvbrain.errors import InvalidArgumentError

if TYPE_CHECKING:
    from tvbrain.cli import Subparsers

DAY_S = 86_400
YEAR_S = 365 * DAY_S
TENANT = "default"


def register(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "constellation",
        help="the server side of sync",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    acts = parser.add_subparsers(title="acts", dest="act", metavar="ACT", required=True)
    serve = acts.add_parser("serve", help="serve sets until told to end")
    serve.add_argument("--address", default="127.0.0.1", metavar="A", help="default 127.0.0.1")
    serve.add_argument("--port", type=int, default=8484, metavar="N", help="default 8484")
    serve.add_argument(
        "--release-every",
        type=float,
        default=7.0,
        metavar="DAYS",
        help="publish by itself; 0: only when an operator asks (7)",
    )
    for act, run in ((serve, _serve), *constellation_acts.add_acts(acts)):
        act.add_argument("--postgres", metavar="URL", help="instead of SQLite, with --nats")
        act.add_argument("--nats", metavar="URL", help="the stream's server, with --postgres")
        act.add_argument("--data", type=Path, metavar="DIR", help="where it keeps everything")
        act.add_argument("--tenant", default=TENANT, metavar="T", help=f"default {TENANT}")
        output.add_json_option(act)
        act.set_defaults(run=run)


def _serve(arguments: argparse.Namespace) -> int:
    from tvbrain.constellation.records import epoch_at
    from tvbrain.pack import demo_pack_path

    if not arguments.release_every >= 0:
        raise InvalidArgumentError("--release-every is a number of days, or 0")
    node = open_node(arguments)
    try:
        from tvbrain.constellation.serve import serve

        node.add_tenant(arguments.tenant)
        if not node.aggregate.known_packs(arguments.tenant):
            node.add_pack(arguments.tenant, demo_pack_path())
        token = node.folder / f"{arguments.tenant}.operator"
        if not token.exists():
            _write_secret(token, node.operator_token(arguments.tenant, YEAR_S))
        said = {
            "url": f"http://{arguments.address}:{arguments.port}",
            "data": str(node.folder),
            "tenant": arguments.tenant,
            "operator_token": str(token),
            "epoch": epoch_at(node.clock.now()),
            "pid": os.getpid(),
        }

        def ready() -> None:
            if arguments.json:
                output.print_json(said)
            else:
                for name, value in said.items():
                    output.print_line(f"{name:14} {value}")
            sys.stdout.flush()

        every = arguments.release_every * DAY_S or None
        serve(node, arguments.address, arguments.port, ready, every)
    finally:
        node.close()
    return exits.OK


def _write_secret(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
