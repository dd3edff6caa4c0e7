"""What says whom to believe, and what: the root (whose keys sign what) and the timestamp (which release is newest)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tvbrain.wire import keys, limits, positional
from tvbrain.wire.errors import MalformedError
from tvbrain.wire.signed import ROLES, Role

VERSION: Final = 1
HASH: Final = 32


@dataclass(frozen=True, slots=True)
class Root:
    """number: from 1, each one higher than the one before. expires: seconds since 1970. roles: by name, of ROLES."""

    number: int
    tenant: str
    expires: int
    roles: dict[str, Role]


@dataclass(frozen=True, slots=True)
class Timestamp:
    """number: from 1, never smaller. created, expires: seconds since 1970; a short time apart. release, sha256: number
    of the newest release, and the hash of its frame.
    """

    number: int
    tenant: str
    created: int
    expires: int
    release: int
    sha256: bytes


def encode_root(root: Root) -> bytes:
    """Raises MalformedError for what `decode_root` would refuse."""
    every = sorted({key for role in root.roles.values() for key in role.keys})
    place = {key: at for at, key in enumerate(every)}
    rows = [
        [root.roles[name].threshold, bytes(sorted(place[key] for key in root.roles[name].keys))]
        for name in ROLES
    ]
    data = positional.encode([VERSION, root.number, root.tenant, root.expires, every, rows])
    decode_root(data)
    return data


def decode_root(data: bytes) -> Root:
    """Raises OverLimitError, MalformedError, NewerWireError."""
    fields = positional.decode(data, "root", VERSION, 6, limits.ROOT_BYTES)
    number = fields.number("number", 1, limits.NUMBER)
    tenant = fields.text("tenant", limits.TENANT_LENGTH)
    expires = fields.number("expires", 0, limits.NUMBER)
    every = fields.array("keys")
    known = [key for key in every if isinstance(key, bytes) and len(key) == keys.PUBLIC]
    if len(known) != len(every) or len(known) > limits.KEYS or sorted(set(known)) != known:
        raise MalformedError("root: keys do not ascend, or are none")
    rows = fields.arrays("roles", 2, len(ROLES))
    if len(rows) != len(ROLES):
        raise MalformedError(f"root: {len(rows)} roles, not {len(ROLES)}")
    used: set[int] = set()
    roles = {}
    for name, row in zip(ROLES, rows, strict=True):
        threshold = row.number("threshold", 1, limits.KEYS)
        places = list(row.data("keys", most=limits.KEYS))
        if sorted(set(places)) != places or (places and places[-1] >= len(known)):
            raise MalformedError(f"root: the keys of {name} do not ascend, or there are no such")
        if len(places) < threshold:
            raise MalformedError(f"root: {name} needs {threshold} of {len(places)} keys")
        used.update(places)
        roles[name] = Role(threshold, tuple(known[at] for at in places))
    if len(used) != len(known):
        raise MalformedError("root: a key without a role")
    return Root(number, tenant, expires, roles)


def encode_timestamp(stamp: Timestamp) -> bytes:
    """Raises MalformedError for what `decode_timestamp` would refuse."""
    data = positional.encode(
        [
            VERSION,
            stamp.number,
            stamp.tenant,
            stamp.created,
            stamp.expires,
            stamp.release,
            stamp.sha256,
        ]
    )
    decode_timestamp(data)
    return data


def decode_timestamp(data: bytes) -> Timestamp:
    """Raises OverLimitError, MalformedError, NewerWireError."""
    fields = positional.decode(data, "timestamp", VERSION, 7, limits.PULL_BYTES)
    number = fields.number("number", 1, limits.NUMBER)
    tenant = fields.text("tenant", limits.TENANT_LENGTH)
    created = fields.number("created", 0, limits.NUMBER)
    expires = fields.number("expires", created, limits.NUMBER)
    release = fields.number("release", 1, limits.NUMBER)
    return Timestamp(number, tenant, created, expires, release, fields.data("sha256", HASH))
