"""When long loops are due, kept over restarts. Due times carry whether the clock that set them was trusted."""

from __future__ import annotations

from dataclasses import dataclass

from tvbrain.sqlite import Database


@dataclass(frozen=True, slots=True)
class Due:
    """One loop: due at `due` (seconds since the epoch, by a clock that was `trusted` or not), `left` seconds after this
    was stored (None: not known); finished `runs` times; `begun` and `cursor`: when the job under way began and where it
    goes on, None if none is.
    """

    name: str
    due: float
    trusted: bool
    last_run: float | None = None
    duration: float | None = None
    failures: int = 0
    error: str | None = None
    runs: int = 0
    begun: float | None = None
    cursor: str | None = None
    left: float | None = None


def schedule(db: Database) -> dict[str, Due]:
    rows = db.execute(
        "SELECT name, due, trusted, last_run, duration_ms, failures, error, runs, begun, cursor, remaining"
        " FROM loop"
    ).fetchall()
    return {
        row[0]: Due(
            row[0],
            row[1] / 1000,
            bool(row[2]),
            None if row[3] is None else row[3] / 1000,
            None if row[4] is None else row[4] / 1000,
            row[5],
            row[6],
            row[7],
            None if row[8] is None else row[8] / 1000,
            row[9],
            None if row[10] is None else row[10] / 1000,
        )
        for row in rows
    }


def set_due(db: Database, due: Due) -> None:
    db.execute(
        "INSERT OR REPLACE INTO loop (name, due, trusted, last_run, duration_ms, failures, error, runs, begun,"
        " cursor, remaining) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            due.name,
            round(due.due * 1000),
            int(due.trusted),
            None if due.last_run is None else round(due.last_run * 1000),
            None if due.duration is None else round(due.duration * 1000),
            due.failures,
            due.error,
            due.runs,
            None if due.begun is None else round(due.begun * 1000),
            due.cursor,
            None if due.left is None else round(due.left * 1000),
        ],
    )
