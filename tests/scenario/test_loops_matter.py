"""The adaptive and the deliberative loop: what a person sees with them, and not without."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.learner.viewing import MONDAY_EVENING, open_brain, titles
from tvbrain import Brain, ViewingEvent
from tvbrain.clock import VirtualClock
from tvbrain.loops.table import DAY, HOUR, LOOPS


def evening(folder: Path) -> tuple[Brain, VirtualClock]:
    """Something was watched, and half an hour has passed."""
    clock = VirtualClock(MONDAY_EVENING)
    brain = open_brain(folder, clock)
    for item in titles(4):
        brain.observe(ViewingEvent(kind="complete", item=item, watched=1.0, at=clock.now()))
    clock.advance(HOUR)
    brain.learn_now()
    return brain, clock


def test_the_adaptive_loop_learns_an_evening_within_the_hour(tmp_path: Path) -> None:
    brain, _ = evening(tmp_path)
    assert len(brain.recall(tiers=["episodic"])) == 4
    assert brain.export()["interests"] != []
    (sitting,) = brain.episodes()
    assert sitting.success
    brain.close()


def test_without_the_adaptive_loop_the_evening_is_not_learned_that_day(
    tmp_path: Path, without: Callable[[str], None]
) -> None:
    without("adaptive")
    brain, _ = evening(tmp_path)
    assert brain.recall(tiers=["episodic"]) == ()
    assert brain.episodes() == ()
    assert brain.export()["interests"] == []
    brain.close()


def test_the_deliberative_loop_makes_of_many_sittings_one_memory(tmp_path: Path) -> None:
    brain, clock = evening(tmp_path)
    clock.advance(100 * DAY)
    brain.learn_now()
    assert len(brain.recall(tiers=["semantic"])) == 4
    assert brain.recall(tiers=["episodic"]) == ()
    brain.close()


def test_without_the_deliberative_loop_nothing_becomes_lasting(
    tmp_path: Path, without: Callable[[str], None]
) -> None:
    without("deliberative")
    brain, clock = evening(tmp_path)
    clock.advance(100 * DAY)
    brain.learn_now()
    assert brain.recall(tiers=["semantic"]) == ()
    assert len(brain.recall(tiers=["episodic"])) == 4
    brain.close()


def test_every_loop_has_a_scenario_that_is_told_without_it_too() -> None:
    told = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    assert [loop.name for loop in LOOPS if f'without("{loop.name}")' not in told] == []
