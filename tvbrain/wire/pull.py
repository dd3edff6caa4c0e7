"""What a set gets when it asks for what is new: the signed timestamp and the signed release, in one message."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from tvbrain.wire import limits, metadata, positional, release, signed
from tvbrain.wire.errors import OverLimitError
from tvbrain.wire.keys import SigningKey
from tvbrain.wire.metadata import Timestamp
from tvbrain.wire.release import Release
from tvbrain.wire.signed import RELEASE, TIMESTAMP, Signed

VERSION = 1


@dataclass(frozen=True, slots=True)
class Pull:
    """Both not yet verified (tvbrain.wire.trust)."""

    timestamp: Signed
    release: Signed


def sign_release(one: Release, signers: Iterable[SigningKey]) -> Signed:
    """To be kept: every timestamp that points to it comes with these bytes."""
    return signed.sign(RELEASE, release.encode(one), signers)


def sign_timestamp(
    number: int, created: int, expires: int, of: Signed, signers: Iterable[SigningKey]
) -> Signed:
    """That `of` is the newest release of its tenant. Times in seconds since 1970."""
    one = release.decode(of.body)
    sha256 = hashlib.sha256(of.body).digest()
    stamp = Timestamp(number, one.tenant, created, expires, one.number, sha256)
    return signed.sign(TIMESTAMP, metadata.encode_timestamp(stamp), signers)


def encode(pull: Pull) -> bytes:
    """Raises OverLimitError over limits.PULL_BYTES."""
    parts = [signed.encode(part, limits.PULL_BYTES) for part in (pull.timestamp, pull.release)]
    data = positional.encode([VERSION, *parts])
    if len(data) > limits.PULL_BYTES:
        raise OverLimitError(f"pull: {len(data)} bytes; at most {limits.PULL_BYTES}")
    return data


def decode(data: bytes) -> Pull:
    """Raises OverLimitError, MalformedError, NewerWireError."""
    fields = positional.decode(data, "pull", VERSION, 3, limits.PULL_BYTES)
    parts = [
        signed.decode(fields.data(name, most=limits.PULL_BYTES), name, limits.PULL_BYTES)
        for name in (TIMESTAMP, RELEASE)
    ]
    return Pull(*parts)
