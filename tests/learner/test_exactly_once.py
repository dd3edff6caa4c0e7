"""Whenever the learner dies, every record is in its tables once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.learner.viewing import MONDAY_EVENING, counted, evening, folded, open_brain
from tests.places import ROOT
from tvbrain.brain.plane import LearningPlane
from tvbrain.brain.serving import Serving
from tvbrain.clock import VirtualClock
from tvbrain.events import ViewingEvent
from tvbrain.loops.learner import Learner
from tvbrain.memory import consumer as consuming
from tvbrain.memory.consumer import Consumer
from tvbrain.memory.fold import HistoryFold
from tvbrain.pack import demo_pack_path
from tvbrain.store import consumption, journal
from tvbrain.store.database import open_database

STEPS: dict[str, tuple[object, str]] = {
    "sync": (journal, "sync"),
    "absorb": (consuming, "absorb"),
    "fold": (HistoryFold, "apply"),
    "tallies": (consumption, "add_tallies"),
    "folds": (consumption, "set_folds"),
    "position": (consumption, "set_position"),
    "committed": (Consumer, "_take"),
}
"""Where a learner may die; "committed" is right after the transaction."""


class DiedError(BaseException):
    """Nothing catches it by accident."""


def dying(call: Callable[..., Any], at: int, die: Callable[[], None]) -> Callable[..., Any]:
    """`call`, but the `at`-th call of it is the last thing that happens."""
    calls = 0

    def wrapped(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        result = call(*arguments, **named)
        if calls == at:
            die()
        return result

    return wrapped


def watched(tmp_path: Path, count: int) -> Path:
    """A data directory whose journal nobody has learned from."""
    tv = tmp_path / "tv"
    serving = Serving(
        tv, demo_pack_path(), clock=VirtualClock(MONDAY_EVENING), thread=False, seed=7
    )
    for event in evening(1, count):
        serving.observe(event)
    serving.close()
    return tv


def consumed(tv: Path) -> tuple[dict[tuple[int, int], int], bytes]:
    """Consume the rest; tallies and fold afterwards."""
    db = open_database(tv / "brain.db")
    consumer = Consumer(db, tv, VirtualClock(MONDAY_EVENING))
    consumer.consume()
    result = consumption.tallies(db), consumer.fold.encode()
    db.close()
    return result


@pytest.mark.parametrize("at", [1, 3])
@pytest.mark.parametrize("step", STEPS)
def test_an_error_at_any_step_neither_loses_nor_doubles_a_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, at: int
) -> None:
    tv = watched(tmp_path, 60)
    monkeypatch.setattr(consuming, "BATCH", 16)
    home, name = STEPS[step]

    def die() -> None:
        raise DiedError

    db = open_database(tv / "brain.db")
    with monkeypatch.context() as patched:
        patched.setattr(home, name, dying(getattr(home, name), at, die))
        consumer = Consumer(db, tv, VirtualClock(MONDAY_EVENING))
        with pytest.raises(DiedError):
            consumer.consume()
    consumer.consume()  # the same learner goes on, from what is committed
    assert consumption.tallies(db) == counted(tv)
    assert consumer.fold.encode() == folded(tv)
    db.close()


@pytest.mark.parametrize("at", [1, 2])
@pytest.mark.parametrize("step", STEPS)
def test_kill_9_at_any_step_neither_loses_nor_doubles_a_record(
    tmp_path: Path, step: str, at: int
) -> None:
    tv = watched(tmp_path, 60)
    child = subprocess.run(
        [sys.executable, "-m", "tests.learner.test_exactly_once", str(tv), step, str(at)],
        cwd=ROOT,
        check=False,
    )
    assert child.returncode == -signal.SIGKILL
    assert consumed(tv) == (counted(tv), folded(tv))


def test_what_was_consumed_stays_consumed_after_closing(tmp_path: Path) -> None:
    with open_brain(tmp_path) as brain:
        brain.observe(evening(2, 30))
    with open_brain(tmp_path) as brain:
        brain.learn_now()
        assert brain.health().learning is not None
    assert consumed(tmp_path / "tv") == (counted(tmp_path / "tv"), folded(tmp_path / "tv"))


def test_what_was_consumed_and_not_published_is_published_after_a_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = VirtualClock(MONDAY_EVENING)
    with open_brain(tmp_path, clock) as brain:
        brain.observe(evening(2, 30))
        with monkeypatch.context() as patched:
            patched.setattr(Learner, "set_taste", dying(Learner.set_taste, 1, _refuse))
            brain.learn_now()
        assert brain.health().serving["learned_seq"] == 0
    with open_brain(tmp_path, clock) as brain:
        assert brain.learn_now() == ["adaptive"]
        assert brain.health().serving["learned_seq"] == 30
        assert brain.export()["preferences"] != []


def _refuse() -> None:
    raise OSError("no")


def test_another_journal_is_consumed_from_its_beginning_and_the_history_stays(
    tmp_path: Path,
) -> None:
    tv = watched(tmp_path, 30)
    tallies, fold = consumed(tv)
    for segment in (tv / "journal").iterdir():
        segment.unlink()
    serving = Serving(
        tv, demo_pack_path(), clock=VirtualClock(MONDAY_EVENING), thread=False, seed=8
    )
    for event in evening(3, 20):
        serving.observe(event)
    serving.close()
    both, after = consumed(tv)
    assert sum(both.values()) == sum(tallies.values()) + 20
    assert after != fold
    assert HistoryFold(after).info(1).touch == 50


def test_a_gap_that_serving_made_is_adopted_and_reported(tmp_path: Path) -> None:
    tv = watched(tmp_path, 40)
    consumed(tv)
    clock = VirtualClock(MONDAY_EVENING)
    serving = Serving(tv, demo_pack_path(), clock=clock, thread=False, journal_cap=1 << 20)
    wide = [ViewingEvent(kind="wake", at=MONDAY_EVENING + second) for second in range(30_000)]
    for event in wide:
        serving.observe(event)
    serving.pump()
    live = serving.health()
    serving.close()
    assert live["checkpoint_seq"] != 0

    plane = LearningPlane(tv, demo_pack_path(), clock)
    plane.step(hurry=True)
    health = plane.health()
    plane.close()
    assert health.seq == 40 + len(wide)
    assert [(gap.first, gap.last) for gap in health.gaps] == [(41, live["checkpoint_seq"])]
    _, fold = consumed(tv)
    assert HistoryFold(fold).info(1).touch == 40 + len(wide)


def _child(tv: str, step: str, at: str) -> None:
    consuming.BATCH = 16
    home, name = STEPS[step]

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(home, name, dying(getattr(home, name), int(at), die))
    db = open_database(Path(tv) / "brain.db")
    Consumer(db, Path(tv), VirtualClock(MONDAY_EVENING)).consume()


if __name__ == "__main__":
    _child(*sys.argv[1:])
