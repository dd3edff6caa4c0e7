"""What sets pull: a root, numbered signed releases, and the timestamp that says which one is newest.

A release is never edited. To go back is to publish again, under a higher number, what an older one said. A timestamp is
signed anew when half of its life is over or another release is published: sets see a new one about once a week, and
notice within LIFE_TIMESTAMP that newer ones are held back from them. What is pulled is signed with the keys of now:
after a rotation (tvbrain.constellation.rotation) the newest release is published again when it is next asked for.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from tvbrain.clock import Clock
from tvbrain.constellation import keyring
from tvbrain.constellation.errors import NothingToReleaseError, OldKeysError, OtherBodyError
from tvbrain.constellation.records import Published
from tvbrain.constellation.storage import Shelf
from tvbrain.wire import keys, limits, metadata, pull, release, signed
from tvbrain.wire.keys import SigningKey
from tvbrain.wire.metadata import Root
from tvbrain.wire.release import Release
from tvbrain.wire.signed import RELEASE, ROLES, ROOT, TIMESTAMP, Role, Signed

DAY = 86_400
LIFE_ROOT, LIFE_RELEASE, LIFE_TIMESTAMP = 3 * 365 * DAY, 90 * DAY, 14 * DAY
"""In seconds."""


class Publisher:
    """One a process; `folder` has the keys of `keyring.NAMES` for the roles. Threads wait for each other."""

    def __init__(self, shelf: Shelf, folder: Path, clock: Clock) -> None:
        self._shelf, self._clock = shelf, clock
        self._folder = folder
        self._keys = {name: _key(folder, name) for name in (RELEASE, TIMESTAMP)}
        self._lock = threading.RLock()

    def root(self, tenant: str) -> bytes:
        """The newest signed root; the first one is made here."""
        with self._lock:
            found = self._shelf.document(tenant, ROOT)
            return found[1] if found else self._first_root(tenant)

    def check_keys(self, tenant: str) -> None:
        """OldKeysError unless the newest root names this process's keys; the first root is made here."""
        newest = root_of(self.root(tenant))
        for name, key in self._keys.items():
            if keys.public_of(key) not in newest.roles[name].keys:
                raise OldKeysError(
                    f"root {newest.number} of {tenant} names another {name} key than {self._folder}: "
                    "restart with the present keys/, or finish `tvbrain constellation rotate`"
                )

    def publish(self, one: Release, charges: Mapping[str, float], *, of: int = 0) -> Published:
        """`one` under the next number, from now on for LIFE_RELEASE. `of`: whose content it repeats, if not its own.

        OverLimitError where a pull would not fit, OldKeysError as `check_keys`.
        """
        with self._lock:
            last = self._shelf.latest(one.tenant)
            number = 1 + (last.version if last else 0)
            now = int(self._clock.now())
            made = replace(one, number=number, created=now, expires=now + LIFE_RELEASE)
            told = pull.sign_release(made, [self._keys[RELEASE]])
            stamp, stamped = self._stamp(told, one.tenant, now)
            pull.encode(pull.Pull(stamp, told))
            content = self._shelf.put(signed.encode(told, limits.PULL_BYTES))
            published = Published(one.tenant, number, content, now, of or number)
            self._shelf.publish(published, charges)
            self._shelf.append(one.tenant, TIMESTAMP, stamped, _bytes(stamp))
            return published

    def rollback(self, tenant: str, to: int) -> Published:
        """Publishes again what release `to` said. NothingToReleaseError where there was none."""
        older = self._shelf.release(tenant, to)
        if older is None:
            raise NothingToReleaseError(f"{tenant} has no release {to}")
        return self.publish(self.content(older), {}, of=older.of)

    def content(self, published: Published) -> Release:
        """What a release said."""
        return release.decode(self._signed(published).body)

    def pulled(self, tenant: str) -> tuple[str, bytes]:
        """What a set gets, and its entity tag. NothingToReleaseError before the first release."""
        with self._lock:
            last = self._shelf.latest(tenant)
            if last is None:
                raise NothingToReleaseError(f"{tenant} has no release yet")
            told = self._signed(last)
            if not self._is_ours(told, RELEASE):
                told = self._signed(self.publish(release.decode(told.body), {}, of=last.of))
                last = self._shelf.latest(tenant) or last
            number, stamp = self._fresh_stamp(tenant, told)
            return f'"{last.version}-{number}"', pull.encode(pull.Pull(stamp, told))

    def _fresh_stamp(self, tenant: str, told: Signed) -> tuple[int, Signed]:
        """The newest timestamp, if it is of this release and young; another one else."""
        now = int(self._clock.now())
        found = self._shelf.document(tenant, TIMESTAMP)
        if found is not None:
            number, stamp = found[0], signed.decode(found[1], TIMESTAMP, limits.PULL_BYTES)
            says = metadata.decode_timestamp(stamp.body)
            of_this = says.sha256 == hashlib.sha256(told.body).digest()
            young = self._is_ours(stamp, TIMESTAMP) and now < says.created + LIFE_TIMESTAMP // 2
            if of_this and young:
                return number, stamp
        stamp, number = self._stamp(told, tenant, now)
        try:
            self._shelf.append(tenant, TIMESTAMP, number, _bytes(stamp))
        except (
            OtherBodyError
        ):  # another node was first: of what release its is, the next look tells
            return self._fresh_stamp(tenant, told)
        return number, stamp

    def _stamp(self, told: Signed, tenant: str, now: int) -> tuple[Signed, int]:
        self.check_keys(tenant)
        found = self._shelf.document(tenant, TIMESTAMP)
        number = 1 + (found[0] if found else 0)
        expires = now + LIFE_TIMESTAMP
        return pull.sign_timestamp(number, now, expires, told, [self._keys[TIMESTAMP]]), number

    def _is_ours(self, told: Signed, name: str) -> bool:
        own = keys.key_name(keys.public_of(self._keys[name]))
        return own in dict(told.signatures)

    def _signed(self, published: Published) -> Signed:
        blob = self._shelf.get(published.content)
        if blob is None:
            raise NothingToReleaseError(f"the content of release {published.version} is gone")
        return signed.decode(blob, RELEASE, limits.PULL_BYTES)

    def _first_root(self, tenant: str) -> bytes:
        every = {name: _key(self._folder, name) for name in ROLES}
        document = sign_root(1, tenant, int(self._clock.now()), every, [every[ROOT]])
        try:
            self._shelf.append(tenant, ROOT, 1, document)
        except OtherBodyError:  # another node was first
            found = self._shelf.document(tenant, ROOT, 1)
            return found[1] if found else document
        return document


def sign_root(
    number: int,
    tenant: str,
    now: int,
    named: Mapping[str, SigningKey],
    signers: Sequence[SigningKey],
) -> bytes:
    """A signed root that names one key for each role, and lasts LIFE_ROOT."""
    roles = {name: Role(1, (keys.public_of(named[name]),)) for name in ROLES}
    root = Root(number, tenant, now + LIFE_ROOT, roles)
    return signed.encode(signed.sign(ROOT, metadata.encode_root(root), signers), limits.ROOT_BYTES)


def root_of(document: bytes) -> Root:
    """What a signed root of our own says."""
    return metadata.decode_root(signed.decode(document, ROOT, limits.ROOT_BYTES).body)


def _key(folder: Path, name: str) -> SigningKey:
    return keys.signing_key(keyring.secret(folder, name))


def _bytes(stamp: Signed) -> bytes:
    return signed.encode(stamp, limits.PULL_BYTES)
