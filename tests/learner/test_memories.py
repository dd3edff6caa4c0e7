"""What records become, and what becomes of it with time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.learner.viewing import MONDAY_EVENING
from tvbrain._native.arrays import EVENT
from tvbrain.loops.table import DAY
from tvbrain.memory import episodes
from tvbrain.memory.consolidation import consolidate
from tvbrain.memory.evidence import Evidence, strength, watch_strength
from tvbrain.memory.fold import HistoryFold
from tvbrain.memory.records import Record
from tvbrain.memory.section import join, split
from tvbrain.memory.sittings import SILENCE_MS, Sittings
from tvbrain.memory.tiers import BY_NAME, TIERS, decay
from tvbrain.store.database import open_database

AT = round(MONDAY_EVENING * 1000)


def test_a_record_has_the_fields_of_the_cores_struct() -> None:
    assert Record._fields == EVENT.names


def test_there_are_twelve_tiers_and_each_promotes_to_one_of_them() -> None:
    names = [tier.name for tier in TIERS]
    assert len(names) == len(set(names)) == 12
    assert {tier.promotes_to for tier in TIERS} <= {None, *names}


@pytest.mark.parametrize(
    ("watched", "expected"), [(0.04, 0), (0.1, -0.25), (0.3, 0.1), (0.5, 0.5), (1.0, 1.0)]
)
def test_leaving_a_title_early_speaks_against_it(watched: float, expected: float) -> None:
    assert watch_strength(watched) == pytest.approx(expected)


def test_what_kinds_say() -> None:
    assert strength("complete", None, None, 0, 0) == 1.0
    assert strength("complete", 0.2, None, 0, 0) == 0.5
    assert strength("stop", None, None, 50, 100) == 0.5
    assert strength("stop", None, None, 50, 0) == 0.0
    assert strength("complete", 1.0, -1.0, 0, 0) == -1.0
    assert strength("not_interested", None, None, 0, 0) == -1.0
    assert strength("progress", 0.9, None, 0, 0) == 0.0


def test_silence_ends_a_sitting_without_a_name(tmp_path: Path) -> None:
    db = open_database(tmp_path / "brain.db")
    with db.atomic():
        sittings = Sittings(db)
        first = sittings.episode(1, 0, AT)
        assert sittings.episode(1, 0, AT + SILENCE_MS) == first
        second = sittings.episode(1, 0, AT + 2 * SILENCE_MS + 1)
        assert second != first
        assert sittings.episode(1, 77, AT) not in (first, second)
        sittings.write()
    rows = db.execute("SELECT id, ended - started, events FROM episode ORDER BY id").fetchall()
    assert rows[:2] == [(first, SILENCE_MS, 2), (second, 0, 1)]
    db.close()


def test_old_evidence_becomes_one_memory_that_fades(tmp_path: Path) -> None:
    db = open_database(tmp_path / "brain.db")
    with db.atomic():
        for days in (0, 180):
            at = AT + round(days * DAY * 1000)
            episodes.remember(db, Evidence(1, 5, 0, at, 3, 1.0, False), 1)
        consolidate(db, MONDAY_EVENING + 300 * DAY)
    (kept,) = episodes.memories(db, 1)
    assert (kept.tier, kept.episode, kept.strength) == ("semantic", None, 1.5)
    assert kept.at_ms == AT + round(180 * DAY * 1000)
    db.close()


def test_a_full_tier_lets_its_oldest_go_at_every_write(tmp_path: Path) -> None:
    db = open_database(tmp_path / "brain.db")
    capacity = BY_NAME["episodic"].capacity
    assert capacity == 2000
    with db.atomic():
        for number in range(capacity + 100):
            said = 1.0 if number % 2 else 0.2
            episodes.remember(db, Evidence(1, number, 0, AT + number, 3, said, False), 1)
    kept = episodes.memories(db, 1)
    assert [one.item for one in kept if one.tier == "episodic"] == list(range(100, 2100))
    assert [one.item for one in kept if one.tier == "semantic"] == list(range(1, 100, 2))
    db.close()


def test_undo_takes_back_the_last_explicit_evidence_alone(tmp_path: Path) -> None:
    db = open_database(tmp_path / "brain.db")
    with db.atomic():
        for explicit, weight in ((False, 0.5), (True, -1.0)):
            episodes.remember(db, Evidence(1, 5, 0, AT, 3, weight, explicit), 1)
        episodes.take_back(db, 1, 5)
    assert [memory.strength for memory in episodes.memories(db, 1)] == [0.5]
    db.close()


def test_decay_halves_and_never_grows() -> None:
    assert decay("semantic", 180 * DAY) == 0.5
    assert decay("semantic", -5) == 1.0
    assert decay("physical", 1e12) == 1.0


def test_a_section_is_the_sum_of_its_profiles() -> None:
    assert split(b"") == {}
    assert HistoryFold(join({})).profiles() == ()
