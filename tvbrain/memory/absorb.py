"""From journal records to the tables, inside the caller's transaction."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from tvbrain.events import KINDS_BY_CODE
from tvbrain.memory import channels, episodes, habits, showings
from tvbrain.memory.daypart import daypart
from tvbrain.memory.erasure import forget_item, forget_profile
from tvbrain.memory.evidence import evidence
from tvbrain.memory.records import Record, records
from tvbrain.memory.sittings import Sittings
from tvbrain.memory.viewing import PLAYED, Viewings
from tvbrain.pack.native import xxh64
from tvbrain.sqlite import Database
from tvbrain.store import blends, consumption
from tvbrain.store.journal import Batch

HAS_WATCHED, HAS_RATING, CLOCK_UNTRUSTED = 1, 2, 128
"""Bits of a record's `fields`, as in docs/formats.md."""

ERASE = struct.Struct("<IIQ")
ROW_KIND = struct.Struct("<I")
MOST_ROW_KIND = 15
"""A larger kind of row is of a journal that we do not understand."""

ITEM, PROFILE, EVERYTHING = 1, 2, 3
"""Scopes of an erase record."""


@dataclass(frozen=True, slots=True)
class Absorbed:
    """What a batch changed: whose memories; the newest erasure epoch among its records, and the newest record that
    erases something (0: none).
    """

    profiles: frozenset[int]
    erasure_epoch: int
    erase_seq: int


def absorb(db: Database, batch: Batch, last_ms: Callable[[int], int]) -> Absorbed:
    """Tallies, sittings and evidence of every record, in order; what an erase record names is dropped.

    `last_ms(profile)` is the latest trusted time before the batch, 0 if none: the time of records
    whose clock cannot be trusted. Called inside a transaction.
    """
    return _Absorber(db, batch, last_ms).run()


class _Absorber:
    def __init__(self, db: Database, batch: Batch, last_ms: Callable[[int], int]) -> None:
        self._db = db
        self._batch = batch
        self._last_ms_before = last_ms
        self._last_ms: dict[int, int] = {}
        self._sittings = Sittings(db)
        self._viewings = Viewings(db)
        self._tallies: Counter[tuple[int, int]] = Counter()
        self._touched: set[int] = set()
        self._shown_to: set[int] = set()
        self._epoch = 0
        self._erase_seq = 0

    def run(self) -> Absorbed:
        for row in records(self._batch.events):
            kind = KINDS_BY_CODE.get(row.kind)
            name = kind.name if kind is not None else ""
            if name in ("erase", "profile_delete"):
                self._erase_seq = row.seq
            if name == "erase":
                self._erase(row)
            elif name == "profile_delete":
                self._write()
                self._forget_profile(row.profile)
            else:
                self._tallies[row.profile, row.kind] += 1
                if kind is not None and kind.from_host and row.profile:
                    self._view(name, row)
        self._write()
        return Absorbed(frozenset(self._touched), self._epoch, self._erase_seq)

    def _view(self, name: str, row: Record) -> None:
        at_ms = self._time(row)
        episode = self._sittings.episode(row.profile, row.session, at_ms)
        if name in ("select", "play_start"):
            self._use_row(row, at_ms)
        if name in channels.ENDS:
            on = self._added(row) if name == "channel_change" else b""
            channel = xxh64(on) if on else 0
            channels.change(self._db, row.profile, channel, at_ms, row.utc_offset_min)
        if name == "impression":
            self._viewings.shown(episode, row, self._added(row), at_ms)
            showings.shown(self._db, row, self._batch.added, at_ms)
            self._shown_to.add(row.profile)
            return
        if name == "undo":
            episodes.take_back(self._db, row.profile, row.item)
            self._touched.add(row.profile)
            return
        found = evidence(
            name,
            profile=row.profile,
            item=row.item,
            session=row.session,
            at_ms=at_ms,
            utc_offset_min=row.utc_offset_min,
            watched=row.watched_e4 / 10_000 if row.fields & HAS_WATCHED else None,
            rating=row.rating_e4 / 10_000 if row.fields & HAS_RATING else None,
            position_s=row.position_s,
            duration_s=row.duration_s,
        )
        if name in PLAYED and row.item:
            said = None if found is None else found.strength
            self._viewings.played(episode, row, at_ms, row.watched_e4 / 10_000, said)
        showings.reacted(self._db, name, row, found, at_ms)
        if found is not None:
            episodes.remember(self._db, found, episode)
            self._touched.add(row.profile)

    def _use_row(self, row: Record, at_ms: int) -> None:
        """A title was opened or played out of a row whose kind serving remembered."""
        added = self._added(row)
        if len(added) < ROW_KIND.size:
            return
        (kind,) = ROW_KIND.unpack_from(added)
        if 0 < kind <= MOST_ROW_KIND:
            part = daypart(at_ms, row.utc_offset_min)
            habits.add(self._db, row.profile, habits.ROWS, part, kind, 1.0, at_ms)

    def _added(self, row: Record) -> bytes:
        return self._batch.added[row.added_at : row.added_at + row.added_size]

    def _time(self, row: Record) -> int:
        """The record's time, or the latest trusted one before it."""
        known = self._last_ms.get(row.profile)
        if known is None:
            known = self._last_ms_before(row.profile)
        if row.fields & CLOCK_UNTRUSTED:
            return known or row.at_ms
        self._last_ms[row.profile] = max(known, row.at_ms)
        return row.at_ms

    def _erase(self, row: Record) -> None:
        added = self._added(row)
        if len(added) < ERASE.size:
            return  # the fold passes over it too
        scope, _, epoch = ERASE.unpack_from(added)
        self._epoch = max(self._epoch, epoch)
        self._write()
        if scope == ITEM:
            forget_item(self._db, row.profile, row.item)
            self._touched.add(row.profile)
        elif scope == PROFILE:
            self._forget_profile(row.profile)
        elif scope == EVERYTHING:
            forget_profile(self._db, None)
            self._touched.clear()

    def _forget_profile(self, profile: int) -> None:
        forget_profile(self._db, profile)
        self._touched.discard(profile)

    def _write(self) -> None:
        self._sittings.write()
        self._viewings.write()
        consumption.add_tallies(self._db, self._tallies)
        self._tallies.clear()
        blends.keep_newest(self._db, self._shown_to)
        self._shown_to.clear()
