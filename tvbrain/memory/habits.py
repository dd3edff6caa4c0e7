"""Shares of what a profile does at a daypart: which rows it opens titles out of, which channels it watches.

One table, `habit`: an amount by profile, sort, daypart and thing, decayed to `at` and added to inside the consumer's
transaction, so that every record counts once. Bounded: at most MOST things of a sort a profile.
"""

from __future__ import annotations

from dataclasses import dataclass

from tvbrain.memory.tiers import decay
from tvbrain.sqlite import Database
from tvbrain.store.u64 import signed, unsigned

MOST = 256
"""Rows of the table a profile and sort; beyond it the smallest amounts go."""

ROWS, CHANNELS = "row", "channel"
"""Sorts: titles opened or played out of rows of a kind; hours of a channel."""

SHRINK = {ROWS: 20.0, CHANNELS: 5.0}
"""Amount at a daypart before half of what it says is believed."""


@dataclass(frozen=True, slots=True)
class Habit:
    """One row of the table."""

    sort: str
    daypart: int
    thing: int
    amount: float
    at_ms: int


@dataclass(frozen=True, slots=True)
class Share:
    """`thing`: a kind of row, or the XXH64 of a channel's name. `share` is below 1."""

    profile: int
    daypart: int
    thing: int
    share: float


def add(
    db: Database, profile: int, sort: str, daypart: int, thing: int, amount: float, at_ms: int
) -> None:
    """Inside a transaction. The later of both times counts: what comes late counts as if it were new."""
    where = [profile, sort, daypart, signed(thing)]
    known = db.execute(
        "SELECT amount, at FROM habit WHERE profile = ? AND sort = ? AND daypart = ? AND thing = ?",
        where,
    ).fetchone()
    before, since = known or (0.0, at_ms)
    newest = max(since, at_ms)
    total = before * decay("temporal", (newest - since) / 1000) + amount
    db.execute("INSERT OR REPLACE INTO habit VALUES (?, ?, ?, ?, ?, ?)", [*where, total, newest])
    if known is None:
        db.execute(
            "DELETE FROM habit WHERE profile = ?1 AND sort = ?2 AND (daypart, thing) NOT IN (SELECT"
            " daypart, thing FROM habit WHERE profile = ?1 AND sort = ?2"
            " ORDER BY amount DESC, daypart, thing LIMIT ?3)",
            [profile, sort, MOST],
        )


def shares(db: Database, sort: str, now: float) -> list[Share]:
    """Of everybody, ascending: amount / (amounts of the daypart + SHRINK), all decayed to `now` (seconds)."""
    rows = [
        (profile, part, unsigned(thing), amount * decay("temporal", max(0.0, now - at / 1000)))
        for profile, part, thing, amount, at in db.execute(
            "SELECT profile, daypart, thing, amount, at FROM habit WHERE sort = ?", [sort]
        ).fetchall()
    ]
    total: dict[tuple[int, int], float] = {}
    for profile, part, _, amount in rows:
        total[profile, part] = total.get((profile, part), SHRINK[sort]) + amount
    return [
        Share(profile, part, thing, amount / total[profile, part])
        for profile, part, thing, amount in sorted(rows)
    ]


def of_profile(db: Database, profile: int) -> list[Habit]:
    """Everything kept of one profile, ascending."""
    rows = db.execute(
        "SELECT sort, daypart, thing, amount, at FROM habit WHERE profile = ?"
        " ORDER BY sort, daypart, thing",
        [profile],
    ).fetchall()
    return [Habit(sort, part, unsigned(thing), *rest) for sort, part, thing, *rest in rows]


def forget(db: Database, profile: int | None) -> None:
    """Of one profile, or of all (None); the channel that is on too."""
    for table in ("habit", "channel_on"):
        db.execute(f"DELETE FROM {table} WHERE ?1 IS NULL OR profile = ?1", [profile])
