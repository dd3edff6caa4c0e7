"""Backups, and what comes back from them."""

from __future__ import annotations

from pathlib import Path

from tests.learner.viewing import MONDAY_EVENING, evening, folded, open_brain
from tvbrain.brain.brain import Brain
from tvbrain.clock import VirtualClock
from tvbrain.loops.learner import Learner
from tvbrain.store import backups, snapshot
from tvbrain.store.backups import MONTH

DAY = 86_400.0


def daily(brain: Brain, clock: VirtualClock, days: int) -> None:
    for _ in range(days):
        clock.advance(DAY)
        brain.learn_now()


def backed_up(brain: Brain, clock: VirtualClock) -> None:
    """Forty records are learned and in a backup."""
    brain.observe(evening(1, 40))
    brain.learn_now()
    daily(brain, clock, 1)


def damage(tv: Path) -> None:
    """One page in the middle of the database."""
    with (tv / "brain.db").open("r+b") as file:
        file.seek(3 * 4096)
        file.write(b"\xff" * 4096)


def remembered(brain: Brain) -> object:
    return brain.export()["memories"]


def test_two_backups_are_kept_and_made_at_most_monthly(tmp_path: Path) -> None:
    clock, tv = VirtualClock(MONDAY_EVENING), tmp_path / "tv"
    with open_brain(tmp_path, clock) as brain:
        daily(brain, clock, 100)
    kept = backups.kept(tv)
    assert [one.number for one in kept] == [3, 4]
    assert kept[1].created - kept[0].created >= MONTH
    assert clock.now() - kept[1].created < MONTH


def test_a_backup_of_the_future_holds_up_no_other(learner: Learner, tmp_path: Path) -> None:
    backups.make(learner.db, tmp_path, MONDAY_EVENING + 3650 * DAY)
    assert backups.is_due(tmp_path, MONDAY_EVENING)
    backups.make(learner.db, tmp_path, MONDAY_EVENING)
    assert not backups.is_due(tmp_path, MONDAY_EVENING + DAY)


def test_a_damaged_database_comes_back_from_the_backup_and_the_journal_whole(
    tmp_path: Path,
) -> None:
    clock, tv = VirtualClock(MONDAY_EVENING), tmp_path / "tv"
    with open_brain(tmp_path, clock) as brain:
        backed_up(brain, clock)
        brain.observe(evening(2, 40))
        brain.learn_now()
        before = remembered(brain)
    damage(tv)
    with open_brain(tmp_path, clock) as brain:
        assert brain.health().mode == "no_learning"
        assert len(brain.recommend()) > 0
        said = brain.recover()
        assert "brain.db.damaged" in said
        assert "00000001-" in said
        assert "folded" not in said
        brain.learn_now()
        assert remembered(brain) == before
        assert brain.health().mode == "full"
        with brain._learning().looking() as learner:
            assert learner.consumer.fold.encode() == folded(tv)


def test_what_the_journal_no_longer_has_comes_folded_out_of_the_snapshot_and_recover_says_so(
    tmp_path: Path,
) -> None:
    clock, tv = VirtualClock(MONDAY_EVENING), tmp_path / "tv"
    with open_brain(tmp_path, clock) as brain:
        backed_up(brain, clock)
        while sum(1 for _ in (tv / "journal").glob("*.tvj")) < 3:
            brain.observe(evening(3, 1000))
        brain.learn_now()
        brain.observe(evening(4, 1))
        brain.learn_now()
        brain.learn_now()
        first = min((tv / "journal").glob("*.tvj"))
        learned = brain.health().serving["learned_seq"]
    assert int(first.stem, 16) > 41, "the journal has not been shortened"
    damage(tv)
    with open_brain(tmp_path, clock) as brain:
        assert f"of records 41 to {learned} the folded histories alone are left" in brain.recover()
        newest = snapshot.load(tv / "snapshot").snapshot
        assert newest is not None
        with brain._learning().looking() as learner:
            assert learner.consumer.position.seq == newest.learned_seq
            assert learner.consumer.fold.encode() == newest.folds


def test_a_damaged_backup_is_passed_over(tmp_path: Path) -> None:
    clock, tv = VirtualClock(MONDAY_EVENING), tmp_path / "tv"
    with open_brain(tmp_path, clock) as brain:
        brain.observe(evening(1, 40))
        brain.learn_now()
        daily(brain, clock, 40)
    newer = backups.kept(tv)[-1].path
    newer.write_bytes(b"no database at all" * 1000)
    damage(tv)
    with open_brain(tmp_path, clock) as brain:
        assert "00000001-" in brain.recover()
