"""Whom a set believes, and how far it has seen: the model of TUF (The Update Framework) in a few hundred bytes.

A set holds a root, which names the keys of each role. A newer root is believed if the keys of the old one and its own
signed it. A release is believed if the timestamp names it by number and hash, both are signed by their roles, of this
tenant and not expired, and neither is older than what was believed before. docs/adr/0011 says why
this is not python-tuf.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from tvbrain.wire import limits, metadata, positional, pull, release, signed
from tvbrain.wire.errors import ExpiredError, MismatchError, RollbackError
from tvbrain.wire.metadata import Root, Timestamp
from tvbrain.wire.release import Release
from tvbrain.wire.signed import RELEASE, ROOT, TIMESTAMP

VERSION = 1
_HASH = 32
STATE_BYTES = 3072


@dataclass(frozen=True, slots=True)
class Trust:
    """A state to be kept. `signed_root` is the root as it was received; `seen` the latest time (seconds since 1970) at
    which anything believed was made: a clock that is behind is taken to be at least there. Numbers are 0 and hashes
    empty before anything was believed.
    """

    signed_root: bytes
    root: Root
    timestamp: int = 0
    timestamp_hash: bytes = b""
    release: int = 0
    release_hash: bytes = b""
    seen: int = 0

    @classmethod
    def pinned(cls, signed_root: bytes, tenant: str) -> Trust:
        """Begin with a root that came with the set or its enrolment. It must at least be signed by itself.

        Raises WireError: SignatureError, MismatchError for another tenant, and the errors of decoding.
        """
        root = _root(signed_root, tenant)
        signed.verify(signed.decode(signed_root, ROOT, limits.ROOT_BYTES), ROOT, root.roles[ROOT])
        return cls(signed_root, root)

    def rotated(self, signed_root: bytes) -> Trust:
        """With the next root. One that has expired is as good a step to the next as any.

        Where the keys of timestamps or releases change, what was seen under the old ones is forgotten: whoever stole
        those could have made a set refuse all lower numbers for ever.

        Raises SignatureError, RollbackError unless its number is the next, MismatchError, errors of decoding.
        """
        new = _root(signed_root, self.root.tenant)
        if new.number != self.root.number + 1:
            raise RollbackError(f"root: number {new.number} after {self.root.number}")
        told = signed.decode(signed_root, ROOT, limits.ROOT_BYTES)
        signed.verify(told, ROOT, self.root.roles[ROOT])
        signed.verify(told, ROOT, new.roles[ROOT])
        next_one = replace(self, signed_root=signed_root, root=new)
        if set(new.roles[TIMESTAMP].keys) != set(self.root.roles[TIMESTAMP].keys):
            next_one = replace(next_one, timestamp=0, timestamp_hash=b"")
        if set(new.roles[RELEASE].keys) != set(self.root.roles[RELEASE].keys):
            next_one = replace(next_one, release=0, release_hash=b"")
        return next_one

    def accepted(self, data: bytes, now: float) -> tuple[Trust, Release]:
        """The release that `data` brings, and the state to be kept with it. `now`: seconds since 1970 by this clock.

        Raises WireError by cause: SignatureError, RollbackError, ExpiredError, MismatchError, errors of decoding.
        """
        told = pull.decode(data)
        signed.verify(told.timestamp, TIMESTAMP, self.root.roles[TIMESTAMP])
        stamp = metadata.decode_timestamp(told.timestamp.body)
        stamp_hash = hashlib.sha256(told.timestamp.body).digest()
        self._check_timestamp(stamp, stamp_hash)
        release_hash = hashlib.sha256(told.release.body).digest()
        if release_hash != stamp.sha256:
            raise MismatchError("release: not the one that the timestamp names")
        signed.verify(told.release, RELEASE, self.root.roles[RELEASE])
        found = release.decode(told.release.body)
        if (found.tenant, found.number) != (self.root.tenant, stamp.release):
            raise MismatchError(f"release: {found.number} of {found.tenant}, not {stamp.release}")
        seen = max(self.seen, stamp.created)
        for name, expires in (
            (ROOT, self.root.expires),
            (TIMESTAMP, stamp.expires),
            (RELEASE, found.expires),
        ):
            if max(now, seen) >= expires:
                raise ExpiredError(f"{name}: expired at {expires}")
        state = replace(
            self,
            timestamp=stamp.number,
            timestamp_hash=stamp_hash,
            release=found.number,
            release_hash=release_hash,
            seen=seen,
        )
        return state, found

    def _check_timestamp(self, stamp: Timestamp, sha256: bytes) -> None:
        if stamp.tenant != self.root.tenant:
            raise MismatchError(f"timestamp: of {stamp.tenant}, not {self.root.tenant}")
        for name, number, before, content, known in (
            (TIMESTAMP, stamp.number, self.timestamp, sha256, self.timestamp_hash),
            (RELEASE, stamp.release, self.release, stamp.sha256, self.release_hash),
        ):
            if number < before:
                raise RollbackError(f"{name}: number {number} after {before}")
            if number == before and content != known:
                raise RollbackError(f"{name}: another content under number {number}")

    def encode(self) -> bytes:
        """To be kept by the set."""
        return positional.encode(
            [
                VERSION,
                self.signed_root,
                self.timestamp,
                self.timestamp_hash,
                self.release,
                self.release_hash,
                self.seen,
            ]
        )

    @classmethod
    def decode(cls, data: bytes, tenant: str) -> Trust:
        """What `encode` gave; the root is verified again. Raises as `pinned`."""
        fields = positional.decode(data, "trust", VERSION, 7, STATE_BYTES)
        first = cls.pinned(fields.data("root", most=limits.ROOT_BYTES), tenant)
        return replace(
            first,
            timestamp=fields.number("timestamp", 0, limits.NUMBER),
            timestamp_hash=fields.data("timestamp hash", 0, _HASH),
            release=fields.number("release", 0, limits.NUMBER),
            release_hash=fields.data("release hash", 0, _HASH),
            seen=fields.number("seen", 0, limits.NUMBER),
        )


def _root(signed_root: bytes, tenant: str) -> Root:
    root = metadata.decode_root(signed.decode(signed_root, ROOT, limits.ROOT_BYTES).body)
    if root.tenant != tenant:
        raise MismatchError(f"root: of {root.tenant}, not {tenant}")
    return root
