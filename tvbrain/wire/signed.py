"""A message with signatures of keys that have a role: root, release or timestamp."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from tvbrain.wire import keys, limits, positional
from tvbrain.wire.errors import MalformedError, OverLimitError, SignatureError
from tvbrain.wire.keys import SigningKey

VERSION = 1
ROLES = ("root", "release", "timestamp")
ROOT, RELEASE, TIMESTAMP = ROLES


@dataclass(frozen=True, slots=True)
class Signed:
    """signatures: (name of the key, signature), ascending by name, each key once."""

    body: bytes
    signatures: tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class Role:
    """Who may sign something: at least `threshold` of these public keys."""

    threshold: int
    keys: tuple[bytes, ...]


def sign(role: str, body: bytes, signers: Iterable[SigningKey]) -> Signed:
    """Signed by each of them."""
    made = {}
    for key in signers:
        made[keys.key_name(keys.public_of(key))] = keys.sign(key, domain(role), body)
    return Signed(body, tuple(sorted(made.items())))


def verify(signed: Signed, role: str, who: Role) -> None:
    """Raises SignatureError unless enough of the role's keys signed it; signatures of others do not count."""
    known = {keys.key_name(public): public for public in who.keys}
    good = 0
    for name, signature in signed.signatures:
        if name in known:
            keys.verify(known[name], domain(role), signed.body, signature)
            good += 1
    if good < who.threshold:
        raise SignatureError(f"{role}: {good} signatures of its keys; it needs {who.threshold}")


def domain(role: str) -> str:
    """What the signed bytes begin with, so that no message passes for one of another kind."""
    return f"tvbrain {role} 1"


def encode(signed: Signed, most: int) -> bytes:
    """Raises OverLimitError over `most` bytes."""
    data = positional.encode([VERSION, signed.body, [list(one) for one in signed.signatures]])
    if len(data) > most:
        raise OverLimitError(f"signed: {len(data)} bytes; at most {most}")
    return data


def decode(data: bytes, what: str, most: int) -> Signed:
    """Not yet verified. Raises OverLimitError, MalformedError, NewerWireError."""
    fields = positional.decode(data, what, VERSION, 3, most)
    body = fields.data("body", most=most)
    found = tuple(
        (row.data("key", keys.KEY_NAME), row.data("signature", keys.SIGNATURE))
        for row in fields.arrays("signatures", 2, limits.SIGNATURES)
    )
    names = [name for name, _ in found]
    if any(a >= b for a, b in pairwise(names)):
        raise MalformedError(f"{what}: signatures do not ascend, or a key signs twice")
    return Signed(body, found)
