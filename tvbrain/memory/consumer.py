"""Consuming the journal exactly once: every record changes the tables once, whenever the process dies.

Consuming, writing and storing the position are one transaction. The segments that were read are
synced before it, so that no power cut takes back a record that the tables already count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from tvbrain.clock import Clock
from tvbrain.errors import MissingFileError
from tvbrain.memory import section
from tvbrain.memory.absorb import absorb
from tvbrain.memory.erasure import forget_profile
from tvbrain.memory.fold import HistoryFold
from tvbrain.sqlite import Database
from tvbrain.store import consumption, erased, journal, snapshot
from tvbrain.store.consumption import Gap, Position
from tvbrain.store.journal import Batch, JournalIdChangedError
from tvbrain.store.snapshot import Snapshot

BATCH = 4096
"""Records a transaction."""

MOST = 128
"""Transactions a call: more than a journal below its cap can fill, so that a call ends."""

CHECKPOINT = "checkpoint.tvs"


class Consumer:
    """The only writer of position, folds, tallies and memories. One thread at a time."""

    def __init__(self, db: Database, data_dir: Path, clock: Clock) -> None:
        self._db = db
        self._dir = data_dir
        self._place = journal.Place()
        self._snapshots = data_dir / "snapshot"
        self._clock = clock
        self._complete = erased.complete_epoch(data_dir)
        self.touched: set[int] = set()
        """Profiles whose memories changed and whose preferences and interests have not yet."""
        self._load()
        if self.position == Position() and not self._states:
            self._adopt_snapshot()
            self._know_erased()
        else:
            self._catch_up()

    def reload(self) -> None:
        """What was written since the last commit is gone: go on from there."""
        self._load()
        self.touched |= set(self._states)

    def _load(self) -> None:
        """What is committed, and nothing else."""
        self.position = consumption.position(self._db)
        self.erase_seq = consumption.erase_seq(self._db)
        """The newest record consumed that erases something."""
        self._states = consumption.folds(self._db)
        self.fold = HistoryFold(section.join(self._states))

    def consume(self, most: int = MOST) -> int:
        """What the journal holds now, in at most so many transactions; how many records that were."""
        total = 0
        for _ in range(most):
            batch = self._next()
            if batch is None:
                break
            if batch.journal_id != self.position.journal_id:
                self._begin_journal(batch.journal_id)
            elif not self._skipped(batch):
                self._take(batch)
                total += len(batch.events)
        return total

    def _next(self) -> Batch | None:
        """What comes after the position; of another journal, what it begins with."""
        try:
            found = self._read(self.position.journal_id, self.position.seq)
        except JournalIdChangedError as changed:
            return self._read(changed.found, 0)
        if found is None and self._skipped(None):
            found = self._read(self.position.journal_id, self.position.seq)
        return found

    def _read(self, journal_id: int, after: int) -> Batch | None:
        return next(
            journal.read_after(self._dir, journal_id, after, batch=BATCH, place=self._place), None
        )

    def _take(self, batch: Batch) -> None:
        where = self.position
        journal.sync(self._dir, batch.journal_id, where.seq, batch.last_seq)
        try:
            with self._db.atomic():
                done = absorb(self._db, batch, self._last_ms)
                self.fold.apply(batch.events, batch.added)
                self._save(
                    replace(
                        where,
                        seq=batch.last_seq,
                        erasure_epoch=max(where.erasure_epoch, done.erasure_epoch),
                    ),
                )
                self._note_erasure(done.erase_seq)
        except BaseException:
            self._load()  # the fold has run ahead of the tables
            raise
        self.touched |= done.profiles

    def _note_erasure(self, seq: int) -> None:
        """Inside the transaction that absorbed it."""
        if seq:
            consumption.set_erase_seq(self._db, seq)
            self.erase_seq = seq

    def _save(self, where: Position) -> None:
        """Write the fold and the position; inside a transaction."""
        states = section.split(self.fold.encode())
        changed = {p: state for p, state in states.items() if self._states.get(p) != state}
        consumption.set_folds(self._db, changed, states)
        consumption.set_position(self._db, where)
        self._states = {p: changed.get(p) or self._states[p] for p in states}
        self.position = where

    @property
    def states(self) -> Mapping[int, bytes]:
        """The folded history of each profile, as in section FOLD of a snapshot; one that did not change stays."""
        return self._states

    def _last_ms(self, profile: int) -> int:
        return self.fold.info(profile).last_ms if profile in self._states else 0

    def _begin_journal(self, journal_id: int) -> None:
        """Another journal: its records are all news, and the folded state stays."""
        where = replace(self.position, journal_id=journal_id, seq=0)
        with self._db.atomic():
            consumption.set_position(self._db, where)
            consumption.set_erase_seq(self._db, 0)
        self.position, self.erase_seq = where, 0

    def _skipped(self, batch: Batch | None) -> bool:
        """Whether serving dropped records before they were read here: then its checkpoint is adopted.

        A gap in the sequence by itself is legal; only a checkpoint beyond our position is a gap.
        """
        if batch is not None and int(batch.events["seq"][0]) <= self.position.seq + 1:
            return False
        try:
            checkpoint = snapshot.read(journal.folder_of(self._dir) / CHECKPOINT)
        except MissingFileError:
            return False
        known = checkpoint.journal_id == self.position.journal_id
        if not known or checkpoint.learned_seq <= self.position.seq:
            return False
        self._adopt(checkpoint, checkpoint.journal_id)
        return True

    def _adopt_snapshot(self) -> None:
        """A database that begins anew beside a snapshot goes on from it, unless the journal is whole."""
        found = snapshot.load(self._snapshots).snapshot
        if found is None or found.erasure_epoch < self._complete:
            return
        head = next(journal.read_after(self._dir, 0, 0, batch=1), None)
        if head is not None and head.journal_id == found.journal_id and head.last_seq == 1:
            return
        self._adopt(found, found.journal_id)

    def _catch_up(self) -> None:
        """A database from a backup goes on from a newer snapshot where the journal does not reach back so far."""
        where, found = self.position, snapshot.load(self._snapshots).snapshot
        if found is None or found.journal_id != where.journal_id or found.learned_seq <= where.seq:
            return
        segments = journal.info(self._dir).segments
        if segments and segments[0].first_seq > where.seq + 1:
            self._adopt(found, found.journal_id)

    def _know_erased(self) -> None:
        """A database that begins anew knows nothing of what the journal's files were rid of."""
        if self.position.erasure_epoch < self._complete:
            where = replace(self.position, erasure_epoch=self._complete)
            with self._db.atomic():
                consumption.set_position(self._db, where)
            self.position = where

    def _adopt(self, from_: Snapshot, journal_id: int) -> None:
        """Take another's fold for what we have not read, and say so for ever."""
        fold = HistoryFold(from_.folds)
        old = self.position
        first = old.seq + 1 if old.journal_id == journal_id else 1
        new = Position(journal_id, from_.learned_seq, max(old.erasure_epoch, from_.erasure_epoch))
        try:
            with self._db.atomic():
                if new.erasure_epoch > old.erasure_epoch:  # what was erased is not known
                    forget_profile(self._db, None)
                    self._note_erasure(new.seq)
                for profile in set(self._states) - set(fold.profiles()):
                    forget_profile(self._db, profile)
                consumption.add_gap(self._db, Gap(journal_id, first, new.seq, self._clock.now()))
                self.fold = fold
                self._save(new)
        except BaseException:
            self._load()
            raise
        self.touched |= set(fold.profiles())
