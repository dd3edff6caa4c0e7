"""Receipts in PostgreSQL, the stream in NATS JetStream.

A receipt is committed first, unsent; then the push goes into the stream; then the receipt is marked. A kill in between
leaves a receipt that is not marked: the set, which was not answered, sends again, and the push goes into the stream
again. So the stream may have a push twice, and the sums have it once (`Tally.counted`).
"""

from __future__ import annotations

from collections.abc import Sequence
from random import SystemRandom

from tvbrain.constellation.jetstream import JetStream
from tvbrain.constellation.postgres.database import Connection, Database, distinct
from tvbrain.constellation.records import Arrival, Kept, Waiting


class PostgresInbox:
    """An `Inbox`."""

    def __init__(self, database: Database, stream: JetStream) -> None:
        self._database, self._stream = database, stream
        self._shuffle = SystemRandom().shuffle

    def keep(self, arrivals: Sequence[Arrival]) -> list[Kept]:
        tenants = distinct(arrival.tenant for arrival in arrivals)
        with self._database.transaction(*tenants) as db:
            found = [_receipt(db, arrival) for arrival in arrivals]
        unsent = {
            (arrival.device, arrival.epoch): arrival
            for arrival, (kept, sent) in zip(arrivals, found, strict=True)
            if kept is not Kept.OTHER and not sent
        }
        if unsent:
            order = list(unsent.values())
            self._shuffle(order)  # the order of receipts says nothing about that of the stream
            self._stream.append(order)
            with self._database.transaction(*tenants) as db:
                db.cursor().executemany(
                    "UPDATE receipt SET sent = true WHERE device = %s AND epoch = %s", list(unsent)
                )
        return [kept for kept, _ in found]

    def stream(self) -> bytes:
        return self._stream.name()

    def waiting(self, after: int, most: int) -> list[Waiting]:
        return self._stream.waiting(after, most)

    def trim(self, up_to: int) -> None:
        self._stream.trim(up_to)

    def forget_receipts(self, before: int) -> None:
        with self._database.transaction() as db:
            db.execute("UPDATE floor SET epoch = greatest(epoch, %s)", [before])
            db.execute("SELECT forget_receipts(%s)", [before])

    def floor(self) -> int:
        with self._database.transaction() as db:
            row = db.execute("SELECT epoch FROM floor").fetchone()
        return int(row[0]) if row else 0


def _receipt(db: Connection, arrival: Arrival) -> tuple[Kept, bool]:
    """What became of it, and whether it is in the stream."""
    key = (arrival.device, arrival.epoch)
    fresh = db.execute(
        "INSERT INTO receipt VALUES (%s, %s, %s, %s, false) ON CONFLICT DO NOTHING",
        (*key, arrival.tenant, arrival.digest),
    )
    if fresh.rowcount:
        return Kept.NEW, False
    row = db.execute(
        "SELECT digest, sent FROM receipt WHERE device = %s AND epoch = %s", key
    ).fetchone()
    if row is None or row[0] != arrival.digest:
        return Kept.OTHER, True
    return Kept.KNOWN, bool(row[1])
