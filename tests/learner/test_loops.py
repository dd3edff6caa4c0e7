"""The loops on a clock that the test moves."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.learner.viewing import MONDAY_EVENING, evening, open_brain
from tvbrain.brain.brain import Brain
from tvbrain.brain.plane import LearningPlane
from tvbrain.clock import VirtualClock
from tvbrain.events import ViewingEvent
from tvbrain.loops.engine import Engine
from tvbrain.loops.job import whole
from tvbrain.loops.learner import Learner
from tvbrain.loops.report import report
from tvbrain.loops.table import DAY, HOUR, LOOPS, Loop
from tvbrain.memory.consumer import Consumer
from tvbrain.pack import demo_pack_path

LONG = [loop.name for loop in LOOPS if loop.persisted]


def only(name: str, run: Callable[[Learner, float], None]) -> list[Loop]:
    """The table with another body for one loop; every other loop counts as one that does nothing."""

    def nothing(learner: Learner, now: float) -> None:
        pass

    return [
        replace(
            loop,
            job=(whole("run", run if loop.name == name else nothing),),
            trigger=lambda learner: True,
            urgent=lambda learner: False,
        )
        for loop in LOOPS
        if loop.persisted
    ]


def test_the_table_has_the_seven_loops_in_the_order_of_their_periods() -> None:
    assert [loop.name for loop in LOOPS] == [
        "reflexive",
        "reactive",
        "adaptive",
        "deliberative",
        "evolutionary",
        "transformative",
        "transcendent",
    ]
    assert [loop.period for loop in LOOPS] == sorted(loop.period for loop in LOOPS)


def test_nothing_is_due_when_the_brain_is_new(learner: Learner, clock: VirtualClock) -> None:
    assert Engine(learner, clock).run_due() == []


def test_a_loop_runs_when_its_period_has_passed_and_not_before(
    learner: Learner, clock: VirtualClock
) -> None:
    engine = Engine(learner, clock)
    clock.advance(DAY - 1)
    assert engine.run_due() == []  # adaptive has nothing to learn from
    clock.advance(1)
    assert engine.run_due() == ["deliberative"]
    assert engine.run_due() == []


def test_missed_runs_are_made_up_for_by_one(learner: Learner, clock: VirtualClock) -> None:
    engine = Engine(learner, clock)
    clock.advance(30 * DAY)
    assert engine.run_due() == ["deliberative", "evolutionary"]
    assert engine.run_due() == []
    clock.advance(DAY)
    assert engine.run_due() == ["deliberative"]


def test_due_times_survive_a_restart(learner: Learner, clock: VirtualClock) -> None:
    Engine(learner, clock)
    clock.advance(DAY / 2)
    again = Engine(learner, clock)
    clock.advance(DAY / 2)
    assert again.run_due() == ["deliberative"]


def test_what_came_due_while_the_set_was_off_runs_once(
    learner: Learner, clock: VirtualClock
) -> None:
    Engine(learner, clock)
    clock.advance(5 * DAY)
    assert Engine(learner, clock).run_due() == ["deliberative"]


def test_a_set_that_boots_in_1970_waits_an_hour_and_not_fifty_years(
    learner: Learner, clock: VirtualClock
) -> None:
    Engine(learner, clock)
    cold = VirtualClock(12.0)
    engine = Engine(learner, cold)
    assert not engine.trusted
    assert engine.run_due() == []
    cold.advance(HOUR)
    assert engine.run_due() == ["deliberative"]
    cold.advance(5 * DAY - HOUR)  # of the seven one counts as having passed before
    assert "evolutionary" not in engine.run_due()
    cold.advance(DAY)
    assert "evolutionary" in engine.run_due()


def test_a_set_that_never_knows_the_time_runs_no_loop_more_often_than_its_period(
    learner: Learner, clock: VirtualClock
) -> None:
    """Three hours every evening, then the plug is pulled."""
    ran: Counter[str] = Counter()
    for _ in range(400):
        cold = VirtualClock(12.0)
        engine = Engine(learner, cold)
        for _ in range(6):
            cold.advance(HOUR / 2)
            ran.update(engine.run_due())
    assert ran["deliberative"] == 399  # on the first evening a day has to pass
    assert 50 <= ran["evolutionary"] <= 60
    assert ran["transformative"] == 1
    assert ran["transcendent"] == 0


def test_once_the_network_tells_the_time_loops_are_due_as_if_the_set_had_never_been_off(
    learner: Learner, clock: VirtualClock
) -> None:
    Engine(learner, clock)
    cold = VirtualClock(12.0)
    engine = Engine(learner, cold, trusted=False)
    cold.advance(600)
    assert engine.run_due() == []
    cold.set_now(MONDAY_EVENING + 3 * DAY)
    engine.set_trusted(True)
    assert engine.run_due() == ["deliberative"]
    assert engine.wait(next(one for one in LOOPS if one.name == "evolutionary")) == 4 * DAY
    again = Engine(learner, VirtualClock(MONDAY_EVENING + 7 * DAY))
    assert "evolutionary" in again.run_due()


def test_when_the_clock_is_set_no_loop_runs_for_the_years_that_did_not_pass(
    learner: Learner,
) -> None:
    cold = VirtualClock(12.0)
    engine = Engine(learner, cold)
    cold.advance(HOUR)
    cold.set_now(MONDAY_EVENING)
    assert engine.run_due() == []
    assert engine.trusted
    cold.advance(23 * HOUR)
    assert engine.run_due() == ["deliberative"]


def test_a_clock_that_was_set_back_moves_no_loop_beyond_its_period(
    learner: Learner, clock: VirtualClock
) -> None:
    engine = Engine(learner, clock)
    clock.set_now(MONDAY_EVENING - 100 * DAY)
    assert all(engine.wait(loop) <= loop.period for loop in LOOPS)


def test_a_failing_loop_backs_off_and_the_others_go_on(
    learner: Learner, clock: VirtualClock
) -> None:
    def fails(learner: Learner, now: float) -> None:
        raise RuntimeError("no")

    said: list[str] = []
    learner.report = said.append
    engine = Engine(learner, clock, loops=only("deliberative", fails))
    clock.advance(DAY)
    assert engine.run_due() == ["adaptive", "deliberative"]
    assert said == ["loop deliberative failed: RuntimeError: no"]
    waits = []
    for _ in range(4):
        wait = engine.wait(engine.loops[1])
        waits.append(wait)
        clock.advance(wait)
        engine.run_due()
    assert waits == [60, 120, 240, 480]
    state = engine.state("deliberative")
    assert (state.failures, state.error) == (5, "RuntimeError: no")
    assert engine.state("adaptive").failures == 0


def test_a_loop_that_works_again_forgets_its_failures(
    learner: Learner, clock: VirtualClock
) -> None:
    broken = True

    def sometimes(learner: Learner, now: float) -> None:
        if broken:
            raise RuntimeError("no")

    engine = Engine(learner, clock, loops=only("deliberative", sometimes))
    clock.advance(DAY)
    engine.run_due()
    broken = False
    clock.advance(60)
    engine.run_due()
    state = engine.state("deliberative")
    assert (state.failures, state.error) == (0, None)
    assert engine.wait(engine.loops[1]) == DAY


def test_loops_wait_for_the_end_of_playback(tmp_path: Path, clock: VirtualClock) -> None:
    with open_brain(tmp_path, clock) as brain:
        plane = brain._learning()
        brain.hint("playback", 1)
        clock.advance(2 * DAY)
        brain.observe(ViewingEvent(kind="wake"))
        assert plane.step() == []
        brain.hint("playback", 0)
        clock.advance(1)
        assert plane.step() == ["reflexive", "adaptive", "deliberative"]


def test_what_played_when_the_power_went_does_not_play_when_it_is_back(
    tmp_path: Path, clock: VirtualClock
) -> None:
    with open_brain(tmp_path / "first", clock) as brain:
        brain.hint("playback", 1)
        brain.hint("time_trusted", 1)
        assert brain._learning().step() == []
        assert brain._learning().health().playing
        shutil.copytree(tmp_path / "first", tmp_path / "again")
    tv = tmp_path / "again" / "tv"
    with Brain.open(tv, clock=clock, clock_trusted=False) as brain:
        plane = brain._learning()
        clock.advance(HOUR)
        assert "adaptive" in plane.step()
        assert (plane.health().playing, plane.health().clock_trusted) == (False, False)
        brain.hint("playback", 1)
        plane.step()
        assert plane.health().playing


def test_a_learner_that_starts_beside_its_host_knows_that_something_plays(
    tmp_path: Path, clock: VirtualClock
) -> None:
    with open_brain(tmp_path / "host", clock) as brain:
        brain.hint("playback", 1)
        shutil.copytree(tmp_path / "host", tmp_path / "copy")
    plane = LearningPlane(tmp_path / "copy" / "tv", demo_pack_path(), clock)
    clock.advance(HOUR)
    assert plane.step() == []
    assert plane.health().playing
    plane.close()


def test_much_that_waits_is_learned_before_its_time(tmp_path: Path, clock: VirtualClock) -> None:
    with open_brain(tmp_path, clock) as brain:
        plane = brain._learning()
        brain.observe(ViewingEvent(kind="wake"))
        clock.advance(1)
        assert plane.step() == ["reflexive"]
        brain.observe(ViewingEvent(kind="wake") for _ in range(10_000))
        clock.advance(1)
        assert plane.step() == ["reflexive", "adaptive"]


def test_a_hint_that_comes_while_the_brain_learns_is_heard(
    tmp_path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_brain(tmp_path, clock) as brain:
        plane = brain._learning()
        consume = Consumer.consume

        def interrupted(consumer: Consumer, most: int) -> int:
            brain.hint("playback", 1)
            return consume(consumer, most)

        monkeypatch.setattr(Consumer, "consume", interrupted)
        brain.observe(ViewingEvent(kind="wake"))
        clock.advance(HOUR)
        assert plane.step() == ["reflexive", "adaptive"]
        monkeypatch.undo()
        plane.step()
        assert plane.health().playing


def written(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file of the learning plane: its size and contents."""
    files = [path for path in (folder / "tv").rglob("*") if path.is_file()]
    ours = [path for path in files if "journal" not in path.parts]
    return {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in ours}


