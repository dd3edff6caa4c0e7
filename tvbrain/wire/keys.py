"""Keys and what is signed with them: Ed25519, over bytes that begin with what they are."""

from __future__ import annotations

import hashlib

from tvbrain.errors import NotInstalledError
from tvbrain.wire.errors import MalformedError, SignatureError

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ed25519
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
except ImportError as error:
    raise NotInstalledError("sync needs cryptography: pip install 'tvbrain[sync]'") from error

SigningKey = Ed25519PrivateKey

PUBLIC, SIGNATURE = 32, 64
"""Bytes of a public key and of a signature."""
DEVICE = 16
KEY_NAME = 8


def new_signing_key() -> SigningKey:
    """From the system's randomness."""
    return SigningKey.generate()


def signing_key(raw: bytes) -> SigningKey:
    """From its 32 bytes. MalformedError for another length."""
    try:
        return SigningKey.from_private_bytes(raw)
    except ValueError as error:
        raise MalformedError(f"signing key: {error}") from error


def public_of(key: SigningKey) -> bytes:
    """Its 32 public bytes."""
    return key.public_key().public_bytes_raw()


def device_of(public: bytes) -> bytes:
    """What a set is called: the first 16 bytes of the SHA-256 of its public key."""
    return hashlib.sha256(public).digest()[:DEVICE]


def key_name(public: bytes) -> bytes:
    """What a signature names its key by: the first 8 bytes of its SHA-256."""
    return hashlib.sha256(public).digest()[:KEY_NAME]


def sign(key: SigningKey, domain: str, content: bytes) -> bytes:
    """64 bytes over the domain, a zero byte and the content; a domain says what kind of message is signed."""
    return key.sign(_signed(domain, content))


def verify(public: bytes, domain: str, content: bytes, signature: bytes) -> None:
    """Raises SignatureError; MalformedError for bytes that are no key."""
    try:
        key = ed25519.Ed25519PublicKey.from_public_bytes(public)
    except ValueError as error:
        raise MalformedError(f"public key: {error}") from error
    try:
        key.verify(signature, _signed(domain, content))
    except InvalidSignature as error:
        raise SignatureError(f"{domain}: the signature is not this key's") from error


def _signed(domain: str, content: bytes) -> bytes:
    return domain.encode("ascii") + b"\0" + content
