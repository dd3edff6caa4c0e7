"""While a title plays, the adaptive loop waits for what it says in the end: nobody looks at a slate."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.learner.viewing import open_brain, titles
from tvbrain.brain.brain import Brain
from tvbrain.brain.plane import LearningPlane
from tvbrain.clock import VirtualClock
from tvbrain.events import ViewingEvent
from tvbrain.loops.table import HOUR

MINUTE = 60.0


@pytest.fixture
def brain(tmp_path: Path, clock: VirtualClock) -> Iterator[Brain]:
    with open_brain(tmp_path, clock) as opened:
        yield opened


def watch(brain: Brain, clock: VirtualClock, minutes: int) -> list[str]:
    """A title goes on; the long loops that run meanwhile."""
    (first,) = titles(1)
    plane = brain._learning()
    ran: list[str] = []
    for _ in range(minutes):
        clock.advance(MINUTE)
        brain.observe(ViewingEvent(kind="progress", item=first, watched=0.1, at=clock.now()))
        ran += plane.step()
    return [name for name in ran if name not in ("reflexive", "reactive")]


def begin(brain: Brain, clock: VirtualClock) -> LearningPlane:
    (first,) = titles(1)
    brain.observe(ViewingEvent(kind="impression", item=first, at=clock.now(), slot_count=1))
    brain.observe(ViewingEvent(kind="select", item=first, at=clock.now()))
    brain.observe(ViewingEvent(kind="play_start", item=first, at=clock.now()))
    return brain._learning()


def test_a_title_that_goes_on_is_waited_for(brain: Brain, clock: VirtualClock) -> None:
    begin(brain, clock)
    assert watch(brain, clock, 125) == []


@pytest.mark.parametrize("kind", ["complete", "stop", "rate", "list_add", "not_interested"])
def test_whatever_is_said_of_a_title_is_learned_at_the_next_half_hour(
    brain: Brain, clock: VirtualClock, kind: str
) -> None:
    begin(brain, clock)
    assert watch(brain, clock, 20) == []
    (first,) = titles(1)
    rating = 0.5 if kind == "rate" else None
    brain.observe(ViewingEvent(kind=kind, item=first, watched=0.9, rating=rating, at=clock.now()))
    assert watch(brain, clock, 20) == ["adaptive"]
    assert watch(brain, clock, 40) == []


def test_what_is_shown_while_nothing_plays_is_learned(brain: Brain, clock: VirtualClock) -> None:
    begin(brain, clock)
    (first,) = titles(1)
    watch(brain, clock, 28)
    brain.observe(ViewingEvent(kind="impression", item=first, at=clock.now(), slot_count=1))
    clock.advance(3 * MINUTE)
    assert "adaptive" in brain._learning().step()


def test_after_half_an_hour_of_silence_nothing_plays(brain: Brain, clock: VirtualClock) -> None:
    begin(brain, clock)
    assert watch(brain, clock, 29) == []
    clock.advance(HOUR)
    assert "adaptive" in brain._learning().step()


def test_an_erasure_waits_for_nothing(brain: Brain, clock: VirtualClock) -> None:
    begin(brain, clock)
    assert watch(brain, clock, 3) == []
    (first,) = titles(1)
    brain.forget(item=first)
    clock.advance(1)
    assert "adaptive" in brain._learning().step()


def test_whoever_asks_for_learning_now_waits_for_nothing(brain: Brain, clock: VirtualClock) -> None:
    begin(brain, clock)
    assert watch(brain, clock, 3) == []
    assert "adaptive" in brain.learn_now()


def test_what_waits_is_learned_once_a_day_at_least(brain: Brain, clock: VirtualClock) -> None:
    begin(brain, clock)
    ran = watch(brain, clock, 24 * 60)
    assert "deliberative" in ran
    health = brain.health().learning
    assert health is not None
    assert health.waiting < 60
