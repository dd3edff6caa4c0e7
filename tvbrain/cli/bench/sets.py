"""The pushes of a load, signed and sealed beforehand; and what was counted of them afterwards."""

from __future__ import annotations

import time

import numpy as np

from tvbrain.cli.output import Progress
from tvbrain.constellation.drill import pushes
from tvbrain.constellation.node import Node
from tvbrain.pack import demo_pack_path
from tvbrain.wire import delta
from tvbrain.wire.delta import PACK_NAME, Delta

FRAMES = 200
"""Different deltas; each push seals one of them anew."""
PAIRS = 200


def signed(node: Node, count: int, step: Progress) -> list[bytes]:
    """Each of another (device, epoch). Closes the node."""
    try:
        node.add_tenant(pushes.TENANT)
        pack = node.add_pack(pushes.TENANT, demo_pack_path())
        rows = next(known.rows for known in node.aggregate.known_packs(pushes.TENANT))
        random = np.random.default_rng(6)
        frames = [_frame(pack[:PACK_NAME], rows, random) for _ in range(FRAMES)]
        return pushes.signed(node, count, lambda n: frames[n % FRAMES], step)
    finally:
        node.close()


def counted(node: Node, seconds: float) -> tuple[int, int, bool]:
    """How many pushes were not added yet, how many times any was counted after at most so many seconds of adding, and
    whether nothing was left by then. Closes the node."""
    waiting, begun, ended = 0, time.monotonic(), False
    try:
        while not ended and time.monotonic() - begun < seconds:
            added = node.aggregator.step()
            waiting, ended = waiting + added, not added
        return waiting, pushes.total(node), ended
    finally:
        node.close()


def _frame(pack: bytes, rows: int, random: np.random.Generator) -> bytes:
    couples = np.sort(random.choice(rows, (2 * PAIRS, 2)), axis=1)
    pairs = sorted({(int(a), int(b)) for a, b in couples if a != b})[:PAIRS]
    dayparts = (1, 0, 0, 0, 0, 0, 0, 0)
    order = tuple(int(one) for one in random.integers(0, 8, len(pairs)))
    return delta.encode(Delta(pack=pack, pairs=tuple(pairs), order=order, dayparts=dayparts))
