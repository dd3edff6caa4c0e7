"""A few weeks of a simulated life, through the real journal and the real loops."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scale import scaled
from tvbrain.pack import demo_pack_path
from tvbrain.simulation.place import in_memory
from tvbrain.simulation.rules.household import CHANGES, CHILDREN, SPLIT
from tvbrain.simulation.run import Report, simulate

DAYS = 20 + scaled(200)
CUT_EVERY = 4
"""Every third cut leaves the set in 1970."""
SHORT = 7


YEAR_S = 60.0
"""Seconds of a processor that a simulated year may take, where a round of `calibrated` takes ROUND_S."""
ROUND_S = 0.05
GENEROUS = 1.5
"""Times that, as caches and cores are shared with the rest of the suite."""


def calibrated() -> float:
    """Processor seconds of a round of plain Python, in this run, on this machine."""
    begun = time.process_time()
    counts: dict[int, float] = {}
    for number in range(500_000):
        counts[number % 97] = counts.get(number % 97, 0.0) * 0.5 + number
    return time.process_time() - begun


def live(folder: Path, days: int, seed: int = 2) -> Report:
    folder.mkdir()
    return simulate(
        folder, demo_pack_path(), days=days, seed=seed, changes=CHANGES, cut_every=CUT_EVERY
    )


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder in which no sync is waited for, where there is such a place."""
    with tempfile.TemporaryDirectory(prefix="tvbrain-life-", dir=in_memory()) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def timed_life() -> tuple[Report, float]:
    """A life, and its processor time a day in rounds of calibration, the slower of one before and one after it."""
    before = calibrated()
    begun = time.process_time()
    with tempfile.TemporaryDirectory(prefix="tvbrain-life-", dir=in_memory()) as folder:
        report = live(Path(folder) / "once", DAYS)
    spent = time.process_time() - begun
    return report, spent / DAYS / max(before, calibrated())


@pytest.fixture(scope="module")
def life(timed_life: tuple[Report, float]) -> Report:
    return timed_life[0]


def test_long_loops_run_as_often_as_their_rule_says_through_power_cuts_and_wrong_clocks(
    life: Report,
) -> None:
    assert life.opened > 4
    assert life.due["deliberative"] > 0.8 * DAYS
    assert {name: life.runs[name] for name in life.due} == life.due


def test_a_day_has_three_hundred_events(life: Report) -> None:
    assert life.events / DAYS >= 300


def test_a_simulated_year_takes_a_minute_of_a_processor(timed_life: tuple[Report, float]) -> None:
    rounds_a_day = timed_life[1]
    assert rounds_a_day * 365 <= GENEROUS * YEAR_S / ROUND_S


def test_the_same_seed_gives_the_same_learned_state_and_another_seed_another(
    memory: Path,
) -> None:
    once = live(memory / "once", SHORT).digest
    assert live(memory / "again", SHORT).digest == once
    assert live(memory / "other", SHORT, seed=3).digest != once


@pytest.mark.parametrize(
    ("change", "genres"),
    [(CHILDREN, ("Family", "Animation")), (SPLIT, ("Documentary", "History", "Sci-Fi"))],
)
def test_recommendations_follow_a_life_change_within_two_weeks(
    change: str, genres: tuple[str, ...], memory: Path
) -> None:
    """A family of four weeks; in one life something changes after the second, in the other nothing does."""

    def share(changes: dict[str, float]) -> float:
        folder = memory / str(len(changes))
        folder.mkdir()
        life = simulate(folder, demo_pack_path(), days=28, seed=1, changes=changes)
        return sum(life.entries[-1].recommended.get(genre, 0.0) for genre in genres)

    assert share({change: 14 / 365}) >= share({}) + 0.08
