"""Which sitting each record of a batch belongs to, counted in memory and written once a batch."""

from __future__ import annotations

from dataclasses import dataclass

from tvbrain.sqlite import Database
from tvbrain.store import share
from tvbrain.store.u64 import signed

SILENCE_MS = 30 * 60_000
"""Records without a session's name belong to one sitting until so much time has passed."""

MOST = 4096
"""Sittings known of a profile (`share`); the oldest go."""


@dataclass(slots=True)
class _Sitting:
    episode: int
    started: int
    ended: int
    events: int


class Sittings:
    """Open sittings of one transaction. `write` before anything else touches `episode`."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._open: dict[tuple[int, int], _Sitting] = {}

    def episode(self, profile: int, session: int, at_ms: int) -> int:
        """The row of `episode` that this record belongs to; the record is counted in it."""
        sitting = self._open.get((profile, session))
        if sitting is None:
            sitting = self._open[profile, session] = self._found(profile, session, at_ms)
        if session == 0 and at_ms > sitting.ended + SILENCE_MS:
            self._save(sitting)
            sitting = self._open[profile, session] = self._begun(profile, session, at_ms)
        sitting.started = min(sitting.started, at_ms)
        sitting.ended = max(sitting.ended, at_ms)
        sitting.events += 1
        return sitting.episode

    def _found(self, profile: int, session: int, at_ms: int) -> _Sitting:
        row = self._db.execute(
            "SELECT id, started, ended, events FROM episode WHERE profile = ? AND session = ?"
            " ORDER BY ended DESC, id DESC LIMIT 1",
            [profile, signed(session)],
        ).fetchone()
        return self._begun(profile, session, at_ms) if row is None else _Sitting(*row)

    def _begun(self, profile: int, session: int, at_ms: int) -> _Sitting:
        cursor = self._db.execute(
            "INSERT INTO episode (profile, session, started, ended, events) VALUES (?, ?, ?, ?, 0)",
            [profile, signed(session), at_ms, at_ms],
        )
        return _Sitting(int(cursor.lastrowid or 0), at_ms, at_ms, 0)

    def _save(self, sitting: _Sitting) -> None:
        self._db.execute(
            "UPDATE episode SET started = ?, ended = ?, events = ? WHERE id = ?",
            [sitting.started, sitting.ended, sitting.events, sitting.episode],
        )

    def write(self) -> None:
        """Write what was counted and forget it."""
        for sitting in self._open.values():
            self._save(sitting)
        most = share.each(self._db, MOST)
        for profile in sorted({profile for profile, _ in self._open}):
            self._db.execute(
                "DELETE FROM episode WHERE id IN (SELECT id FROM episode WHERE profile = ?"
                " ORDER BY id DESC LIMIT -1 OFFSET ?)",
                [profile, most],
            )
        self._open.clear()
