"""Pushes of sets that exist for a load: enrolled without HTTP, signed and sealed beforehand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from tvbrain.constellation import staleness
from tvbrain.constellation.node import Node
from tvbrain.constellation.records import ACCEPTED_EPOCHS, Device, epoch_at
from tvbrain.wire import delta, envelope, keys, seal
from tvbrain.wire.delta import Delta

TENANT = "default"
MOST = 65_535
"""Pushes that `telling` can tell apart."""


def signed(
    node: Node, count: int, frame_of: Callable[[int], bytes], step: Callable[[int, int], None]
) -> list[bytes]:
    """`count` pushes, each of another (device, epoch); that of number n seals `frame_of(n)`. The tenant is made."""
    node.add_tenant(TENANT)
    now = epoch_at(node.clock.now())
    bodies: list[bytes] = []
    devices: list[Device] = []
    while len(bodies) < count:
        step(len(bodies), count)
        key = keys.new_signing_key()
        public = keys.public_of(key)
        devices.append(Device(keys.device_of(public), TENANT, public))
        for epoch in range(now - ACCEPTED_EPOCHS + 1, now + 1):
            sealed = seal.seal(frame_of(len(bodies)), node.aggregator_key, TENANT, epoch)
            bodies.append(envelope.encode(envelope.sign(key, TENANT, epoch, 0, sealed)))
    step(count, count)
    node.registry.add_devices(devices)
    return bodies[:count]


def telling(pack: bytes, number: int) -> bytes:
    """A frame whose push shows in a sum of its own, which has no cap: how often it was counted can be read there."""
    said = Delta(
        pack=pack[: delta.PACK_NAME],
        items=((number % 700, 1),),
        dayparts=(1, 0, 0, 0, 0, 0, 0, 0),
        layout=1 + number % MOST,
        blender=(1,),
    )
    return delta.encode(said)


def counted(node: Node) -> Counter[int]:
    """How often each push of `telling` is in the sums, by number."""
    found: Counter[int] = Counter()
    for dense in node.aggregate.dense(TENANT, "blender"):
        found[int(dense.key.split(":")[0]) - 1] += dense.weight
    return Counter({number: weight // staleness.ONE for number, weight in found.items()})


def total(node: Node) -> int:
    """How many times any push that tells a daypart is in the sums."""
    weight = sum(found.weight for found in node.aggregate.dense(TENANT, "daypart"))
    return weight // staleness.ONE


def not_once(node: Node, bodies: Sequence[bytes]) -> dict[int, int]:
    """Of pushes 0 to n - 1, each told by `telling`, those that are not in the sums exactly once, and how often."""
    found = counted(node)
    wrong = {number: found[number] for number in range(len(bodies)) if found[number] != 1}
    return wrong | {number: times for number, times in found.items() if number >= len(bodies)}
