"""When the learner looks changes nothing about what is shown once it has looked."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.learner.viewing import MONDAY_EVENING, evening, open_brain
from tvbrain import ViewContext
from tvbrain.brain.brain import Brain
from tvbrain.clock import VirtualClock
from tvbrain.types import SlateItem

EVENTS = 24


def shown(brain: Brain) -> tuple[SlateItem, ...]:
    return brain.recommend(ViewContext(k=40, screen_token=5, utc_offset_min=60)).items


def learned_at(folder: Path, seed: int, splits: set[int]) -> tuple[SlateItem, ...]:
    """The slate after an evening during which the brain learned, closed and opened at `splits`."""
    clock = VirtualClock(MONDAY_EVENING)
    brain = open_brain(folder, clock)
    for number, event in enumerate(evening(seed, EVENTS)):
        if number in splits:
            brain.learn_now()
            brain.close()
            brain = open_brain(folder, clock)
        brain.observe(event)
    brain.learn_now()
    after = shown(brain)
    brain.close()
    brain = open_brain(folder, clock)
    assert shown(brain) == after
    brain.close()
    return after


@settings(max_examples=8)
@given(seed=st.integers(0, 1000), splits=st.sets(st.integers(1, EVENTS - 1), max_size=3))
def test_every_split_into_snapshot_and_tail_gives_the_same_slate(
    seed: int, splits: set[int]
) -> None:
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        assert learned_at(Path(one), seed, splits) == learned_at(Path(other), seed, set())


def test_a_tail_that_no_snapshot_has_is_replayed_when_opening(tmp_path: Path) -> None:
    clock = VirtualClock(MONDAY_EVENING)
    for split in range(0, EVENTS, 6):
        with open_brain(tmp_path / str(split), clock) as brain:
            brain.observe(evening(11, EVENTS)[:split])
            brain.learn_now()
            brain.observe(evening(11, EVENTS)[split:])
            before = shown(brain)
        with open_brain(tmp_path / str(split), clock) as brain:
            assert shown(brain) == before
