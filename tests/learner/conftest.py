"""A learner without a brain around it, on a clock that the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.learner.viewing import MONDAY_EVENING
from tvbrain.clock import VirtualClock
from tvbrain.loops.learner import Learner
from tvbrain.pack import demo_pack_path
from tvbrain.pack.facts import PackFacts


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(MONDAY_EVENING)


@pytest.fixture
def learner(tmp_path: Path, clock: VirtualClock) -> Iterator[Learner]:
    found = Learner(tmp_path, lambda: PackFacts(demo_pack_path(), tmp_path / "no packs"), clock)
    yield found
    found.close()
