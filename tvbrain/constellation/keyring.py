"""The secrets of a constellation, a file each, so that each process is given those that its half needs.

    ingest.key      32 bytes: the hash that puts devices into buckets. The ingest half alone.
    aggregator.key  X25519: opens deltas. The aggregation half alone.
    root.key, release.key, timestamp.key   Ed25519: sign metadata. The publisher alone; only a tenant's first root and
                    a rotation need root.key, so it can be kept elsewhere between them: it is never made a second time.
    NAME.next.key   while a rotation (tvbrain.constellation.rotation) is under way: what NAME.key will be.

A file holds 64 hexadecimal digits and a newline, mode 0600.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
import tempfile
from pathlib import Path

from tvbrain.constellation.records import BUCKETS
from tvbrain.errors import CorruptFileError, MissingFileError

INGEST, AGGREGATOR = "ingest", "aggregator"
ROOT, RELEASE, TIMESTAMP = "root", "release", "timestamp"
NAMES = (ROOT, INGEST, AGGREGATOR, RELEASE, TIMESTAMP)
"""The root first: where the others are and it is not, it was taken elsewhere."""

NEXT = ".next"


def create(folder: Path) -> None:
    """Makes those that are not there, each durable before it is used. An existing one is never changed."""
    folder.mkdir(mode=0o700, exist_ok=True)
    root_is_elsewhere = _path(folder, RELEASE).exists() and not _path(folder, ROOT).exists()
    for name in NAMES:
        if name != ROOT or not root_is_elsewhere:
            keep(folder, name, secrets.token_bytes(32))


def keep(folder: Path, name: str, secret: bytes) -> None:
    """`secret`, 32 bytes, as the key `name`, whole and durable on return; unless there is one: then that stays."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if _path(folder, name).exists():
        return
    with tempfile.NamedTemporaryFile("w", dir=folder, encoding="ascii") as file:
        file.write(secret.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # another process was first
            os.link(file.name, _path(folder, name))
    _sync(folder)


def propose(folder: Path, name: str) -> bytes:
    """The 32 bytes of what will be the key, durable; those of a proposal that is there already."""
    keep(folder, name + NEXT, secrets.token_bytes(32))
    return secret(folder, name + NEXT)


def adopt(folder: Path, name: str) -> None:
    """What was proposed is the key from now on."""
    os.replace(_path(folder, name + NEXT), _path(folder, name))
    _sync(folder)


def proposed(folder: Path) -> tuple[str, ...]:
    """The keys of which another one is proposed: a rotation was cut off."""
    return tuple(name for name in NAMES if _path(folder, name + NEXT).exists())


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


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _path(folder: Path, name: str) -> Path:
    return folder / f"{name}.key"
