"""Following the journal as it grows, without writing anything: sessions, hints, what waits."""

from __future__ import annotations

import struct
from pathlib import Path

from tvbrain.events import KINDS, KINDS_BY_CODE
from tvbrain.memory.absorb import HAS_RATING, HAS_WATCHED
from tvbrain.memory.evidence import strength
from tvbrain.memory.records import Record, records
from tvbrain.memory.session import Session
from tvbrain.memory.sittings import SILENCE_MS
from tvbrain.store import journal
from tvbrain.store.journal import Batch, JournalIdChangedError

HINT = struct.Struct("<ii")
IMPRESSION, ERASING = KINDS["impression"].code, (KINDS["erase"].code, KINDS["profile_delete"].code)
HINTED = KINDS["hint"].code


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
        self.impressions = False
        """Whether something was shown since this was last set to False."""
        self.erase_seq = 0
        """The newest record heard that erases something; 0 if none."""

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
            self.journal_id, self.seq, self.erase_seq = changed.found, 0, 0
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
                if len(added) >= HINT.size:
                    hint, value = HINT.unpack_from(added)
                    self.hints[hint] = value
            elif row.kind in ERASING:
                self.erase_seq = row.seq
                self.sessions.clear()
            elif row.profile:
                self._view(row)

    def _view(self, row: Record) -> None:
        kind = KINDS_BY_CODE.get(row.kind)
        if kind is None or not kind.from_host:
            return
        session = self.sessions.setdefault(row.profile, Session())
        silent = row.session == 0 and row.at_ms > session.last_ms + SILENCE_MS
        if (row.session and row.session != session.key) or silent:
            session.begin(row.session)
        session.last_ms = max(session.last_ms, row.at_ms)
        session.events += 1
        if row.kind == IMPRESSION:
            self.impressions = True
            session.impressions += max(row.slot_count, 1)
            return
        said = strength(
            kind.name,
            row.watched_e4 / 10_000 if row.fields & HAS_WATCHED else None,
            row.rating_e4 / 10_000 if row.fields & HAS_RATING else None,
            row.position_s,
            row.duration_s,
        )
        if row.item and said:
            session.note(row.item, said)
            session.impressions = 0
