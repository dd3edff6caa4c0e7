"""What a turn writes is committed by one write, before the file that follows from it; none of it is lost or doubled."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.learner.viewing import counted, evening, folded, open_brain
from tvbrain.clock import VirtualClock
from tvbrain.loops.learner import Learner
from tvbrain.loops.publisher import Publisher
from tvbrain.loops.table import HOUR
from tvbrain.store import consumption, snapshot
from tvbrain.store.database import open_database


def test_a_run_is_one_commit_and_its_snapshot_follows_it(
    tmp_path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    publish = Publisher.publish

    def noted(self: Publisher, *given: Any, **more: Any) -> int:
        done.append("published")
        return publish(self, *given, **more)

    monkeypatch.setattr(Publisher, "publish", noted)
    with open_brain(tmp_path, clock) as brain:
        brain.observe(evening(3, 60))
        clock.advance(HOUR)
        with brain._learning().looking() as learner:
            learner.db.set_trace_callback(
                lambda text: done.append(text) if text.startswith("COMMIT") else None
            )
        assert brain._learning().step() == ["reflexive", "reactive", "adaptive"]
        assert done == ["COMMIT", "published"]


def test_when_the_power_goes_in_a_run_it_is_done_again_and_serving_is_never_ahead(
    tmp_path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    cuts = 0
    taste = Learner.taste

    def noted(self: Learner, profile: int) -> Any:
        nonlocal cuts
        cuts += 1
        shutil.copytree(tmp_path / "tv", tmp_path / f"cut{cuts}" / "tv")
        return taste(self, profile)

    with open_brain(tmp_path, clock) as brain:
        brain.observe(evening(3, 60))
        clock.advance(HOUR)
        monkeypatch.setattr(Learner, "taste", noted)
        brain._learning().step()
        monkeypatch.undo()
        after = brain.health().learning
    assert after is not None
    assert cuts == 1
    place = tmp_path / "cut1" / "tv"
    assert snapshot.load(place / "snapshot").snapshot is None
    db = open_database(place / "brain.db")
    assert consumption.position(db).seq == 0
    db.close()
    with open_brain(tmp_path / "cut1", clock) as brain:
        clock.advance(HOUR)
        assert "adaptive" in brain.run_due()
        assert brain.health().serving["learned_seq"] == after.seq == 60
    db = open_database(place / "brain.db")
    assert consumption.tallies(db) == counted(place)
    assert b"".join(consumption.folds(db).values()) in folded(place)
    db.close()


def test_what_sqlite_rolls_back_on_a_full_disk_is_learned_when_there_is_room(
    tmp_path: Path, clock: VirtualClock
) -> None:
    with open_brain(tmp_path, clock) as brain:
        brain.observe(evening(3, 600))
        plane = brain._learning()
        with plane.looking() as learner:
            db = learner.db
            (pages,) = db.execute("PRAGMA page_count").fetchone()
            db.execute(f"PRAGMA max_page_count = {pages}")
        clock.advance(HOUR)
        assert "adaptive" in plane.step()
        health = plane.health()
        assert health.stuck
        assert health.seq == 0
        assert not db.in_transaction
        db.execute("PRAGMA max_page_count = 1000000")
        clock.advance(60)
        assert "adaptive" in brain.run_due()
        assert not plane.health().stuck
        assert consumption.tallies(db) == counted(tmp_path / "tv")
        assert brain.health().serving["learned_seq"] == 600


def test_an_error_that_rolls_back_the_whole_run_lets_the_job_begin_anew(
    tmp_path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_taste = Learner.set_taste

    def lose(self: Learner, *given: Any) -> None:
        self.db.execute("ROLLBACK")
        raise OSError("no")

    with open_brain(tmp_path, clock) as brain:
        brain.observe(evening(3, 60))
        plane = brain._learning()
        clock.advance(HOUR)
        monkeypatch.setattr(Learner, "set_taste", lose)
        plane.step()
        assert plane.health().seq == 0
        monkeypatch.setattr(Learner, "set_taste", set_taste)
        clock.advance(60)
        brain.run_due()
        assert plane.health().seq == 60
        with plane.looking() as learner:
            assert consumption.tallies(learner.db) == counted(tmp_path / "tv")
        assert brain.health().serving["learned_seq"] == 60
        assert brain.export()["preferences"] != []
