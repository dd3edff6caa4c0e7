"""Tables that grow with viewing are shared: the people of one set have one screen to watch."""

from __future__ import annotations

from tvbrain.sqlite import Database

WHOLE = 8
"""So many profiles have their full number of rows each; more share as many."""


def each(db: Database, most: int) -> int:
    """How many rows of a table each profile may have that may have `most` alone."""
    (profiles,) = db.execute("SELECT count(*) FROM fold").fetchone()
    return most * WHOLE // max(int(profiles), WHOLE)
