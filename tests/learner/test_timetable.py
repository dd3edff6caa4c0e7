"""When loops run, against the rule written down a second time; and jobs that are cut short."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.learner.viewing import MONDAY_EVENING
from tests.scale import scaled
from tvbrain import Brain
from tvbrain.clock import VirtualClock
from tvbrain.loops.engine import Engine
from tvbrain.loops.job import Slice, Stage
from tvbrain.loops.learner import Learner
from tvbrain.loops.table import DAY, LOOPS, Loop
from tvbrain.loops.timing import interval
from tvbrain.memory.follower import Follower
from tvbrain.simulation.timetable import Timetable
from tvbrain.store import journal, schedule
from tvbrain.store.schedule import Due

DEVICE = 0x1234_5678_9ABC_DEF0
START = int(MONDAY_EVENING)


class Notes:
    """What the engine asks of a learner, without a brain: a database that only keeps the schedule."""

    device = DEVICE

    def __init__(self) -> None:
        self.kept: dict[str, Due] = {}

    def schedule(self) -> dict[str, Due]:
        return dict(self.kept)

    def keep_schedule(self, due: Due) -> None:
        self.kept[due.name] = due

    def transaction(self) -> Notes:
        return self

    def together(self) -> Notes:
        return self

    def __enter__(self) -> None: ...
    def __exit__(self, *error: object) -> None: ...
    def report(self, text: str) -> None:
        raise AssertionError(text)


def idle(learner: Learner, now: float, cursor: str) -> Slice:
    return Slice()


def table(step: Callable[[Learner, float, str], Slice] = idle) -> list[Loop]:
    return [
        replace(
            loop,
            job=(Stage("only", step),),
            trigger=lambda learner: True,
            urgent=lambda learner: False,
            waits=lambda learner: False,
        )
        for loop in LOOPS
        if loop.persisted
    ]


SOME = st.integers(1, 400 * int(DAY))
HAPPENS = st.one_of(
    st.tuples(st.just("live"), st.integers(1, 5 * int(DAY))),
    st.tuples(st.just("live"), SOME),
    st.tuples(st.just("live until the daily run"), st.integers(-1, 1)),
    st.tuples(st.just("set"), st.sampled_from([-40, 30, 7200, -86_400, 10 * 31_557_600])),
    st.tuples(st.just("off"), SOME),
    st.tuples(st.just("off and 1970"), st.integers(1, 3600)),
    st.tuples(st.just("off and 1970"), SOME),
    st.tuples(st.just("the network tells"), st.just(0)),
    st.tuples(st.just("told"), st.booleans()),
)


@settings(max_examples=scaled(1500), deadline=None)
@given(st.lists(HAPPENS, max_size=60))
def test_every_loop_runs_exactly_as_often_as_its_rule_says(
    life: list[tuple[str, int | bool]],
) -> None:
    notes, loops = Notes(), table()
    deliberative = next(loop for loop in loops if loop.name == "deliberative")
    clock, outside = VirtualClock(START), float(START)
    rule = Timetable({loop.name: loop.period for loop in loops})
    trusted = True
    engine = Engine(notes, clock, loops=loops)  # type: ignore[arg-type]
    rule.opened(clock.monotonic(), clock.now(), trusted, DEVICE)
    for what, value in life:
        passes = 0.0
        if what == "live":
            passes = float(value)
        elif what == "live until the daily run":
            passes = max(engine.wait(deliberative) + value, 0)
        elif what == "set":
            clock.set_now(clock.now() + value)
        elif what == "the network tells":
            clock.set_now(outside)
            trusted = True
            engine.set_trusted(trusted)
        elif what == "told":
            trusted = bool(value)
            engine.set_trusted(trusted)
        else:
            outside += value
            wall = value % 3600.0 if what == "off and 1970" else clock.now() + value
            clock = VirtualClock(wall, monotonic=float(value % 100))
            engine = Engine(notes, clock, loops=loops, trusted=trusted)  # type: ignore[arg-type]
            rule.opened(clock.monotonic(), wall, trusted, DEVICE)
        outside += passes
        clock.advance(passes)
        run = rule.look(clock.monotonic(), clock.now(), trusted, playing=False)
        assert engine.run_due() == run, (what, value)
    assert {name: due.runs for name, due in notes.kept.items()} == {
        loop.name: rule.due[loop.name] for loop in loops
    }


def test_devices_do_not_all_run_at_the_same_moment_and_each_always_at_its_own() -> None:
    daily = next(loop for loop in LOOPS if loop.name == "deliberative")
    waits = {interval(daily, device, 0) for device in range(1, 200)}
    assert len(waits) > 150
    assert all(DAY * 23 / 24 < wait <= DAY for wait in waits)
    assert interval(daily, 7, 3) == interval(daily, 7, 3) != interval(daily, 7, 4)
    assert interval(daily, 0, 0) == DAY


def test_a_set_has_its_own_schedule_before_anything_has_happened_on_it(tmp_path: Path) -> None:
    with Brain.open(tmp_path / "tv", clock=VirtualClock(MONDAY_EVENING)):
        follower = Follower(tmp_path / "tv", 0, 0)
        assert follower.follow() == 0
        assert follower.journal_id == journal.info(tmp_path / "tv").journal_id != 0


# Jobs in slices


@pytest.fixture(autouse=True)
def table_of_slices(request: pytest.FixtureRequest) -> None:
    if "learner" in request.fixturenames:
        request.getfixturevalue("learner").db.execute("CREATE TABLE done (slice INTEGER)")


SLICES = 8


def counting(learner: Learner, now: float, cursor: str) -> Slice:
    """A job of eight slices, each of which notes itself in the database."""
    number = int(cursor or 0)

    def write() -> None:
        learner.db.execute("INSERT INTO done VALUES (?)", [number])

    return Slice(apply=write, cursor=str(number + 1) if number + 1 < SLICES else "")


def daily(step: Callable[[Learner, float, str], Slice] = counting) -> list[Loop]:
    return [loop for loop in table(step) if loop.name == "deliberative"]


def done(learner: Learner) -> list[int]:
    return [row[0] for row in learner.db.execute("SELECT slice FROM done ORDER BY rowid")]


def test_a_job_stops_for_playback_after_its_slice_and_goes_on_when_it_has_ended(
    learner: Learner, clock: VirtualClock
) -> None:
    def playback_begins() -> None:
        engine.playing = len(done(learner)) == 3

    engine = Engine(learner, clock, loops=daily(), listen=playback_begins)
    clock.advance(DAY)
    assert engine.run_due() == ["deliberative"]
    assert done(learner) == [0, 1, 2]
    assert engine.run_due() == []
    assert engine.next_wait() > 0
    engine.playing = False
    assert engine.next_wait() == 0
    assert engine.run_due() == ["deliberative"]
    assert done(learner) == list(range(SLICES))
    assert engine.state("deliberative").runs == 1


def test_a_turn_ends_when_its_budget_is_spent_and_hurrying_knows_no_budget(
    learner: Learner, clock: VirtualClock
) -> None:
    ticks = itertools.count()
    engine = Engine(learner, clock, loops=daily(), cpu=lambda: next(ticks) * 0.4)
    clock.advance(DAY)
    engine.run_due()
    assert done(learner) == [0, 1, 2]  # 0.4 seconds each, of a budget of 1
    engine.run_due(hurry=True)
    assert done(learner) == list(range(SLICES))
    assert engine.state("deliberative").slowest == pytest.approx(0.4)


@pytest.mark.parametrize("at", range(SLICES))
def test_a_job_goes_on_after_a_power_cut_at_any_slice_and_does_none_twice(
    learner: Learner, clock: VirtualClock, at: int
) -> None:
    """The cut comes after the slice was written and before its transaction was committed."""

    class Cut(BaseException):
        pass

    def cut(learner: Learner, now: float, cursor: str) -> Slice:
        one = counting(learner, now, cursor)
        if int(cursor or 0) != at:
            return one

        def write() -> None:
            assert one.apply is not None
            one.apply()
            raise Cut

        return replace(one, apply=write)

    clock.advance(0)
    engine = Engine(learner, clock, loops=daily(cut))
    clock.advance(DAY)
    with pytest.raises(Cut):
        engine.run_due()
    assert done(learner) == list(range(at))
    begun = schedule.schedule(learner.db)["deliberative"].begun
    assert begun == (MONDAY_EVENING + DAY if at else None)
    clock.advance(10)
    again = Engine(learner, clock, loops=daily())
    assert again.run_due() == ["deliberative"]
    assert done(learner) == list(range(SLICES))
    assert again.state("deliberative").runs == 1
    assert again.run_due() == []


def test_a_stage_that_is_gone_in_a_newer_version_starts_the_job_anew(
    learner: Learner, clock: VirtualClock
) -> None:
    def stop() -> None:
        engine.stop()

    engine = Engine(learner, clock, loops=daily(), listen=stop)
    clock.advance(DAY)
    engine.run_due()
    renamed = [replace(loop, job=(Stage("other", counting),)) for loop in daily()]
    Engine(learner, clock, loops=renamed).run_due()
    assert done(learner) == [0, *range(SLICES)]


def test_a_slice_that_fails_is_done_again_and_those_before_it_are_not(
    learner: Learner, clock: VirtualClock
) -> None:
    broken = True

    def sometimes(learner: Learner, now: float, cursor: str) -> Slice:
        if cursor == "4" and broken:
            raise RuntimeError("no")
        return counting(learner, now, cursor)

    engine = Engine(learner, clock, loops=daily(sometimes))
    clock.advance(DAY)
    engine.run_due()
    assert engine.state("deliberative").failures == 1
    assert engine.run_due() == []
    broken = False
    clock.advance(60)
    engine.run_due()
    assert done(learner) == list(range(SLICES))
    assert engine.state("deliberative").failures == 0
