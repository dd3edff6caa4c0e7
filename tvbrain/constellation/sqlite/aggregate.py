"""The tally and the shelf in aggregate.db."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from tvbrain.constellation.errors import OtherBodyError
from tvbrain.constellation.ledger import Ledger
from tvbrain.constellation.records import (
    CANARY_EVERY,
    Counts,
    Dense,
    Increments,
    KnownPack,
    Published,
    added_up,
)
from tvbrain.constellation.sqlite import schema
from tvbrain.constellation.sqlite.connection import Connection

FILE = "aggregate.db"


class SqliteAggregate:
    """A `Tally` and a `Shelf`."""

    def __init__(self, folder: Path) -> None:
        self._file = Connection(folder / FILE, schema.aggregate)

    def close(self) -> None:
        self._file.close()

    # Tally

    def position(self, stream: bytes) -> int:
        with self._file.reading() as db:
            return _position(db, stream)

    def add(self, stream: bytes, after: int, up_to: int, increments: Increments) -> bool:
        with self._file.transaction() as db:
            if _position(db, stream) != after:
                return False
            db.executemany("INSERT OR IGNORE INTO counted VALUES (?, ?)", increments.once)
            db.execute("INSERT OR REPLACE INTO position VALUES (?, ?)", [stream, up_to])
            _ledger(db).add(increments.cells)
            _add_dense(db, increments.dense)
        return True

    def counted(self, once: Sequence[bytes]) -> set[bytes]:
        marks = ", ".join("?" * len(once))
        with self._file.reading() as db:
            rows = db.execute(f"SELECT once FROM counted WHERE once IN ({marks})", once)
            return {bytes(found) for (found,) in rows}

    def packs(self, tenant: str) -> list[bytes]:
        with self._file.reading() as db:
            rows = db.execute("SELECT pack FROM space WHERE tenant = ? ORDER BY pack", [tenant])
            return [bytes(pack) for (pack,) in rows]

    def counts(self, tenant: str, pack: bytes, *, canary: bool = False) -> Counts:
        with self._file.reading() as db:
            return _ledger(db).counts(tenant, pack, CANARY_EVERY, canary)

    def buckets(self, tenant: str, pack: bytes, *, canary: bool = False) -> int:
        with self._file.reading() as db:
            return _ledger(db).buckets(tenant, pack, CANARY_EVERY, canary)

    def dense(self, tenant: str, kind: str) -> list[Dense]:
        with self._file.reading() as db:
            rows = db.execute(
                "SELECT key, place, weight, total FROM dense WHERE tenant = ? AND kind = ?"
                " ORDER BY key, place",
                [tenant, kind],
            ).fetchall()
        return [
            Dense(tenant, kind, key, place, weight, np.frombuffer(total, "<i8"))
            for key, place, weight, total in rows
        ]

    def forget(self, before: int) -> None:
        with self._file.transaction() as db:
            db.execute("DELETE FROM counted WHERE epoch < ?", [before])
            spaces = db.execute("SELECT tenant, pack FROM space ORDER BY id").fetchall()
        for tenant, pack in spaces:
            with self._file.transaction() as db:
                _ledger(db).forget(tenant, pack, before)

    # Shelf

    def put(self, blob: bytes) -> bytes:
        content = hashlib.sha256(blob).digest()
        with self._file.transaction() as db:
            db.execute("INSERT OR IGNORE INTO blob VALUES (?, ?)", [content, blob])
        return content

    def get(self, content: bytes) -> bytes | None:
        with self._file.reading() as db:
            row = db.execute("SELECT bytes FROM blob WHERE content = ?", [content]).fetchone()
        return None if row is None else bytes(row[0])

    def publish(self, release: Published, charges: Mapping[str, float]) -> None:
        with self._file.transaction() as db:
            (last,) = db.execute(
                "SELECT coalesce(max(version), 0) FROM release WHERE tenant = ?", [release.tenant]
            ).fetchone()
            if release.version != last + 1:
                raise OtherBodyError(f"release {release.version} does not follow release {last}")
            db.execute(
                "INSERT INTO release VALUES (?, ?, ?, ?, ?, ?)",
                [
                    release.tenant,
                    release.version,
                    release.content,
                    release.created,
                    release.of,
                    json.dumps(dict(charges), sort_keys=True),
                ],
            )

    def append(self, tenant: str, kind: str, number: int, document: bytes) -> None:
        with self._file.transaction() as db:
            (last,) = db.execute(
                "SELECT coalesce(max(number), 0) FROM document WHERE tenant = ? AND kind = ?",
                [tenant, kind],
            ).fetchone()
            if number != last + 1:
                raise OtherBodyError(f"{kind} {number} does not follow {kind} {last}")
            db.execute("INSERT INTO document VALUES (?, ?, ?, ?)", [tenant, kind, number, document])

    def document(
        self, tenant: str, kind: str, number: int | None = None
    ) -> tuple[int, bytes] | None:
        with self._file.reading() as db:
            row: tuple[int, bytes] | None = db.execute(
                "SELECT number, bytes FROM document WHERE tenant = ? AND kind = ?"
                " AND (? IS NULL OR number = ?) ORDER BY number DESC LIMIT 1",
                [tenant, kind, number, number],
            ).fetchone()
        return row

    def add_pack(self, tenant: str, pack: KnownPack) -> None:
        with self._file.transaction() as db:
            db.execute(
                "INSERT OR IGNORE INTO pack VALUES (?, ?, ?, ?)",
                [tenant, pack.sha256, pack.rows, pack.rows_of],
            )

    def known_packs(self, tenant: str) -> list[KnownPack]:
        with self._file.reading() as db:
            rows = db.execute(
                "SELECT sha256, rows, rows_of FROM pack WHERE tenant = ? ORDER BY sha256", [tenant]
            ).fetchall()
        return [KnownPack(*row) for row in rows]

    def latest(self, tenant: str) -> Published | None:
        return self._one("ORDER BY version DESC LIMIT 1", tenant)

    def release(self, tenant: str, version: int) -> Published | None:
        return self._one("AND version = ?", tenant, version)

    def charges(self, tenant: str) -> list[Mapping[str, float]]:
        with self._file.reading() as db:
            rows = db.execute(
                "SELECT charges FROM release WHERE tenant = ? ORDER BY version", [tenant]
            ).fetchall()
        return [json.loads(text) for (text,) in rows]

    def _one(self, which: str, *values: str | int) -> Published | None:
        with self._file.reading() as db:
            row = db.execute(
                "SELECT tenant, version, content, created, same_as FROM release"
                f" WHERE tenant = ? {which}",
                values,
            ).fetchone()
        return None if row is None else Published(*row)


def _position(db: sqlite3.Connection, stream: bytes) -> int:
    row = db.execute("SELECT seq FROM position WHERE stream = ?", [stream]).fetchone()
    return 0 if row is None else int(row[0])


def _ledger(db: sqlite3.Connection) -> Ledger:
    return Ledger(lambda statement, values: db.execute(statement.replace("%s", "?"), values))


def _add_dense(db: sqlite3.Connection, addends: Iterable[Dense]) -> None:
    for addend in added_up(addends):
        key = (addend.tenant, addend.kind, addend.key, addend.group)
        row = db.execute(
            "SELECT weight, total FROM dense"
            " WHERE tenant = ? AND kind = ? AND key = ? AND place = ?",
            key,
        ).fetchone()
        weight, total = (0, 0) if row is None else (row[0], np.frombuffer(row[1], "<i8"))
        summed = (total + addend.total).astype("<i8").tobytes()
        db.execute(
            "INSERT OR REPLACE INTO dense VALUES (?, ?, ?, ?, ?, ?)",
            (*key, weight + addend.weight, summed),
        )
