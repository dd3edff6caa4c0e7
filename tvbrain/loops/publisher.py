"""From what was learned to the snapshot that serving reads, and the floor that follows from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from tvbrain.errors import FileError
from tvbrain.learning.preferences import affinities
from tvbrain.learning.prototype import Prototypes
from tvbrain.loops.blended import Blended
from tvbrain.loops.tuner import current
from tvbrain.memory import habits
from tvbrain.memory.consumer import Consumer
from tvbrain.pack.facts import NO_SLOT, PackFacts
from tvbrain.pack.native import xxh64
from tvbrain.sqlite import Database
from tvbrain.store import journal, patterns, snapshot, tastes
from tvbrain.store.consumption import Position
from tvbrain.store.snapshot import (
    AFFINITY,
    CHANNEL,
    INTEREST,
    PATTERN,
    ROW_USE,
    SLATE_PLACE,
    Snapshot,
)
from tvbrain.store.tastes import Interest
from tvbrain.tuning.space import DIVERSITY

ONE_Q12 = 4096
MOST_PATTERNS = 64
"""That a snapshot has."""
FOLDER = "snapshot"
KEPT = 2
"""Generations in the folder."""
Slates = Mapping[int, Sequence[int]]
"""The keys of each profile's last good slate, best first."""


class Publisher:
    """The only writer of the snapshot folder. One thread at a time."""

    def __init__(self, db: Database, data_dir: Path) -> None:
        self._db = db
        self._blended = Blended(db)
        self._prototypes = Prototypes()
        self._dir, self.folder = data_dir, data_dir / FOLDER
        generations = snapshot.generations(self.folder) if self.folder.is_dir() else ()
        self.generation = generations[-1] if generations else 0
        newest = snapshot.load(self.folder).snapshot if self.generation else None
        self.found = None if newest is None else _position(newest)
        """What the newest snapshot that can be read held when this opened."""

    def holds(self, where: Position) -> bool:
        """Whether that snapshot is of this position, or there is nothing to publish yet."""
        return where in (Position(), self.found)

    def publish(
        self,
        consumer: Consumer,
        facts: PackFacts,
        now: float,
        slates: Slates,
        resting: frozenset[int] = frozenset(),
    ) -> int:
        """Publish everything learned at the consumer's position, but patterns that rest; the new generation."""
        where = consumer.position
        self.folder.mkdir(mode=0o700, exist_ok=True)
        interests, blended = self._interests(facts), self._blended.rows(facts, now)
        patterns = self._patterns(facts, resting)
        has_vectors = len(interests[0]) + len(patterns[0]) > 0
        generation = max((self.generation, *snapshot.generations(self.folder))) + 1
        snapshot.publish(
            self.folder,
            Snapshot(
                generation=generation,
                journal_id=where.journal_id,
                learned_seq=where.seq,
                created_ms=round(now * 1000),
                erasure_epoch=where.erasure_epoch,
                diversity_q12=self._diversity(),
                space_id=facts.space_id if has_vectors else 0,
                dimension=facts.dimension if has_vectors else 0,
                folds=consumer.fold.encode(),
                interests=interests[0],
                interest_rows=interests[1],
                weights=blended[0],
                factors=blended[1],
                affinities=self._affinities(now),
                patterns=patterns[0],
                pattern_rows=patterns[1],
                slates=_places(slates),
                row_use=self._row_use(now),
                channels=self._channels(now),
            ),
        )
        self.generation = generation
        self._write_floor(where.journal_id, where.seq)
        return generation

    def _write_floor(self, journal_id: int, committed: int) -> None:
        """Records that the older kept snapshot and the committed position have are needed by nobody. The journal lets
        go whole segments, so what would not let another one go is not written.
        """
        kept = snapshot.generations(self.folder)
        if len(kept) < 2:
            return
        try:
            older = snapshot.read(snapshot.path_of(self.folder, kept[-2]))
        except FileError:
            return  # what is damaged lets nothing go
        floor = min(older.learned_seq, committed)
        if older.journal_id == journal_id and journal.lets_go(self._dir, floor):
            snapshot.write_floor(self.folder, journal_id, floor)

    def _interests(self, facts: PackFacts) -> tuple[np.ndarray, np.ndarray]:
        """Rows of INTEREST and their numbers, profile by profile; of titles that still have a vector."""
        found: list[tuple[int, Interest, int]] = []
        for profile, interests in sorted(tastes.interests(self._db).items()):
            slots, _ = facts.find([one.item for one in interests])
            found += [
                (profile, one, slot)
                for one, slot in zip(interests, slots, strict=True)
                if slot != NO_SLOT
            ]
        vectors = facts.vectors([slot for _, _, slot in found])
        has = vectors.scale_q30 > 0
        rows = np.zeros(len(found), INTEREST)
        rows["profile"] = [profile for profile, _, _ in found]
        rows["scale_q30"], rows["bias_q20"] = vectors.scale_q30, vectors.bias_q20
        rows["weight_q12"] = [round(one.weight * ONE_Q12) for _, one, _ in found]
        return rows[has], vectors.rows[has]

    def _patterns(self, facts: PackFacts, resting: frozenset[int]) -> tuple[np.ndarray, np.ndarray]:
        """Rows of PATTERN and their numbers: the weightiest of everybody, each the mean of its titles."""
        found = []
        active = patterns.active(self._db, MOST_PATTERNS)
        made_of = self._prototypes.of(facts, [one.titles for one in active])
        for one, made in zip(active, made_of, strict=True):
            if made is not None and one.id not in resting:
                found.append((one, made))
        rows = np.zeros(len(found), PATTERN)
        numbers = np.zeros((len(found), facts.stride if found else 0), np.int8)
        for at, (one, made) in enumerate(found):
            rows[at]["id"], rows[at]["profile"] = one.id, one.profile
            rows[at]["dayparts"], rows[at]["weekdays"] = one.dayparts, one.weekdays
            rows[at]["scale_q30"] = made.scale_q30
            rows[at]["weight_q12"] = round(one.weight * ONE_Q12)
            numbers[at] = made.row
        return rows, numbers

    def _diversity(self) -> int:
        """0 where it is the ranker's own."""
        factor = current(self._db).factor(DIVERSITY)
        return 0 if factor == 1.0 else round(factor * snapshot.default_diversity())

    def _affinities(self, now: float) -> np.ndarray:
        found = [
            (profile, part, round(value * ONE_Q12), xxh64(genre.encode("utf-8")))
            for profile in tastes.profiles(self._db)
            for genre, part, value in affinities(tastes.preferences(self._db, profile), now)
        ]
        rows = np.zeros(len(found), AFFINITY)
        for at, name in enumerate(("profile", "daypart", "affinity_q12", "genre_hash")):
            rows[name] = [one[at] for one in found]
        return rows

    def _row_use(self, now: float) -> np.ndarray:
        found = habits.shares(self._db, habits.ROWS, now)
        rows = np.zeros(len(found), ROW_USE)
        for at, one in enumerate(found):
            rows[at] = (one.profile, one.daypart, one.thing, round(one.share * ONE_Q12))
        return rows

    def _channels(self, now: float) -> np.ndarray:
        found = habits.shares(self._db, habits.CHANNELS, now)
        rows = np.zeros(len(found), CHANNEL)
        for at, one in enumerate(found):
            rows[at] = (one.profile, one.daypart, round(one.share * ONE_Q12), one.thing)
        return rows


def _position(one: Snapshot) -> Position:
    return Position(one.journal_id, one.learned_seq, one.erasure_epoch)


def _places(slates: Slates) -> np.ndarray:
    places = [(p, i, key) for p in sorted(slates) for i, key in enumerate(slates[p])]
    rows = np.zeros(len(places), SLATE_PLACE)
    for at, name in enumerate(("profile", "place", "key")):
        rows[name] = [one[at] for one in places]
    return rows
