"""The registry and the inbox in ingest.db."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from random import SystemRandom

from tvbrain.constellation.errors import (
    ForeignTenantError,
    RefusedTokenError,
    RevokedDeviceError,
    UnknownDeviceError,
    UnknownTenantError,
)
from tvbrain.constellation.records import Arrival, Device, Kept, Waiting
from tvbrain.constellation.sqlite import schema
from tvbrain.constellation.sqlite.connection import Connection

FILE = "ingest.db"


class SqliteIngest:
    """A `Registry` and an `Inbox`."""

    def __init__(self, folder: Path) -> None:
        self._file = Connection(folder / FILE, schema.ingest)
        self._shuffle = SystemRandom().shuffle

    def close(self) -> None:
        self._file.close()

    # Registry

    def add_tenant(self, tenant: str) -> None:
        with self._file.transaction() as db:
            db.execute("INSERT OR IGNORE INTO tenant VALUES (?)", [tenant])

    def tenants(self) -> list[str]:
        with self._file.reading() as db:
            return [name for (name,) in db.execute("SELECT name FROM tenant ORDER BY name")]

    def add_enrolment_token(self, token: bytes, tenant: str, expires: int, uses: int) -> None:
        with self._file.transaction() as db:
            _known(db, tenant)
            db.execute("INSERT INTO enrolment VALUES (?, ?, ?, ?)", [token, tenant, expires, uses])

    def add_operator_token(self, token: bytes, tenant: str, expires: int) -> None:
        with self._file.transaction() as db:
            _known(db, tenant)
            db.execute("INSERT INTO operator VALUES (?, ?, ?)", [token, tenant, expires])

    def operated_by(self, token: bytes, now: int) -> str:
        with self._file.reading() as db:
            row = db.execute(
                "SELECT tenant FROM operator WHERE token = ? AND expires > ?", [token, now]
            ).fetchone()
        if row is None:
            raise RefusedTokenError("this operator token is unknown or expired")
        return str(row[0])

    def enrol(self, token: bytes, tenant: str, device: Device, now: int) -> Device:
        with self._file.transaction() as db:
            found = db.execute(
                "SELECT tenant, expires, uses_left FROM enrolment WHERE token = ?", [token]
            ).fetchone()
            if found is None or found[1] <= now:
                raise RefusedTokenError("this enrolment token is unknown or expired")
            if found[0] != tenant:
                raise ForeignTenantError("this enrolment token is of another tenant")
            known = _device(db, device.device)
            if known is not None:
                if known.tenant != tenant:
                    raise ForeignTenantError("this device is enrolled with another tenant")
                if known.revoked:
                    raise RevokedDeviceError("this device was revoked")
                return known
            if found[2] < 1:
                raise RefusedTokenError("this enrolment token is used up")
            db.execute("UPDATE enrolment SET uses_left = uses_left - 1 WHERE token = ?", [token])
            db.execute(
                "INSERT INTO device VALUES (?, ?, ?, 0)",
                [device.device, tenant, device.public_key],
            )
            return Device(device.device, tenant, device.public_key)

    def add_devices(self, devices: Sequence[Device]) -> None:
        with self._file.transaction() as db:
            for tenant in {device.tenant for device in devices}:
                _known(db, tenant)
            db.executemany(
                "INSERT OR IGNORE INTO device VALUES (?, ?, ?, 0)",
                [(device.device, device.tenant, device.public_key) for device in devices],
            )

    def device(self, device: bytes) -> Device | None:
        with self._file.reading() as db:
            return _device(db, device)

    def revoke(self, tenant: str, device: bytes) -> None:
        with self._file.transaction() as db:
            changed = db.execute(
                "UPDATE device SET revoked = 1 WHERE device = ? AND tenant = ?", [device, tenant]
            ).rowcount
        if not changed:
            raise UnknownDeviceError("no device of this tenant has this name")

    # Inbox

    def keep(self, arrivals: Sequence[Arrival]) -> list[Kept]:
        with self._file.transaction() as db:
            outcomes = [_receipt(db, arrival) for arrival in arrivals]
            new = [a for a, kept in zip(arrivals, outcomes, strict=True) if kept is Kept.NEW]
            self._shuffle(new)  # the order of receipts says nothing about that of the stream
            db.executemany(
                "INSERT INTO push (tenant, epoch, base, bucket, once, sealed) VALUES (?, ?, ?, ?, ?, ?)",
                [(a.tenant, a.epoch, a.base, a.bucket, a.once, a.sealed) for a in new],
            )
        return outcomes

    def stream(self) -> bytes:
        with self._file.reading() as db:
            return bytes(db.execute("SELECT name FROM stream").fetchone()[0])

    def waiting(self, after: int, most: int) -> list[Waiting]:
        with self._file.reading() as db:
            rows = db.execute(
                "SELECT seq, tenant, epoch, base, bucket, once, sealed FROM push WHERE seq > ?"
                " ORDER BY seq LIMIT ?",
                [after, most],
            ).fetchall()
        return [Waiting(*row) for row in rows]

    def trim(self, up_to: int) -> None:
        with self._file.transaction() as db:
            db.execute("DELETE FROM push WHERE seq <= ?", [up_to])

    def forget_receipts(self, before: int) -> None:
        with self._file.transaction() as db:
            db.execute("UPDATE stream SET floor = max(floor, ?)", [before])
            db.execute("DELETE FROM receipt WHERE epoch < ?", [before])

    def floor(self) -> int:
        with self._file.reading() as db:
            return int(db.execute("SELECT floor FROM stream").fetchone()[0])


def _receipt(db: sqlite3.Connection, arrival: Arrival) -> Kept:
    key = (arrival.device, arrival.epoch)
    fresh = db.execute("INSERT OR IGNORE INTO receipt VALUES (?, ?, ?)", (*key, arrival.digest))
    if fresh.rowcount:
        return Kept.NEW
    (digest,) = db.execute(
        "SELECT digest FROM receipt WHERE device = ? AND epoch = ?", key
    ).fetchone()
    return Kept.KNOWN if digest == arrival.digest else Kept.OTHER


def _known(db: sqlite3.Connection, tenant: str) -> None:
    if db.execute("SELECT 1 FROM tenant WHERE name = ?", [tenant]).fetchone() is None:
        raise UnknownTenantError(f"there is no tenant {tenant!r}")


def _device(db: sqlite3.Connection, device: bytes) -> Device | None:
    row = db.execute(
        "SELECT device, tenant, public_key, revoked FROM device WHERE device = ?", [device]
    ).fetchone()
    return None if row is None else Device(row[0], row[1], row[2], bool(row[3]))
