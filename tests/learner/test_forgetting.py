"""Forgetting, over every file: nothing of a canary is left once it is complete, whatever died in the middle."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.learner.viewing import MONDAY_EVENING, evening, open_brain, titles
from tests.places import ROOT
from tvbrain.brain.brain import Brain
from tvbrain.brain.plane import LearningPlane
from tvbrain.brain.serving import Serving
from tvbrain.clock import VirtualClock
from tvbrain.events import ViewingEvent
from tvbrain.loops import erasing
from tvbrain.loops.publisher import Publisher
from tvbrain.memory.consumer import Consumer
from tvbrain.pack import demo_pack_path
from tvbrain.pack.native import key_of
from tvbrain.store import backups, database, erased
from tvbrain.types import ViewContext

CANARY, NAME = "netflix:canary-7c1d", "a canary of a name"
DAY = 86_400.0

STEPS: dict[str, tuple[Any, str]] = {
    "consumed": (Consumer, "consume"),
    "published": (Publisher, "publish"),
    "database": (database, "vacuum"),
    "backup": (backups, "make"),
    "files": (erasing, "clean_files"),
    "said": (erased, "write"),
}
"""What a process that forgets can die after."""


def live(brain: Brain, clock: VirtualClock) -> None:
    """Two people with canaries everywhere, and everything of them learned and backed up."""
    brain.create_profile(NAME)
    for profile in ("household", NAME):
        brain.observe(evening(3, 30, profile=profile))
        for kind in ("select", "complete", "rate", "list_add", "impression", "hide"):
            rating = 0.9 if kind == "rate" else None
            at = clock.now() - 60
            brain.observe(
                ViewingEvent(
                    kind=kind, item=CANARY, profile=profile, at=at, rating=rating, watched=0.9
                )
            )
    brain.learn_now()
    clock.advance(DAY)
    brain.learn_now()
    with brain._learning().looking() as learner:
        backups.make(learner.db, learner._dir, clock.now())


def holding(tv: Path, *needles: bytes) -> list[str]:
    """Files that hold any of these."""
    files = sorted(path for path in tv.rglob("*") if path.is_file())
    return [
        str(path.relative_to(tv))
        for path in files
        if any(needle in path.read_bytes() for needle in needles)
    ]


def traces(item: str) -> tuple[bytes, bytes, bytes]:
    """An id as it may stand in a file: as text, in our files, in SQLite's."""
    key = key_of(item)
    return item.encode(), key.to_bytes(8, "little"), key.to_bytes(8, "big")


def complete(brain: Brain | Serving) -> bool:
    health = brain.health().serving if isinstance(brain, Brain) else brain.health()
    return health["erased_epoch"] == health["erasure_epoch"] != 0


def forget(brain: Brain, what: str) -> None:
    if what == "item":
        assert brain.forget(item=CANARY)
        assert brain.forget(item=CANARY, profile=NAME)
    elif what == "profile":
        assert brain.forget(profile="household")
        brain.delete_profile(NAME)
    else:
        assert brain.forget(everything=True)
        brain.delete_profile(NAME)


@pytest.mark.parametrize("what", ["item", "profile", "everything"])
def test_no_byte_of_what_is_forgotten_is_left_in_any_file(tmp_path: Path, what: str) -> None:
    clock, tv = VirtualClock(MONDAY_EVENING), tmp_path / "tv"
    with open_brain(tmp_path, clock) as brain:
        live(brain, clock)
        (tv / "brain.db.damaged").write_bytes(traces(CANARY)[1])
        found = holding(tv, *traces(CANARY))
        assert {"brain.db", "profiles.tvp", "journal", "snapshot", "backups"} & {
            name.split("/")[0] for name in [*found, *holding(tv, NAME.encode())]
        } == {"brain.db", "profiles.tvp", "journal", "snapshot", "backups"}
        forget(brain, what)
        assert not complete(brain)
        brain.learn_now()
        assert complete(brain)
        assert holding(tv, *traces(CANARY)) == []
        if what != "item":
            assert holding(tv, NAME.encode()) == []
        brain.observe(evening(5, 10))
        before = [entry.item for entry in brain.recommend()]
    with open_brain(tmp_path, clock) as brain:
        assert [entry.item for entry in brain.recommend()] == before
        assert brain.learn_now() in ([], ["adaptive"], ["reflexive", "adaptive"], ["reflexive"])
        assert complete(brain)
    assert holding(tv, *traces(CANARY)) == []


