"""The registry in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence

from tvbrain.constellation.errors import (
    ForeignTenantError,
    RefusedTokenError,
    RevokedDeviceError,
    UnknownDeviceError,
    UnknownTenantError,
)
from tvbrain.constellation.postgres.database import Connection, Database, distinct
from tvbrain.constellation.records import Device


class PostgresRegistry:
    """A `Registry`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_tenant(self, tenant: str) -> None:
        with self._database.transaction() as db:
            db.execute("INSERT INTO tenant VALUES (%s) ON CONFLICT DO NOTHING", [tenant])

    def tenants(self) -> list[str]:
        with self._database.transaction() as db:
            return sorted(name for (name,) in db.execute("SELECT name FROM tenant"))

    def add_enrolment_token(self, token: bytes, tenant: str, expires: int, uses: int) -> None:
        with self._database.transaction(tenant) as db:
            _known(db, tenant)
            row = [token, tenant, expires, uses]
            db.execute("INSERT INTO enrolment VALUES (%s, %s, %s, %s)", row)

    def add_operator_token(self, token: bytes, tenant: str, expires: int) -> None:
        with self._database.transaction(tenant) as db:
            _known(db, tenant)
            db.execute("INSERT INTO operator VALUES (%s, %s, %s)", [token, tenant, expires])

    def operated_by(self, token: bytes, now: int) -> str:
        with self._database.transaction() as db:
            row = db.execute("SELECT operator_of(%s, %s)", [token, now]).fetchone()
        if row is None:
            raise RefusedTokenError("this operator token is unknown or expired")
        return str(row[0])

    def enrol(self, token: bytes, tenant: str, device: Device, now: int) -> Device:
        with self._database.transaction(tenant) as db:
            found = db.execute("SELECT tenant, expires FROM enrolment_of(%s)", [token]).fetchone()
            if found is None or found[1] <= now:
                raise RefusedTokenError("this enrolment token is unknown or expired")
            if found[0] != tenant:
                raise ForeignTenantError("this enrolment token is of another tenant")
            new = db.execute(
                "INSERT INTO device VALUES (%s, %s, %s, false) ON CONFLICT DO NOTHING",
                [device.device, tenant, device.public_key],
            )
            if not new.rowcount:
                return _enrolled(db, device.device, tenant)
            used = db.execute(
                "UPDATE enrolment SET uses_left = uses_left - 1 WHERE token = %s AND uses_left > 0",
                [token],
            )
            if not used.rowcount:
                raise RefusedTokenError("this enrolment token is used up")
            return Device(device.device, tenant, device.public_key)

    def add_devices(self, devices: Sequence[Device]) -> None:
        tenants = distinct(device.tenant for device in devices)
        with self._database.transaction(*tenants) as db:
            for tenant in tenants:
                _known(db, tenant)
            db.cursor().executemany(
                "INSERT INTO device VALUES (%s, %s, %s, false) ON CONFLICT DO NOTHING",
                [(device.device, device.tenant, device.public_key) for device in devices],
            )

    def device(self, device: bytes) -> Device | None:
        with self._database.transaction() as db:
            return _device(db, device)

    def revoke(self, tenant: str, device: bytes) -> None:
        with self._database.transaction(tenant) as db:
            changed = db.execute("UPDATE device SET revoked = true WHERE device = %s", [device])
            if not changed.rowcount:
                raise UnknownDeviceError("no device of this tenant has this name")


def _enrolled(db: Connection, device: bytes, tenant: str) -> Device:
    known = _device(db, device)
    if known is None or known.tenant != tenant:
        raise ForeignTenantError("this device is enrolled with another tenant")
    if known.revoked:
        raise RevokedDeviceError("this device was revoked")
    return known


def _known(db: Connection, tenant: str) -> None:
    if db.execute("SELECT 1 FROM tenant WHERE name = %s", [tenant]).fetchone() is None:
        raise UnknownTenantError(f"there is no tenant {tenant!r}")


def _device(db: Connection, device: bytes) -> Device | None:
    row = db.execute(
        "SELECT device, tenant, public_key, revoked FROM device_of(%s)", [device]
    ).fetchone()
    return None if row is None else Device(*row)
