"""Tiers against a model of them in memory: what is kept depends on what happened and when, not on when jobs ran."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tvbrain.clock import VirtualClock
from tvbrain.loops.learner import Learner
from tvbrain.loops.mining import MINE
from tvbrain.memory import shelf, tiers
from tvbrain.memory.consolidation import consolidate
from tvbrain.memory.shelf import Entry
from tvbrain.memory.tiers import DAY
from tvbrain.sqlite import Database
from tvbrain.store import patterns
from tvbrain.store.database import open_database
from tvbrain.store.patterns import Pattern

SMALL = {"episodic": 6, "semantic": 3}
Row = tuple[str, int, int, int, int, float]
"""Tier, profile, item, time, daypart, strength."""


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tiers of a few entries, so that a few writes fill them."""
    for name, capacity in SMALL.items():
        monkeypatch.setitem(tiers.BY_NAME, name, replace(tiers.BY_NAME[name], capacity=capacity))


@contextmanager
def database() -> Iterator[Database]:
    with TemporaryDirectory() as folder:
        db = open_database(Path(folder) / "brain.db")
        yield db
        db.close()


def kept(db: Database) -> list[Row]:
    rows = db.execute(
        "SELECT tier, profile, item, at, daypart, strength FROM memory ORDER BY 1, 2, 4, 3, 5, 6"
    ).fetchall()
    return [tuple(row) for row in rows]


@dataclass
class Model:
    """Both tiers as docs/memory.md describes them, as lists."""

    episodic: list[Entry] = field(default_factory=list)
    semantic: list[Entry] = field(default_factory=list)

    def put(self, one: Entry) -> None:
        self.episodic.append(one)
        self.episodic.sort(key=lambda e: e.at_ms)  # stable: of one time the first written
        if sum(e.profile == one.profile for e in self.episodic) > SMALL["episodic"]:
            self.leave(next(e for e in self.episodic if e.profile == one.profile))

    def leave(self, one: Entry) -> None:
        self.episodic.remove(one)
        if abs(one.strength) < 0.25:
            return
        place = (one.profile, one.item, one.daypart)
        for old in self.semantic:
            if (old.profile, old.item, old.daypart) == place:
                self.semantic.remove(old)
                newest = max(old.at_ms, one.at_ms)
                total = sum(
                    e.strength * 0.5 ** ((newest - e.at_ms) / 1000 / (180 * DAY))
                    for e in (old, one)
                )
                one = replace(one, at_ms=newest, strength=total)
                break
        self.semantic.append(one)
        of = sorted((e for e in self.semantic if e.profile == one.profile), key=lambda e: e.at_ms)
        if len(of) > SMALL["semantic"]:
            self.semantic.remove(min(of, key=self.now))

    def now(self, one: Entry) -> float:
        """What is left of it at any one time, as a logarithm."""
        if one.strength == 0:
            return -math.inf
        return math.log2(abs(one.strength)) + one.at_ms / 1000 / (180 * DAY)

    def consolidate(self, now: float) -> None:
        for one in list(self.episodic):
            if one.at_ms < round((now - 90 * DAY) * 1000):
                self.leave(one)

    def rows(self) -> list[Row]:
        of = [("episodic", e) for e in self.episodic] + [("semantic", e) for e in self.semantic]
        found = [(t, e.profile, e.item, e.at_ms, e.daypart, e.strength) for t, e in of]
        return sorted(found, key=lambda r: (r[0], r[1], r[3], r[2], r[4], r[5]))


STRENGTHS = st.sampled_from((1.0, 0.5, 0.3, 0.2, -0.25, -1.0))
STEPS = st.lists(
    st.tuples(
        st.integers(0, 40),  # days since the one before
        st.integers(1, 2),
        st.integers(1, 5),
        st.sampled_from((0, 3)),
        STRENGTHS,
    ),
    max_size=30,
)


def written(steps: list[tuple[int, int, int, int, float]]) -> list[Entry]:
    found, day = [], 0
    for number, (days, profile, item, part, strength) in enumerate(steps):
        day += days
        at = round(day * DAY * 1000) + number
        found.append(Entry(profile, item, at, part, strength))
    return found


@settings(deadline=None, max_examples=25)
@given(STEPS, st.sets(st.integers(0, 29), max_size=6))
def test_tiers_hold_what_the_model_holds_after_every_write(
    steps: list[tuple[int, int, int, int, float]], jobs: set[int]
) -> None:
    model = Model()
    with database() as db:
        for number, one in enumerate(written(steps)):
            with db.atomic():
                shelf.put(db, "episodic", one)
                model.put(one)
                if number in jobs:
                    consolidate(db, one.at_ms / 1000)
                    model.consolidate(one.at_ms / 1000)
            for name, capacity in SMALL.items():
                for profile in (1, 2):
                    count = sum(r[:2] == (name, profile) for r in kept(db))
                    assert count <= capacity
            assert kept(db) == model.rows()


@settings(deadline=None, max_examples=25)
@given(STEPS, st.sets(st.integers(0, 29), max_size=10), st.integers(0, 400))
def test_it_does_not_matter_when_or_how_often_consolidation_runs(
    steps: list[tuple[int, int, int, int, float]], jobs: set[int], more: int
) -> None:
    entries = written(steps)
    end = (entries[-1].at_ms / 1000 if entries else 0.0) + more * DAY
    with database() as often, database() as once:
        for number, one in enumerate(entries):
            for db in (often, once):
                with db.atomic():
                    shelf.put(db, "episodic", one)
            if number in jobs:
                with often.atomic():
                    consolidate(often, one.at_ms / 1000)
        for db in (often, once):
            with db.atomic():
                consolidate(db, end)
        assert kept(often) == kept(once)
        before = kept(often)
        with often.atomic():
            assert consolidate(often, end) == 0
        assert kept(often) == before


def test_promotion_moves_and_never_copies() -> None:
    with database() as db, db.atomic():
        shelf.put(db, "episodic", Entry(1, 7, 0, 3, 1.0))
        consolidate(db, 91 * DAY)
        assert kept(db) == [("semantic", 1, 7, 0, 3, 1.0)]


def test_what_says_too_little_is_dropped_when_its_time_is_over() -> None:
    with database() as db, db.atomic():
        shelf.put(db, "episodic", Entry(1, 7, 0, 3, 0.2))
        consolidate(db, 91 * DAY)
        assert kept(db) == []


def test_a_pattern_of_other_sets_stays_for_its_retention_whatever_is_mined_here(
    learner: Learner, clock: VirtualClock
) -> None:
    seen = round(clock.now() * 1000)
    other = Pattern(
        7, 1, "collective", "weekend evening, Comedy", "Comedy", 1 << 7, 0, "", 9, 8, 0.5, 1.0, 0.1,
        (5,), seen, seen,
    )  # fmt: skip
    with learner.transaction():
        shelf.put(learner.db, "episodic", Entry(1, 5, seen, 3, 1.0))
        patterns.set_patterns(learner.db, 1, [other])
    for days, left in ((100, [other]), (200, [])):
        found = MINE.step(learner, clock.now() + days * DAY, "")
        assert found.apply is not None
        with learner.transaction():
            found.apply()
        assert patterns.patterns(learner.db, 1) == left
