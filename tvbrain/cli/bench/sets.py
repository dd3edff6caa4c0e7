"""The sets of a load: enrolled, their pushes signed and sealed beforehand; and what was counted of them afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tvbrain.cli.output import Progress
from tvbrain.constellation import staleness
from tvbrain.constellation.node import Node
from tvbrain.constellation.records import ACCEPTED_EPOCHS, Device, epoch_at
from tvbrain.pack import demo_pack_path
from tvbrain.wire import delta, envelope, keys, seal
from tvbrain.wire.delta import PACK_NAME, Delta

Pushes = Sequence[bytes]
FRAMES = 200
"""Different deltas; each push seals one of them anew."""
PAIRS = 200


def signed(folder: Path, tenant: str, count: int, step: Progress) -> Pushes:
    """Each of another (device, epoch)."""
    node = Node(folder)
    node.add_tenant(tenant)
    pack = node.add_pack(tenant, demo_pack_path())
    rows = next(known.rows for known in node.aggregate.known_packs(tenant))
    random = np.random.default_rng(6)
    frames = [_frame(pack[:PACK_NAME], rows, random) for _ in range(FRAMES)]
    now = epoch_at(node.clock.now())
    devices: list[Device] = []
    bodies: list[bytes] = []
    while len(bodies) < count:
        step(len(bodies), count)
        key = keys.new_signing_key()
        public = keys.public_of(key)
        devices.append(Device(keys.device_of(public), tenant, public))
        for epoch in range(now - ACCEPTED_EPOCHS + 1, now + 1):
            frame = frames[len(bodies) % FRAMES]
            sealed = seal.seal(frame, node.aggregator_key, tenant, epoch)
            bodies.append(envelope.encode(envelope.sign(key, tenant, epoch, 0, sealed)))
    step(count, count)
    node.registry.add_devices(devices)
    node.close()
    return bodies[:count]


def counted(folder: Path, tenant: str) -> tuple[int, int]:
    """How many pushes were not added yet, and how many times any was counted once all are."""
    node = Node(folder)
    waiting = node.drain()
    weight = sum(found.weight for found in node.aggregate.dense(tenant, "daypart"))
    node.close()
    return waiting, weight // staleness.ONE


def _frame(pack: bytes, rows: int, random: np.random.Generator) -> bytes:
    couples = np.sort(random.choice(rows, (2 * PAIRS, 2)), axis=1)
    pairs = sorted({(int(a), int(b)) for a, b in couples if a != b})[:PAIRS]
    dayparts = (1, 0, 0, 0, 0, 0, 0, 0)
    order = tuple(int(one) for one in random.integers(0, 8, len(pairs)))
    return delta.encode(Delta(pack=pack, pairs=tuple(pairs), order=order, dayparts=dayparts))
