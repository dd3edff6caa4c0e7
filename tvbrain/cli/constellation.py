"""The server side: many sets' deltas become one release for all of them (docs/sync.md).

tvbrain constellation serve                     one process, SQLite, no configuration
tvbrain constellation token --enrol 1000        a token with which 1,000 sets may enrol
tvbrain constellation token --operator          a token of those who publish and revoke
tvbrain constellation pack FILE                 deltas may name this pack, and sets may fetch it
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tvbrain.cli import exits, output
from tvbrain.errors import InvalidArgumentError, NotInstalledError

if TYPE_CHECKING:
    from tvbrain.cli import Subparsers
    from tvbrain.constellation.node import Node

YEAR_S = 365 * 86_400
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
    token = acts.add_parser("token", help="make a token; it is shown once")
    kind = token.add_mutually_exclusive_group(required=True)
    kind.add_argument("--enrol", type=int, metavar="N", help="for N sets")
    kind.add_argument("--operator", action="store_true", help="for an operator")
    token.add_argument("--days", type=int, default=365, metavar="N", help="it lasts (365)")
    pack = acts.add_parser("pack", help="add a pack")
    pack.add_argument("file", type=Path, metavar="FILE")
    for act, run in ((serve, _serve), (token, _token), (pack, _pack)):
        act.add_argument("--postgres", metavar="URL", help="instead of SQLite, with --nats")
        act.add_argument("--nats", metavar="URL", help="the stream's server, with --postgres")
        act.add_argument("--data", type=Path, metavar="DIR", help="where it keeps everything")
        act.add_argument("--tenant", default=TENANT, metavar="T", help=f"default {TENANT}")
        output.add_json_option(act)
        act.set_defaults(run=run)


def _serve(arguments: argparse.Namespace) -> int:
    from tvbrain.constellation.records import epoch_at
    from tvbrain.pack import demo_pack_path

    node = _open(arguments)
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

        serve(node, arguments.address, arguments.port, ready)
    finally:
        node.close()
    return exits.OK


def _token(arguments: argparse.Namespace) -> int:
    node = _open(arguments)
    try:
        node.add_tenant(arguments.tenant)
        lasts = arguments.days * 86_400
        if arguments.operator:
            token = node.operator_token(arguments.tenant, lasts)
        else:
            token = node.enrolment_token(arguments.tenant, arguments.enrol, lasts)
    finally:
        node.close()
    _say(arguments, {"tenant": arguments.tenant, "token": token})
    return exits.OK


def _pack(arguments: argparse.Namespace) -> int:
    node = _open(arguments)
    try:
        node.add_tenant(arguments.tenant)
        sha256 = node.add_pack(arguments.tenant, arguments.file)
    finally:
        node.close()
    _say(arguments, {"tenant": arguments.tenant, "sha256": sha256.hex()})
    return exits.OK


def _say(arguments: argparse.Namespace, said: dict[str, str]) -> None:
    if arguments.json:
        output.print_json(said)
    else:
        output.print_line(list(said.values())[-1])


def _open(arguments: argparse.Namespace) -> Node:
    if (arguments.postgres is None) != (arguments.nats is None):
        raise InvalidArgumentError("--postgres and --nats belong together")
    try:
        from tvbrain.constellation.back_ends import open_shared
        from tvbrain.constellation.node import Node
    except ImportError as error:
        raise NotInstalledError(
            f"{error.name} is missing: pip install 'tvbrain[constellation]'"
        ) from error
    shared = open_shared(arguments.postgres, arguments.nats) if arguments.postgres else None
    return Node(arguments.data or _default_folder(), back_end=shared)


def _write_secret(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())


def _default_folder() -> Path:
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state, "tvbrain-constellation")
