"""The judge finds what it is there to find; the drill's layouts are those of the C programs."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tvbrain.health.drill.judge import Judge
from tvbrain.health.drill.ledger import ACKNOWLEDGED, BEGUN
from tvbrain.health.drill.share import PHASES
from tvbrain.health.drill.stage import Stage, Tools, wait_end

pytestmark = pytest.mark.slow


@pytest.fixture
def watched(tools: Tools, tmp_path: Path) -> Iterator[Stage]:
    """A stage on which 500 events were observed and the host closed in good order."""
    stage = Stage(tmp_path, tools, seed=11, events=500)
    assert wait_end(stage.start_host(), 30)
    yield stage
    stage.close()


def where(stage: Stage, state: int, kind: int) -> int:
    """The first event of a kind that came so far."""
    counters = np.arange(500)
    kinds = stage.ledger.stream(counters).kind
    return int(np.flatnonzero((stage.ledger.states(0, 500) == state) & (kinds == kind))[0])


def test_an_undisturbed_run_is_whole(watched: Stage) -> None:
    judge = Judge(watched)
    assert judge.judge() == []
    assert judge.acknowledged == 500


def test_an_event_that_is_recorded_and_was_never_observed_is_found(watched: Stage) -> None:
    watched.ledger.set_state(where(watched, ACKNOWLEDGED, 3), 0)
    wrong = Judge(watched).judge()
    assert any("never observed" in one for one in wrong)
    assert any("doubled: plays" in one for one in wrong)


def test_an_event_that_is_acknowledged_and_was_never_recorded_is_found(watched: Stage) -> None:
    judge = Judge(watched)
    segment = next((watched.data / "journal").glob("*.tvj"))
    content = bytearray(segment.read_bytes())
    content[20_000] ^= 1
    segment.write_bytes(content)
    wrong = judge.judge()
    assert any("not in the journal" in one for one in wrong)
    assert any("lost: records" in one for one in wrong)


def test_an_event_in_flight_may_be_recorded_or_not(watched: Stage) -> None:
    watched.ledger.set_state(where(watched, ACKNOWLEDGED, 3), BEGUN)
    assert Judge(watched).judge() == []


def test_phases_have_the_shims_names(tools: Tools) -> None:
    shim = ctypes.CDLL(str(tools.shim))
    assert ctypes.string_at(shim.tvb_fault_phases).decode().split() == list(PHASES)
