"""The first message of each kind, which every later version reads: tests/golden/wire-1-*.

Written once by `python -m tests.wire.samples`; keys are of tests.wire.made_up, what is sealed is for `AGGREGATOR`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from tests.places import ROOT
from tests.wire import made_up
from tvbrain.wire import delta, envelope, limits, metadata, pull, release, seal, signed
from tvbrain.wire.delta import Delta
from tvbrain.wire.metadata import Root
from tvbrain.wire.pattern import Coding, WirePattern
from tvbrain.wire.release import PATCH, SIDE, PackRef, Release
from tvbrain.wire.residual import TWO_BIT, Residual
from tvbrain.wire.signed import RELEASE, TIMESTAMP, Role
from tvbrain.wire.signed import ROOT as ROOT_ROLE
from tvbrain.wire.trust import Trust

GOLDEN = ROOT / "tests" / "golden"
AGGREGATOR = seal.opening_key(hashlib.sha256(b"aggregator").digest())
NOW = 1_700_000_000
EPOCH = NOW // 604_800
CODING = Coding(1, TWO_BIT, 32)
LEFT = Residual(655, bytes(range(8)))

DELTA = Delta(
    pack=made_up.PACK,
    pairs=((3, 70), (3, 9000), (512, 513)),
    items=((3, 2), (70, 1), (9000, 15)),
    dayparts=(0, 0, 3, 9, 0, 1, 2, 100),
    coding=CODING,
    patterns=(WirePattern(7, LEFT, 62, 0b1000, 0b10000),),
    layout=1,
    blender=(5, -3, 0, 127, -127),
)
ORDERED = replace(DELTA, order=(0, 5, 3))
"""Tells of its pairs which came first and how near they were, as deltas do since then."""

RELEASED = Release(
    number=3,
    tenant=made_up.TENANT,
    created=NOW,
    expires=NOW + 30 * 86_400,
    pack=made_up.PACK,
    coding=CODING,
    patterns=(WirePattern(7, LEFT, 50, 0b1000, 0, 41),),
    counts=((0, 8, 3, 12), (0x5441, 3, 70, -4), (0x5441, 3, 9000, 8)),
    layout=1,
    blender=(1, 0, -1),
    packs=(
        PackRef(SIDE, hashlib.sha256(b"side").digest(), 40_000),
        PackRef(PATCH, hashlib.sha256(b"p").digest(), 9_000, b"s" * 32, b"r" * 32),
    ),
)


def public(name: str) -> bytes:
    """Of the key of this name."""
    return made_up.key(name).public_key().public_bytes_raw()


def root() -> Root:
    roles = {
        ROOT_ROLE: Role(2, tuple(sorted(public(f"root {n}") for n in (1, 2, 3)))),
        RELEASE: Role(1, (public("release"),)),
        TIMESTAMP: Role(1, (public("timestamp"),)),
    }
    return Root(1, made_up.TENANT, NOW + 365 * 86_400, roles)


def signed_root() -> bytes:
    body = metadata.encode_root(root())
    signers = [made_up.key("root 1"), made_up.key("root 3")]
    return signed.encode(signed.sign(ROOT_ROLE, body, signers), limits.ROOT_BYTES)


def pulled() -> bytes:
    one = pull.sign_release(RELEASED, [made_up.key("release")])
    stamp = pull.sign_timestamp(9, NOW, NOW + 86_400, one, [made_up.key("timestamp")])
    return pull.encode(pull.Pull(stamp, one))


def pushed() -> bytes:
    public_key = AGGREGATOR.public_key().public_bytes_raw()
    sealed = seal.seal(delta.encode(DELTA), public_key, made_up.TENANT, EPOCH)
    return envelope.encode(envelope.sign(made_up.key("set"), made_up.TENANT, EPOCH, 3, sealed))


@dataclass(frozen=True, slots=True)
class Sample:
    """A committed message and how it is read and written. `make`: only for the first time. `is_frame`: raw or zstd."""

    name: str
    decode: Callable[[bytes], Any]
    encode: Callable[[Any], bytes]
    make: Callable[[], bytes]
    is_frame: bool = False

    def content(self) -> bytes:
        return (GOLDEN / self.name).read_bytes()


SAMPLES = {
    one.name: one
    for one in (
        Sample("wire-1-delta", delta.decode, delta.encode, lambda: delta.encode(DELTA), True),
        Sample(
            "wire-1-delta-order",
            delta.decode,
            delta.encode,
            lambda: delta.encode(ORDERED),
            True,
        ),
        Sample("wire-1-push", envelope.decode, envelope.encode, pushed),
        Sample(
            "wire-1-release",
            release.decode,
            release.encode,
            lambda: release.encode(RELEASED),
            True,
        ),
        Sample("wire-1-pull", pull.decode, pull.encode, pulled),
        Sample(
            "wire-1-root",
            lambda data: signed.decode(data, ROOT_ROLE, limits.ROOT_BYTES),
            lambda one: signed.encode(one, limits.ROOT_BYTES),
            signed_root,
        ),
        Sample(
            "wire-1-trust",
            lambda data: Trust.decode(data, made_up.TENANT),
            Trust.encode,
            lambda: Trust.pinned(signed_root(), made_up.TENANT).accepted(pulled(), NOW)[0].encode(),
        ),
    )
}

if __name__ == "__main__":
    for one in SAMPLES.values():
        if not (GOLDEN / one.name).exists():
            (GOLDEN / one.name).write_bytes(one.make())
