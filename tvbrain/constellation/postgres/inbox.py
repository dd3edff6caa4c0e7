"""Receipts in PostgreSQL, the stream in NATS JetStream.

A receipt is committed first, unsent; then the push goes into the stream; then the receipt is marked. A kill in between
leaves a receipt that is not marked: the set, which was not answered, sends again, and the push goes into the stream
again. So the stream may have a push twice, and the sums have it once (`Tally.counted`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import SystemRandom

from tvbrain.constellation.jetstream import JetStream
from tvbrain.constellation.postgres.database import Connection, Database, distinct
from tvbrain.constellation.records import Arrival, Kept, Waiting

_Key = tuple[bytes, int]
"""Device and epoch."""


class PostgresInbox:
    """An `Inbox`."""

    def __init__(self, database: Database, stream: JetStream) -> None:
        self._database, self._stream = database, stream
        self._shuffle = SystemRandom().shuffle

    def keep(self, arrivals: Sequence[Arrival]) -> list[Kept]:
        first: dict[_Key, Arrival] = {}
        for arrival in arrivals:
            first.setdefault((arrival.device, arrival.epoch), arrival)
        tenants = distinct(arrival.tenant for arrival in arrivals)
        with self._database.transaction(*tenants) as db:
            new = _receipts(db, first)
            before = _known(db, [key for key in first if key not in new])
        unsent = {(a.device, a.epoch): a for a in arrivals if _waits(a, first, new, before)}
        if unsent:
            order = list(unsent.values())
            self._shuffle(order)  # the order of receipts says nothing about that of the stream
            self._stream.append(order)
            self._mark(tenants, list(unsent))
        return [_kept(arrival, first, new, before) for arrival in arrivals]

    def _mark(self, tenants: Sequence[str], sent: Sequence[_Key]) -> None:
        """If a crash takes the marks back, the pushes go into the stream once more: so nobody waits for the disk."""
        devices, epochs = _columns(sent)
        with self._database.transaction(*tenants) as db:
            db.execute("SET LOCAL synchronous_commit = off")
            db.execute(
                "UPDATE receipt SET sent = true FROM unnest(%s::bytea[], %s::bigint[]) AS told (d, e)"
                " WHERE device = told.d AND epoch = told.e AND NOT sent",
                [devices, epochs],
            )

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


def _receipts(db: Connection, first: Mapping[_Key, Arrival]) -> set[_Key]:
    """Those that are new. In one order whoever inserts, so that no two nodes wait for each other."""
    keys = sorted(first)
    devices, epochs = _columns(keys)
    rows = db.execute(
        "INSERT INTO receipt SELECT told.*, false FROM"
        " unnest(%s::bytea[], %s::bigint[], %s::text[], %s::bytea[]) AS told"
        " ON CONFLICT DO NOTHING RETURNING device, epoch",
        [devices, epochs, [first[key].tenant for key in keys], [first[key].digest for key in keys]],
    )
    return {(device, epoch) for device, epoch in rows}


def _known(db: Connection, keys: Sequence[_Key]) -> dict[_Key, tuple[bytes, bool]]:
    """Digest of each, and whether it is in the stream; what another tenant has does not exist."""
    if not keys:
        return {}
    rows = db.execute(
        "SELECT device, epoch, digest, sent FROM receipt JOIN"
        " unnest(%s::bytea[], %s::bigint[]) AS told (d, e) ON device = told.d AND epoch = told.e",
        [*_columns(keys)],
    )
    return {(device, epoch): (digest, sent) for device, epoch, digest, sent in rows}


def _columns(keys: Sequence[_Key]) -> tuple[list[bytes], list[int]]:
    return [device for device, _ in keys], [epoch for _, epoch in keys]


def _waits(
    arrival: Arrival,
    first: Mapping[_Key, Arrival],
    new: set[_Key],
    before: Mapping[_Key, tuple[bytes, bool]],
) -> bool:
    """Whether this body has the receipt, and is not in the stream as far as is known."""
    key = (arrival.device, arrival.epoch)
    if key in new:
        return first[key].digest == arrival.digest
    return before.get(key) == (arrival.digest, False)


def _kept(
    arrival: Arrival,
    first: Mapping[_Key, Arrival],
    new: set[_Key],
    before: Mapping[_Key, tuple[bytes, bool]],
) -> Kept:
    key = (arrival.device, arrival.epoch)
    if key in new:
        if first[key] is arrival:
            return Kept.NEW
        return Kept.KNOWN if first[key].digest == arrival.digest else Kept.OTHER
    return Kept.KNOWN if key in before and before[key][0] == arrival.digest else Kept.OTHER
