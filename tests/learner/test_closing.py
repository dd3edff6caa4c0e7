"""What a brain leaves behind when it is closed."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.learner.viewing import MONDAY_EVENING, evening, open_brain
from tvbrain.clock import VirtualClock
from tvbrain.errors import DataDirectoryError
from tvbrain.loops.table import DAY


@pytest.fixture
def uncollected() -> Iterator[None]:
    """No collector looks for cycles meanwhile."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("uncollected")
def test_what_was_learned_from_is_freed_at_once(tmp_path: Path) -> None:
    clock = VirtualClock(MONDAY_EVENING)
    brain = open_brain(tmp_path, clock)
    brain.observe(evening(seed=1, count=20))
    clock.advance(DAY)
    brain.learn_now()
    with brain._learning().looking() as learner:
        held = [
            weakref.ref(one)
            for one in (learner, learner.consumer, learner.consumer.fold, learner.facts())
        ]
        assert all(one() is not None for one in held)
        del learner
    brain.close()
    assert [one() for one in held] == [None] * len(held)


def test_a_closed_brain_says_so_and_leaves_its_files_alone(tmp_path: Path) -> None:
    brain = open_brain(tmp_path, VirtualClock(MONDAY_EVENING))
    plane = brain._learning()
    brain.close()
    before = sorted(path.name for path in tmp_path.rglob("*"))
    with pytest.raises(DataDirectoryError, match="closed"):
        brain.recover()
    with pytest.raises(DataDirectoryError, match="closed"):
        plane.recover()
    with pytest.raises(DataDirectoryError, match="closed"), plane.looking():
        pass
    assert sorted(path.name for path in tmp_path.rglob("*")) == before
