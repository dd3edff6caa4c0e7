"""The secrets of a constellation, a file each, so that each process is given those that its half needs.

    ingest.key      32 bytes: the hash that puts devices into buckets. The ingest half alone.
    aggregator.key  X25519: opens deltas. The aggregation half alone.
    root.key, release.key, timestamp.key   Ed25519: sign metadata. The publisher alone; after the first start nothing
                    needs root.key until a key is changed, so it can be kept elsewhere.

A file holds 64 hexadecimal digits and a newline, mode 0600.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from tvbrain.constellation.records import BUCKETS
from tvbrain.errors import CorruptFileError, MissingFileError

INGEST, AGGREGATOR = "ingest", "aggregator"
ROOT, RELEASE, TIMESTAMP = "root", "release", "timestamp"
NAMES = (INGEST, AGGREGATOR, ROOT, RELEASE, TIMESTAMP)


def create(folder: Path) -> None:
    """Makes those that are not there, each durable before it is used. An existing one is never changed."""
    for name in NAMES:
        keep(folder, name, secrets.token_bytes(32))


def keep(folder: Path, name: str, secret: bytes) -> None:
    """`secret`, 32 bytes, as the key `name`, durable when this returns, unless there is one: then that stays."""
    folder.mkdir(mode=0o700, exist_ok=True)
    try:
        handle = os.open(_path(folder, name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secret.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def secret(folder: Path, name: str) -> bytes:
    """The 32 bytes of one. MissingFileError, CorruptFileError."""
    path = _path(folder, name)
    try:
        text = path.read_text(encoding="ascii")
        found = bytes.fromhex(text)
    except FileNotFoundError as error:
        raise MissingFileError(f"{path} does not exist") from error
    except ValueError as error:
        raise CorruptFileError(f"{path} does not hold 64 hexadecimal digits") from error
    if len(found) != 32:
        raise CorruptFileError(f"{path} does not hold 64 hexadecimal digits")
    return found


def bucket_of(key: bytes, tenant: str, device: bytes) -> int:
    """0 to BUCKETS - 1; whoever has no `ingest.key` cannot choose or guess it."""
    found = hmac.digest(key, b"bucket\0" + tenant.encode() + b"\0" + device, hashlib.sha256)
    return int.from_bytes(found[:8], "big") % BUCKETS


def once_of(key: bytes, device: bytes, epoch: int) -> bytes:
    """16 bytes that are the same for each copy of a push."""
    return hmac.digest(key, b"once\0" + device + epoch.to_bytes(8, "big"), hashlib.sha256)[:16]


def _path(folder: Path, name: str) -> Path:
    return folder / f"{name}.key"
