"""What a set sends: who, for whom, which epoch, around a sealed delta; signed by the set."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from tvbrain.wire import keys, limits, positional
from tvbrain.wire.errors import MalformedError, OverLimitError, SignatureError
from tvbrain.wire.keys import SigningKey
from tvbrain.wire.seal import SEALED_LENGTHS

VERSION = 1
DOMAIN = "tvbrain push 1"
_WHAT = "push"


@dataclass(frozen=True, slots=True)
class Push:
    """tenant: 1 to 32 of a-z, 0-9 and -. device: 16 bytes, of the public key that signed. epoch: weeks since 1970.
    base_version: number of the release that the set had applied, 0 without one. sealed, signature: bytes.
    """

    tenant: str
    device: bytes
    epoch: int
    base_version: int
    sealed: bytes
    signature: bytes = b""

    def signed_content(self) -> bytes:
        """What the signature covers: all of it, the sealed bytes by their SHA-256."""
        body = hashlib.sha256(self.sealed).digest()
        return positional.encode(
            [VERSION, self.tenant, self.device, self.epoch, self.base_version, body]
        )


def sign(key: SigningKey, tenant: str, epoch: int, base_version: int, sealed: bytes) -> Push:
    """The push of the set with this key."""
    device = keys.device_of(keys.public_of(key))
    bare = Push(tenant, device, epoch, base_version, sealed)
    signature = keys.sign(key, DOMAIN, bare.signed_content())
    return Push(tenant, device, epoch, base_version, sealed, signature)


def verify(push: Push, public: bytes) -> None:
    """Raises SignatureError unless the holder of the key to `public` signed it and is the device that it names."""
    if keys.device_of(public) != push.device:
        raise SignatureError(f"{_WHAT}: of another device than this key's")
    keys.verify(public, DOMAIN, push.signed_content(), push.signature)


def encode(push: Push) -> bytes:
    """The body of a request. MalformedError where a field is out of range, OverLimitError over limits.PUSH_BYTES."""
    good = (
        positional.is_name(push.tenant, limits.TENANT_LENGTH)
        and len(push.device) == keys.DEVICE
        and 0 <= push.epoch <= limits.NUMBER
        and 0 <= push.base_version <= limits.NUMBER
        and len(push.sealed) in SEALED_LENGTHS
        and len(push.signature) == keys.SIGNATURE
    )
    if not good:
        raise MalformedError(f"{_WHAT}: a field is out of range")
    data = positional.encode(
        [
            VERSION,
            push.tenant,
            push.device,
            push.epoch,
            push.base_version,
            push.sealed,
            push.signature,
        ]
    )
    if len(data) > limits.PUSH_BYTES:
        raise OverLimitError(f"{_WHAT}: {len(data)} bytes; at most {limits.PUSH_BYTES}")
    return data


def decode(data: bytes) -> Push:
    """Not yet verified. Raises OverLimitError, MalformedError, NewerWireError."""
    fields = positional.decode(data, _WHAT, VERSION, 7, limits.PUSH_BYTES)
    return Push(
        fields.text("tenant", limits.TENANT_LENGTH),
        fields.data("device", keys.DEVICE),
        fields.number("epoch", 0, limits.NUMBER),
        fields.number("base_version", 0, limits.NUMBER),
        fields.data("sealed", *SEALED_LENGTHS),
        fields.data("signature", keys.SIGNATURE),
    )
