"""The table `judged` as columns: a review looks at tens of thousands of rows, too many for an object each."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tvbrain.sqlite import Database

BATCH = 512
"""Rows that are objects at a time."""

_NUMBERS = {
    "profile": ("profile", "<i8"),
    "item": ("item", "<i8"),
    "at": ("at_ms", "<i8"),
    "place": ("place", "<i8"),
    "row": ("row", "<i8"),
    "propensity": ("propensity_q16", "<i4"),
    "played": ("played", "<i4"),
}
"""Columns of the table: their name and type here."""


def columns(db: Database, since_ms: int, terms: int) -> npt.NDArray[np.void]:
    """What was shown from then on with the values of so many terms, by profile and time.

    A structured array with the fields of `Judged`; `item` is signed as in the table, `values_q12` is int16 [terms].
    """
    where, of = "FROM judged WHERE at >= ? AND length(seen) = ?", [since_ms, 2 * terms]
    (count,) = db.execute(f"SELECT count(*) {where}", of).fetchone()
    found = np.zeros(count, [*_NUMBERS.values(), ("values_q12", "<i2", (terms,))])
    names = ", ".join(_NUMBERS)
    cursor = db.execute(f"SELECT {names}, seen {where} ORDER BY profile, at, item", of)
    done = 0
    while rows := cursor.fetchmany(BATCH):
        part = found[done : done + len(rows)]
        *numbers, seen = zip(*rows, strict=True)
        for (name, _), values in zip(_NUMBERS.values(), numbers, strict=True):
            part[name] = values
        part["values_q12"] = np.frombuffer(b"".join(seen), "<i2").reshape(-1, terms)
        done += len(rows)
    return found