def test_the_two_processes_forget_together(tmp_path: Path) -> None:
    clock, tv = VirtualClock(MONDAY_EVENING), tmp_path / "tv"
    with open_brain(tmp_path, clock) as brain:
        live(brain, clock)
        item = titles(60)[-1]  # one that nobody else has seen
        brain.observe(ViewingEvent(kind="complete", item=item, watched=1.0, at=clock.now()))
        brain.learn_now()
    serving = Serving(tv, demo_pack_path(), clock=clock, thread=False)
    assert serving.forget(1, 1, item)  # TVB_PENDING, and hidden at once: it may be offered again
    assert serving.explain(item, ViewContext(at=clock.now())).eligible
    serving.pump()
    assert not complete(serving)
    assert holding(tv, *traces(item))
    plane = LearningPlane(tv, demo_pack_path(), clock)
    assert "adaptive" in plane.step()  # an erasure does not wait for its time
    assert not complete(serving)
    serving.pump()
    assert complete(serving)
    plane.close()
    serving.close()
    assert holding(tv, *traces(item)) == []


@pytest.mark.parametrize("at", [1, 2])
@pytest.mark.parametrize("step", STEPS)
def test_kill_9_at_any_step_leaves_nothing_behind_after_the_next_opening(
    tmp_path: Path, step: str, at: int
) -> None:
    clock = VirtualClock(MONDAY_EVENING)
    with open_brain(tmp_path, clock) as brain:
        live(brain, clock)
        now = clock.now()
    child = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.learner.test_forgetting",
            str(tmp_path),
            step,
            str(at),
            str(now),
        ],
        cwd=ROOT,
        check=False,
    )
    assert child.returncode in (-signal.SIGKILL, 0)  # 0: it took fewer of these steps
    with open_brain(tmp_path, VirtualClock(now + 5)) as brain:
        brain.learn_now()
        assert complete(brain)
        tv = tmp_path / "tv"
        assert holding(tv, *traces(CANARY), NAME.encode()) == []


def test_a_predecessor_of_the_profiles_that_a_kill_left_behind_is_written_anew(
    tmp_path: Path,
) -> None:
    """The two files are written one after the other: a kill between them leaves a name in the second."""
    clock, tv = VirtualClock(MONDAY_EVENING), tmp_path / "tv"
    with open_brain(tmp_path, clock) as brain:
        live(brain, clock)
        before = (tv / "profiles.tvp.1").read_bytes()
        brain.delete_profile(NAME)
    (tv / "profiles.tvp.1").write_bytes(before)
    with open_brain(tmp_path, clock) as brain:
        assert (tv / "profiles.tvp.1").read_bytes() == (tv / "profiles.tvp").read_bytes()
        brain.learn_now()
        assert complete(brain)
        assert holding(tv, NAME.encode()) == []


def test_a_database_of_before_a_complete_erasure_is_refused(tmp_path: Path) -> None:
    clock, tv = VirtualClock(MONDAY_EVENING), tmp_path / "tv"
    with open_brain(tmp_path, clock) as brain:
        live(brain, clock)
    old = tmp_path / "old.db"
    shutil.copy(tv / "brain.db", old)
    with open_brain(tmp_path, clock) as brain:
        forget(brain, "everything")
        brain.learn_now()
    shutil.copy(old, tv / "brain.db")
    for rest in ("brain.db-wal", "brain.db-shm"):
        (tv / rest).unlink(missing_ok=True)
    with open_brain(tmp_path, clock) as brain:
        assert holding(tv, *traces(CANARY)) == []
        brain.learn_now()
        assert complete(brain)
        assert brain.health().learning is not None
        assert brain.export()["memories"] == []


def test_an_erasure_that_another_loop_has_heard_of_is_not_slept_on(tmp_path: Path) -> None:
    """Any long loop consumes the journal: the adaptive one is to clean up at once all the same."""
    clock = VirtualClock(MONDAY_EVENING)
    with open_brain(tmp_path, clock) as brain:
        live(brain, clock)
        brain.learn_now()
        assert brain.next_wait() > 60
        forget(brain, "everything")
        with brain._learning().looking() as learner:
            learner.consume()
        assert brain.next_wait() == 0
        clock.advance(1)
        brain.run_due()
        brain.run_due()
        assert complete(brain)
        assert brain.next_wait() > 60


def test_forgetting_waits_for_the_end_of_playback_and_is_hidden_meanwhile(tmp_path: Path) -> None:
    clock = VirtualClock(MONDAY_EVENING)
    with open_brain(tmp_path, clock) as brain:
        live(brain, clock)
        brain.hint("playback", 1)
        brain._learning().step()
        forget(brain, "everything")
        clock.advance(1)
        brain._learning().step()
        assert not complete(brain)
        brain.hint("playback", 0)
        clock.advance(1)
        brain._learning().step()
        clock.advance(1)
        brain._learning().step()
        brain._serving.pump()
        assert complete(brain)


def _die_after(call: Callable[..., Any], at: int) -> Callable[..., Any]:
    calls = 0

    def wrapped(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        result = call(*arguments, **named)
        if calls == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return wrapped


def _forget_and_die(folder: Path, step: str, at: int, now: float) -> None:
    with open_brain(folder, VirtualClock(now)) as brain:
        forget(brain, "everything")
        home, name = STEPS[step]
        setattr(home, name, _die_after(getattr(home, name), at))
        brain.learn_now()


if __name__ == "__main__":
    _forget_and_die(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
