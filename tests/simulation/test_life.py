"""A few weeks of a simulated life, through the real journal and the real loops."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scale import scaled
from tvbrain.pack import demo_pack_path
from tvbrain.simulation.rules.household import CHANGES, CHILDREN, SPLIT
from tvbrain.simulation.run import Report, simulate

DAYS = 20 + scaled(200)
CUT_EVERY = 4
"""Every third cut leaves the set in 1970."""
SHORT = 7


def live(folder: Path, days: int, seed: int = 2) -> Report:
    folder.mkdir()
    return simulate(
        folder, demo_pack_path(), days=days, seed=seed, changes=CHANGES, cut_every=CUT_EVERY
    )


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return live(tmp_path_factory.mktemp("life") / "once", DAYS)


def test_long_loops_run_as_often_as_their_rule_says_through_power_cuts_and_wrong_clocks(
    life: Report,
) -> None:
    assert life.opened > 4
    assert life.due["deliberative"] > 0.8 * DAYS
    assert {name: life.runs[name] for name in life.due} == life.due


def test_a_day_has_three_hundred_events(life: Report) -> None:
    assert life.events / DAYS >= 300


def test_the_same_seed_gives_the_same_learned_state_and_another_seed_another(
    tmp_path: Path,
) -> None:
    once = live(tmp_path / "once", SHORT).digest
    assert live(tmp_path / "again", SHORT).digest == once
    assert live(tmp_path / "other", SHORT, seed=3).digest != once


@pytest.mark.parametrize(
    ("change", "genres"),
    [(CHILDREN, ("Family", "Animation")), (SPLIT, ("Documentary", "History", "Sci-Fi"))],
)
def test_recommendations_follow_a_life_change_within_two_weeks(
    change: str, genres: tuple[str, ...], tmp_path: Path
) -> None:
    """A family of four weeks; in one life something changes after the second, in the other nothing does."""

    def share(changes: dict[str, float]) -> float:
        folder = tmp_path / str(len(changes))
        folder.mkdir()
        life = simulate(folder, demo_pack_path(), days=28, seed=1, changes=changes)
        return sum(life.entries[-1].recommended.get(genre, 0.0) for genre in genres)

    assert share({change: 14 / 365}) >= share({}) + 0.08
