"""What is between this set and a constellation, in brain.db (docs/formats.md, tables `sync`, `unsaid`, `outbox`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields

from tvbrain.sqlite import Database
from tvbrain.store.u64 import signed, unsigned

PAIR, ITEM, DAYPART, PATTERN, BLENDER, MARK = (
    "pair",
    "item",
    "daypart",
    "pattern",
    "blender",
    "mark",
)
MOST = 4096
"""Things of a kind that wait a profile; the least valuable go."""
KEPT_EPOCHS = 4
"""Pushes in the outbox: a server takes the epoch that it is and the three before."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """url, tenant: of the constellation. key: 32 bytes, the set's own secret. aggregator: the public key that is sealed
    to. epoch_s: seconds of an epoch; slot, slot_s: when in it this set pushes. trust: tvbrain.wire.trust. etag: of the
    last pull. pull: the last one believed, before: the one applied before it; None without. applied: number of the
    release in use, 0 without. refused: releases up to this number are not applied. since_ms: when `applied` was.
    halted: why the constellation wants nothing of this set any more, else empty.
    """

    url: str
    tenant: str
    key: bytes
    aggregator: bytes
    epoch_s: int
    slot: int
    slot_s: int
    trust: bytes
    etag: str = ""
    pull: bytes | None = None
    before: bytes | None = None
    applied: int = 0
    refused: int = 0
    since_ms: int = 0
    halted: str = ""


@dataclass(frozen=True, slots=True)
class Unsaid:
    """What may be told: `a` and `b` are keys of titles (`b` 0 of an item), or a daypart, or a pattern's id."""

    profile: int
    kind: str
    a: int
    b: int
    value: float


_COLUMNS = [field.name.removesuffix("_ms") for field in fields(Enrolled)]


def enrolled(db: Database) -> Enrolled | None:
    """None before enrolment."""
    row = db.execute(f"SELECT {', '.join(_COLUMNS)} FROM sync").fetchone()
    return None if row is None else Enrolled(*row)


def set_enrolled(db: Database, one: Enrolled) -> None:
    """Replace what is known. Inside a transaction."""
    marks = ", ".join("?" * len(_COLUMNS))
    columns = ", ".join(_COLUMNS)
    db.execute(
        f"INSERT OR REPLACE INTO sync (id, {columns}) VALUES (1, {marks})", list(astuple(one))
    )


def drop_enrolled(db: Database) -> None:
    """The set is nobody's any more. Inside a transaction."""
    for table in ("sync", "unsaid", "outbox"):
        db.execute(f"DELETE FROM {table}")


def unsaid(db: Database, kind: str) -> list[Unsaid]:
    """Of one kind, the most valuable first."""
    rows = db.execute(
        "SELECT profile, kind, a, b, value FROM unsaid WHERE kind = ? ORDER BY value DESC, profile, a, b",
        [kind],
    ).fetchall()
    return [Unsaid(p, k, unsigned(a), unsigned(b), value) for p, k, a, b, value in rows]


def add_unsaid(db: Database, new: Iterable[Unsaid]) -> None:
    """Values of the same thing add up. Inside a transaction."""
    touched = set()
    for one in new:
        touched.add((one.profile, one.kind))
        db.execute(
            "INSERT INTO unsaid VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET value = value + excluded.value",
            [one.profile, one.kind, signed(one.a), signed(one.b), one.value],
        )
    for profile, kind in sorted(touched):
        db.execute(
            "DELETE FROM unsaid WHERE (profile, kind, a, b) IN (SELECT profile, kind, a, b FROM unsaid"
            " WHERE profile = ? AND kind = ? ORDER BY value DESC, a, b LIMIT -1 OFFSET ?)",
            [profile, kind, MOST],
        )


def set_unsaid(db: Database, one: Unsaid) -> None:
    """The value of one thing, whatever it was. Inside a transaction."""
    values = [one.profile, one.kind, signed(one.a), signed(one.b), one.value]
    db.execute("INSERT OR REPLACE INTO unsaid VALUES (?, ?, ?, ?, ?)", values)


def take(db: Database, said: Iterable[Unsaid]) -> None:
    """It is on its way and is not told again. Inside the transaction that writes the outbox."""
    for one in said:
        db.execute(
            "DELETE FROM unsaid WHERE profile = ? AND kind = ? AND a = ? AND b = ?",
            [one.profile, one.kind, signed(one.a), signed(one.b)],
        )


def outbox(db: Database) -> list[tuple[int, bytes]]:
    """(epoch, push) of what is not acknowledged, oldest first."""
    rows = db.execute("SELECT epoch, body FROM outbox WHERE body IS NOT NULL ORDER BY epoch")
    return [(epoch, body) for epoch, body in rows.fetchall()]


def was_made(db: Database, epoch: int) -> bool:
    """Whether this epoch has its push, sent or not."""
    return db.execute("SELECT 1 FROM outbox WHERE epoch = ?", [epoch]).fetchone() is not None


def put_out(db: Database, epoch: int, body: bytes | None, now_ms: int) -> None:
    """This epoch's push (None: there is nothing to say in it); epochs that no server takes go. Inside a transaction."""
    db.execute("INSERT INTO outbox VALUES (?, ?, ?)", [epoch, body, now_ms])
    db.execute("DELETE FROM outbox WHERE epoch <= ?", [epoch - KEPT_EPOCHS])


def settle(db: Database, epoch: int) -> None:
    """Its push is acknowledged, or refused for good: only that it was made is remembered. Inside a transaction."""
    db.execute("UPDATE outbox SET body = NULL WHERE epoch = ?", [epoch])


def marks(db: Database) -> dict[int, int]:
    """Of each profile the begin (ms) of the newest sitting that was looked at."""
    return {one.profile: int(one.value) for one in unsaid(db, MARK)}


def forget(db: Database, profile: int | None) -> None:
    """What waits of one profile, or of all (None), and whatever is on its way."""
    db.execute("DELETE FROM unsaid WHERE ?1 IS NULL OR profile = ?1", [profile])
    _empty_outbox(db)


def forget_item(db: Database, profile: int, item: int) -> None:
    """What waits that names a title, and whatever is on its way: it cannot be taken out of what is sealed."""
    db.execute(
        "DELETE FROM unsaid WHERE profile = ?1 AND kind IN ('pair', 'item') AND (a = ?2 OR b = ?2)",
        [profile, signed(item)],
    )
    db.execute("DELETE FROM unsaid WHERE profile = ? AND kind = 'pattern'", [profile])
    _empty_outbox(db)


def _empty_outbox(db: Database) -> None:
    db.execute("UPDATE outbox SET body = NULL")
