"""What the files of a constellation held when they were first written: tests/golden/constellation-1/.

Written once by `python -m tests.constellation.old_files`. Changing this cannot change them: it says what is in them.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from tests.places import ROOT
from tvbrain.constellation.records import (
    Arrival,
    Cell,
    Dense,
    Device,
    Increments,
    KnownPack,
    Published,
)
from tvbrain.constellation.sqlite.aggregate import SqliteAggregate
from tvbrain.constellation.sqlite.ingest import SqliteIngest

GOLDEN = ROOT / "tests" / "golden" / "constellation-1"
TENANT, NOW, EPOCH = "north", 1_700_000_000, 2810
OPERATOR, ENROLMENT = (hashlib.sha256(one).digest() for one in (b"operator", b"enrolment"))
WELCOME = Device(b"a" * 16, TENANT, b"A" * 32)
REVOKED = Device(b"b" * 16, TENANT, b"B" * 32)
PACK = KnownPack(hashlib.sha256(b"pack").digest(), 500, hashlib.sha256(b"pack").digest())
BLOB, DOCUMENT = b"what release 1 said", b"a signed root"
CELL = (3 << 32) | 7
CHARGES = {"noise_multiplier": 8.0}


def arrival(device: bytes, epoch: int = EPOCH) -> Arrival:
    """A push as the ingest half keeps it."""
    digest = hashlib.sha256(device + bytes([epoch % 256])).digest()
    return Arrival(TENANT, device, epoch, digest, 1, 17, digest[:16], b"sealed " + device)


def increments() -> Increments:
    """Two buckets that said one couple, one of them a title too, and one dense number."""
    name, one = PACK.sha256[:16], np.ones(1, np.int64)
    couple = np.array([CELL], np.int64)
    cells = [Cell(TENANT, name, bucket, EPOCH, couple, one * 60, 100) for bucket in (17, 18)]
    title = np.array([(3 << 32) | 3], np.int64)
    cells.append(Cell(TENANT, name, 18, EPOCH, title, one, 1))
    dense = Dense(TENANT, "blender", "1:2", 5, 4, np.array([8, -8], np.int64))
    return Increments(cells, [dense], [(b"o" * 16, EPOCH)])


def write(folder: Path) -> None:
    """Both files, with something in every table."""
    folder.mkdir()
    ingest = SqliteIngest(folder)
    ingest.add_tenant(TENANT)
    ingest.add_enrolment_token(ENROLMENT, TENANT, NOW + 100, 2)
    ingest.add_operator_token(OPERATOR, TENANT, NOW + 100)
    ingest.add_devices([WELCOME, REVOKED])
    ingest.revoke(TENANT, REVOKED.device)
    ingest.keep([arrival(WELCOME.device), arrival(REVOKED.device)])
    ingest.forget_receipts(EPOCH - 3)
    aggregate = SqliteAggregate(folder)
    aggregate.add(ingest.stream(), 0, 1, increments())
    aggregate.add_pack(TENANT, PACK)
    content = aggregate.put(BLOB)
    aggregate.publish(Published(TENANT, 1, content, NOW, 1), CHARGES)
    aggregate.append(TENANT, "root", 1, DOCUMENT)
    ingest.close()
    aggregate.close()


if __name__ == "__main__":
    write(GOLDEN)
