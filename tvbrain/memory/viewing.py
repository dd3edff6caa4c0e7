"""What each sitting offers and what is chosen of it, noted record by record and written once a batch."""

from __future__ import annotations

from dataclasses import dataclass, field

from tvbrain.memory.daypart import daypart, weekday
from tvbrain.memory.records import PLACE, Record
from tvbrain.sqlite import Database
from tvbrain.store import viewings
from tvbrain.store.viewings import Choice, Offer, Viewing

OFFERED, CHOSEN = 48, 16
"""Titles noted of a sitting: the first that are offered, the first that are chosen."""

PLAYED = frozenset({"play_start", "progress", "stop", "complete"})


@dataclass(slots=True)
class _Note:
    episode: int
    profile: int
    daypart: int
    weekday: int
    shown: int = 0
    offered: dict[int, Offer] = field(default_factory=dict)
    chosen: dict[int, Choice] = field(default_factory=dict)


class Viewings:
    """Notes of one transaction. `write` before anything else touches `viewing`, and after the sittings' own."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._open: dict[int, _Note] = {}

    def shown(self, episode: int, row: Record, added: bytes, at_ms: int) -> None:
        """An impression: its places, each title where it stood first."""
        note = self._note(episode, row, at_ms)
        keys = [key for key, _, _ in PLACE.iter_unpack(added[: len(added) // 16 * 16])]
        note.shown += max(len(keys), row.slot_count, 1)
        for place, key in enumerate(keys or [row.item]):
            if key and key not in note.offered and len(note.offered) < OFFERED:
                note.offered[key] = Offer(key, row.row, row.slot + place)

    def played(
        self, episode: int, row: Record, at_ms: int, watched: float, strength: float | None
    ) -> None:
        """A title is on, or was: how much of it, and what that says (None: nothing yet)."""
        note = self._note(episode, row, at_ms)
        choice = note.chosen.get(row.item)
        if choice is None:
            if len(note.chosen) == CHOSEN:
                return
            where = note.offered.get(row.item)
            choice = note.chosen[row.item] = Choice(row.item)
            if where is not None:
                choice.row, choice.place = where.row, where.place
        choice.watched = max(choice.watched, watched)
        if strength is not None:
            choice.strength = strength

    def _note(self, episode: int, row: Record, at_ms: int) -> _Note:
        note = self._open.get(episode)
        if note is None:
            known = viewings.of_episode(self._db, episode)
            if known is None:
                part = daypart(at_ms, row.utc_offset_min)
                note = _Note(episode, row.profile, part, weekday(at_ms, row.utc_offset_min))
            else:
                note = _Note(episode, known.profile, known.daypart, known.weekday, known.shown)
                note.offered = {one.item: one for one in known.offered}
                note.chosen = {one.item: one for one in known.chosen}
            self._open[episode] = note
        return note

    def write(self) -> None:
        """Write what was noted, to be judged, and forget it."""
        for note in self._open.values():
            viewings.put(
                self._db,
                Viewing(
                    note.episode,
                    note.profile,
                    0,
                    0,
                    note.daypart,
                    note.weekday,
                    note.shown,
                    tuple(note.offered.values()),
                    tuple(note.chosen.values()),
                    None,
                ),
            )
        self._open.clear()
