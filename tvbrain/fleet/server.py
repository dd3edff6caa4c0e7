"""A constellation in a process of its own, as `tvbrain constellation serve` runs it, on a clock that the fleet sets.

    python -m tvbrain.fleet.server FOLDER PACK PORT NOW

It prints one line of JSON when it listens, and answers each line of its standard input with one on standard output:
`now SECONDS` sets the clock, `sums FILE` writes what all sets told, once everything that was kept is added, and
`release now` publishes what was learned, and answers `published` or what refuses it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

import numpy as np

from tvbrain.clock import passed
from tvbrain.constellation.node import Node
from tvbrain.constellation.records import together
from tvbrain.constellation.serve import serve
from tvbrain.errors import TvbrainError
from tvbrain.fleet.served import TENANT
from tvbrain.wire.delta import PACK_NAME

YEAR_S = 365 * 86_400
MOST_SETS = 100_000
LOOK_S = 0.05


class SetClock:
    """The fleet's calendar; what took how long is measured by the machine's clock."""

    def __init__(self, now: float) -> None:
        self.at = now

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return passed()


def main(folder: Path, pack: Path, port: int, now: float) -> None:
    """Serves until it gets SIGTERM."""
    clock = SetClock(now)
    node = Node(folder, clock)
    try:
        node.add_tenant(TENANT)
        name = node.add_pack(TENANT, pack)[:PACK_NAME]
        token = node.enrolment_token(TENANT, MOST_SETS, YEAR_S)
        told = {"token": token, "pack": name.hex()}
        ears = threading.Thread(target=_listen, args=(node, clock, name), daemon=True)

        def ready() -> None:
            _say(json.dumps(told))
            ears.start()

        serve(node, "127.0.0.1", port, ready)
    finally:
        node.close()


def _listen(node: Node, clock: SetClock, pack: bytes) -> None:
    """Ends the process with its fleet, and where an order fails: nobody waits for an answer that does not come."""
    try:
        _obey(node, clock, pack)
    finally:
        os.kill(os.getpid(), signal.SIGTERM)


def _obey(node: Node, clock: SetClock, pack: bytes) -> None:
    for line in sys.stdin:
        order, what = line.split(maxsplit=1)
        if order == "now":
            clock.at = float(what)
        elif order == "release":
            order = _release(node)
        else:
            stream = node.inbox.stream()
            while node.inbox.waiting(node.aggregate.position(stream), 1):
                time.sleep(LOOK_S)
            held = node.aggregate.counts(TENANT, pack, canary=True)
            counts = together(node.aggregate.counts(TENANT, pack), held)
            columns = (counts.cells, counts.counts, counts.contributors)
            np.save(what.strip(), np.stack(columns))
        _say(order)


def _release(node: Node) -> str:
    try:
        node.release(TENANT)
    except TvbrainError as error:
        return type(error).__name__
    return "published"


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
