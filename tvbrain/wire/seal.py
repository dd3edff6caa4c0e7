"""A delta sealed to the aggregator: who receives it and passes it on cannot read it, nor tell its length exactly.

HPKE (RFC 9180, base mode): X25519, HKDF-SHA256, ChaCha20-Poly1305. Tenant and epoch are bound as its info: what was
sealed for one does not open for another. Sealed bytes: 4 that name the key, 32 of the encapsulated key, the text and
its 16 of authentication. The text is u16 length, the frame, and zeros to one of three sizes (limits.SEALED_SIZES).
"""

from __future__ import annotations

import hashlib
import struct

from tvbrain.errors import NotInstalledError
from tvbrain.wire import limits
from tvbrain.wire.errors import MalformedError, OverLimitError, SealError

try:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives import hpke
    from cryptography.hazmat.primitives.asymmetric import x25519
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
except ImportError as error:
    raise NotInstalledError("sync needs cryptography 47: pip install 'tvbrain[sync]'") from error

OpeningKey = X25519PrivateKey

KEY_NAME = 4
OVERHEAD = KEY_NAME + 32 + 16
SEALED_LENGTHS = tuple(size + OVERHEAD for size in limits.SEALED_SIZES)
_SUITE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)


def new_opening_key() -> OpeningKey:
    """From the system's randomness."""
    return OpeningKey.generate()


def opening_key(raw: bytes) -> OpeningKey:
    """From its 32 bytes. MalformedError for another length."""
    try:
        return OpeningKey.from_private_bytes(raw)
    except ValueError as error:
        raise MalformedError(f"opening key: {error}") from error


def key_name(public: bytes) -> bytes:
    """What sealed bytes begin with: the first 4 bytes of the SHA-256 of the key they are sealed to."""
    return hashlib.sha256(public).digest()[:KEY_NAME]


def seal(content: bytes, public: bytes, tenant: str, epoch: int) -> bytes:
    """`content`, at most limits.FRAME_BYTES, for the holder of the key to `public` alone. Each call gives other bytes.

    Raises OverLimitError; MalformedError for bytes that are no key.
    """
    if len(content) > limits.FRAME_BYTES:
        raise OverLimitError(f"seal: {len(content)} bytes; at most {limits.FRAME_BYTES}")
    try:
        key = x25519.X25519PublicKey.from_public_bytes(public)
    except ValueError as error:
        raise MalformedError(f"aggregator's key: {error}") from error
    return key_name(public) + _SUITE.encrypt(_padded(content), key, _info(tenant, epoch))


def open_sealed(sealed: bytes, key: OpeningKey, tenant: str, epoch: int) -> bytes:
    """What was sealed. Raises SealError, MalformedError."""
    if len(sealed) not in SEALED_LENGTHS:
        raise MalformedError(f"seal: {len(sealed)} bytes")
    if sealed[:KEY_NAME] != key_name(key.public_key().public_bytes_raw()):
        raise SealError("sealed to another key")
    try:
        text = _SUITE.decrypt(sealed[KEY_NAME:], key, _info(tenant, epoch))
    except (InvalidTag, ValueError) as error:
        raise SealError("does not open: changed, or sealed for another tenant or epoch") from error
    (length,) = struct.unpack_from("<H", text)
    content = text[2 : 2 + length]
    if _padded(content) != text:
        raise MalformedError("seal: padding that nobody writes")
    return content


def _padded(content: bytes) -> bytes:
    size = next((s for s in limits.SEALED_SIZES if s >= len(content) + 2), len(content) + 2)
    return (struct.pack("<H", len(content)) + content).ljust(size, b"\0")


def _info(tenant: str, epoch: int) -> bytes:
    return b"tvbrain delta 1\0" + tenant.encode("ascii") + b"\0" + struct.pack("<I", epoch)
