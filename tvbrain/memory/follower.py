"""Following the journal as it grows, without writing anything: sessions, hints, what waits."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

from tvbrain.events import KINDS, KINDS_BY_CODE
from tvbrain.memory.absorb import HAS_RATING, HAS_WATCHED
from tvbrain.memory.daypart import daypart, weekday
from tvbrain.memory.evidence import strength
from tvbrain.memory.records import PLACE, Record, records
from tvbrain.memory.session import Reaction, Session
from tvbrain.memory.sittings import SILENCE_MS
from tvbrain.memory.viewing import PLAYED
from tvbrain.store import journal
from tvbrain.store.journal import Batch, JournalIdChangedError

HINT = struct.Struct("<ii")
IMPRESSION, ERASING = KINDS["impression"].code, (KINDS["erase"].code, KINDS["profile_delete"].code)
HINTED = KINDS["hint"].code

GOES_ON = frozenset({"play_start", "progress", "pause", "seek"})
SAYS_LITTLE = GOES_ON | {"impression", "select", "search", "wake"}


class Follower:
    """Where the journal is read up to for the sake of the moment; never persisted."""

    def __init__(self, data_dir: Path, journal_id: int, seq: int) -> None:
        self._dir = data_dir
        self._place = journal.Place()
        self.journal_id = journal_id
        self.seq = seq
        self.last_at = 0.0
        """The newest record's time, seconds since the epoch; 0 before the first."""
        self.sessions: dict[int, Session] = {}
        self.hints: dict[int, int] = {}
        """Hints that came since they were last taken: hint -> value."""
        self.hints_after = 0
        """Hints up to this record are not heard: the process that gave them is gone."""
        self.browsed = False
        """Whether something was shown, or played in a sitting that was shown something, since this was set to False."""
        self.erase_seq = 0
        """The newest record heard that erases something; 0 if none."""
        self.playing = False
        """Whether the newest record of a viewer is of a title that goes on."""
        self.said_seq = 0
        """The newest record of a viewer that says more than what is shown, opened and goes on; 0 if none."""

    def follow(self) -> int:
        """Read what is new; how many records."""
        count = 0
        try:
            for batch in journal.read_after(
                self._dir, self.journal_id, self.seq, place=self._place
            ):
                self._note(batch)
                count += len(batch.events)
        except JournalIdChangedError as changed:
            self.journal_id, self.seq, self.erase_seq, self.said_seq = changed.found, 0, 0, 0
            return count + self.follow()
        if self.journal_id == 0:
            # Of a journal without records too: a set's schedule is its own from the first opening on.
            self.journal_id = journal.info(self._dir).journal_id
        return count

    def _note(self, batch: Batch) -> None:
        self.journal_id, self.seq = batch.journal_id, batch.last_seq
        for row in records(batch.events):
            self.last_at = max(self.last_at, row.at_ms / 1000)
            if row.kind == HINTED:
                added = batch.added[row.added_at : row.added_at + row.added_size]
                if len(added) >= HINT.size and row.seq > self.hints_after:
                    hint, value = HINT.unpack_from(added)
                    self.hints[hint] = value
            elif row.kind in ERASING:
                self.erase_seq = row.seq
                self.sessions.clear()
            elif row.profile:
                self._view(row, batch)

    def _view(self, row: Record, batch: Batch) -> None:
        kind = KINDS_BY_CODE.get(row.kind)
        if kind is None or not kind.from_host:
            return
        session = self.sessions.setdefault(row.profile, Session())
        silent = row.session == 0 and row.at_ms > session.last_ms + SILENCE_MS
        if (row.session and row.session != session.key) or silent:
            offset = row.utc_offset_min
            session.begin(row.session, daypart(row.at_ms, offset), weekday(row.at_ms, offset))
        session.last_ms = max(session.last_ms, row.at_ms)
        self.playing = kind.name in GOES_ON
        if kind.name not in SAYS_LITTLE:
            self.said_seq = row.seq
        if row.kind == IMPRESSION:
            self.browsed = True
            session.hear_shown(_places(row, batch))
            return
        said = strength(
            kind.name,
            row.watched_e4 / 10_000 if row.fields & HAS_WATCHED else None,
            row.rating_e4 / 10_000 if row.fields & HAS_RATING else None,
            row.position_s,
            row.duration_s,
        )
        played = kind.name in PLAYED
        if row.item and (said or played):
            session.hear(Reaction(row.item, said, played))
            self.browsed = self.browsed or (played and session.places > 0)


def _places(row: Record, batch: Batch) -> Sequence[int]:
    """The titles of an impression; 0 for a place of which none is known."""
    size = row.added_size // PLACE.size * PLACE.size
    added = batch.added[row.added_at : row.added_at + size]
    return [key for key, _, _ in PLACE.iter_unpack(added)] or [row.item] * max(row.slot_count, 1)