def test_short_loops_write_nothing(tmp_path: Path, clock: VirtualClock) -> None:
    with open_brain(tmp_path, clock) as brain:
        before = written(tmp_path)
        for event in evening(7, 30):
            brain.observe(event)
            clock.advance(6)
            assert set(brain._learning().step()) <= {"reflexive", "reactive"}
        assert written(tmp_path) == before


def test_an_idle_brain_writes_nothing(tmp_path: Path, clock: VirtualClock) -> None:
    with open_brain(tmp_path, clock) as brain:
        brain.observe(evening(8, 10))
        brain.learn_now()
        before = written(tmp_path)
        for _ in range(20):
            clock.advance(HOUR)
            assert brain.learn_now() == []
        assert written(tmp_path) == before


def test_health_says_which_loops_are_late(learner: Learner, clock: VirtualClock) -> None:
    engine = Engine(learner, clock)
    clock.advance(DAY + 5)
    rows = {row.name: row for row in report(engine)}
    assert rows["deliberative"].overdue == 5
    assert rows["evolutionary"].next_due == 6 * DAY - 5


def test_with_the_systems_clock_the_loops_run_on_a_thread_that_ends_with_the_brain(
    tmp_path: Path,
) -> None:
    import threading

    with Brain.open(tmp_path / "tv"):
        assert "tvbrain-loops" in [thread.name for thread in threading.enumerate()]
    assert "tvbrain-loops" not in [thread.name for thread in threading.enumerate()]
