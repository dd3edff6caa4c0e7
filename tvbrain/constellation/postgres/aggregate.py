"""The tally and the shelf in PostgreSQL."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from tvbrain.constellation.errors import OtherBodyError
from tvbrain.constellation.ledger import Ledger
from tvbrain.constellation.postgres.database import Connection, Database, distinct
from tvbrain.constellation.records import (
    CANARY_EVERY,
    Counts,
    Dense,
    Increments,
    KnownPack,
    Published,
    added_up,
)


class PostgresAggregate:
    """A `Tally` and a `Shelf`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # Tally

    def position(self, stream: bytes) -> int:
        with self._database.transaction() as db:
            row = db.execute("SELECT seq FROM position WHERE stream = %s", [stream]).fetchone()
        return int(row[0]) if row else 0

    def add(self, stream: bytes, after: int, up_to: int, increments: Increments) -> bool:
        spoken = [cell.tenant for cell in increments.cells]
        tenants = distinct(spoken + [dense.tenant for dense in increments.dense])
        with self._database.transaction(*tenants) as db:
            db.execute("INSERT INTO position VALUES (%s, 0) ON CONFLICT DO NOTHING", [stream])
            moved = db.execute(
                "UPDATE position SET seq = %s WHERE stream = %s AND seq = %s",
                [up_to, stream, after],
            )
            if not moved.rowcount:
                return False
            once, epochs = zip(*increments.once, strict=True) if increments.once else ((), ())
            db.execute(
                "INSERT INTO counted SELECT * FROM unnest(%s::bytea[], %s::bigint[])"
                " ON CONFLICT DO NOTHING",
                [list(once), list(epochs)],
            )
            Ledger(db.execute).add(increments.cells)
            _add_dense(db, increments.dense)
        return True

    def counted(self, once: Sequence[bytes]) -> set[bytes]:
        with self._database.transaction() as db:
            rows = db.execute("SELECT once FROM counted WHERE once = ANY (%s)", [list(once)])
            return {found for (found,) in rows}

    def packs(self, tenant: str) -> list[bytes]:
        with self._database.transaction(tenant) as db:
            return [pack for (pack,) in db.execute("SELECT pack FROM space ORDER BY pack")]

    def counts(self, tenant: str, pack: bytes, *, canary: bool = False) -> Counts:
        with self._database.transaction(tenant) as db:
            return Ledger(db.execute).counts(tenant, pack, CANARY_EVERY, canary)

    def buckets(self, tenant: str, pack: bytes, *, canary: bool = False) -> int:
        with self._database.transaction(tenant) as db:
            return Ledger(db.execute).buckets(tenant, pack, CANARY_EVERY, canary)

    def dense(self, tenant: str, kind: str) -> list[Dense]:
        with self._database.transaction(tenant) as db:
            rows = db.execute(
                "SELECT key, place, weight, total FROM dense WHERE kind = %s"
                ' ORDER BY key COLLATE "C", place',
                [kind],
            ).fetchall()
        return [
            Dense(tenant, kind, key, place, weight, np.frombuffer(total, "<i8"))
            for key, place, weight, total in rows
        ]

    def forget(self, before: int) -> None:
        with self._database.transaction() as db:
            db.execute("DELETE FROM counted WHERE epoch < %s", [before])
            spaces = db.execute("SELECT tenant, pack FROM spaces()").fetchall()
        for tenant, pack in spaces:
            with self._database.transaction(tenant) as db:
                Ledger(db.execute).forget(tenant, pack, before)

    # Shelf

    def put(self, blob: bytes) -> bytes:
        content = hashlib.sha256(blob).digest()
        with self._database.transaction() as db:
            db.execute("INSERT INTO blob VALUES (%s, %s) ON CONFLICT DO NOTHING", [content, blob])
        return content

    def get(self, content: bytes) -> bytes | None:
        with self._database.transaction() as db:
            row = db.execute("SELECT bytes FROM blob WHERE content = %s", [content]).fetchone()
        return None if row is None else bytes(row[0])

    def append(self, tenant: str, kind: str, number: int, document: bytes) -> None:
        with self._database.transaction(tenant) as db:
            last = "SELECT coalesce(max(number), 0) FROM document WHERE kind = %s"
            _follow(db, last, [kind], kind, number)
            row = [tenant, kind, number, document]
            made = db.execute(
                "INSERT INTO document VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING", row
            )
            _won(made.rowcount, kind, number)

    def document(
        self, tenant: str, kind: str, number: int | None = None
    ) -> tuple[int, bytes] | None:
        with self._database.transaction(tenant) as db:
            row: tuple[int, bytes] | None = db.execute(
                "SELECT number, bytes FROM document WHERE kind = %s"
                " AND (%s::bigint IS NULL OR number = %s) ORDER BY number DESC LIMIT 1",
                [kind, number, number],
            ).fetchone()
        return row

    def add_pack(self, tenant: str, pack: KnownPack) -> None:
        with self._database.transaction(tenant) as db:
            db.execute(
                "INSERT INTO pack VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
                [tenant, pack.sha256, pack.rows, pack.rows_of],
            )

    def known_packs(self, tenant: str) -> list[KnownPack]:
        with self._database.transaction(tenant) as db:
            rows = db.execute("SELECT sha256, rows, rows_of FROM pack ORDER BY sha256").fetchall()
        return [KnownPack(*row) for row in rows]

    def publish(self, release: Published, charges: Mapping[str, float]) -> None:
        with self._database.transaction(release.tenant) as db:
            last = "SELECT coalesce(max(version), 0) FROM release"
            _follow(db, last, [], "release", release.version)
            made = db.execute(
                "INSERT INTO release VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
                [
                    release.tenant,
                    release.version,
                    release.content,
                    release.created,
                    release.of,
                    json.dumps(dict(charges), sort_keys=True),
                ],
            )
            _won(made.rowcount, "release", release.version)

    def latest(self, tenant: str) -> Published | None:
        return self._one(tenant, "ORDER BY version DESC LIMIT 1")

    def release(self, tenant: str, version: int) -> Published | None:
        return self._one(tenant, "WHERE version = %s", version)

    def charges(self, tenant: str) -> list[Mapping[str, float]]:
        with self._database.transaction(tenant) as db:
            rows = db.execute("SELECT charges FROM release ORDER BY version").fetchall()
        return [json.loads(text) for (text,) in rows]

    def _one(self, tenant: str, which: str, *values: int) -> Published | None:
        with self._database.transaction(tenant) as db:
            row = db.execute(
                f"SELECT tenant, version, content, created, same_as FROM release {which}", values
            ).fetchone()
        return None if row is None else Published(*row)


def _follow(db: Connection, last: str, values: Sequence[str], what: str, number: int) -> None:
    row = db.execute(last, values).fetchone()
    if row is None or number != row[0] + 1:
        raise OtherBodyError(f"{what} {number} does not follow {what} {row[0] if row else 0}")


def _won(rows: int, what: str, number: int) -> None:
    if not rows:
        raise OtherBodyError(f"another process has made {what} {number}")


def _add_dense(db: Connection, addends: Iterable[Dense]) -> None:
    for addend in added_up(addends):
        key = (addend.tenant, addend.kind, addend.key, addend.group)
        row = db.execute(
            "SELECT weight, total FROM dense"
            " WHERE tenant = %s AND kind = %s AND key = %s AND place = %s",
            key,
        ).fetchone()
        weight, total = (0, 0) if row is None else (row[0], np.frombuffer(row[1], "<i8"))
        summed = (total + addend.total).astype("<i8").tobytes()
        db.execute(
            "INSERT INTO dense VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (tenant, kind, key, place)"
            " DO UPDATE SET weight = excluded.weight, total = excluded.total",
            (*key, weight + addend.weight, summed),
        )
