"""Planted changes of life beside a household without any, in years with somebody at home on every third day, before the
shared profile alone.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from tvbrain.pack import demo_pack_path
from tvbrain.simulation.changes import FOLLOWED, TASTES, moments, seen, sparsely
from tvbrain.simulation.place import in_memory
from tvbrain.simulation.rules.household import CHILDREN, SPLIT
from tvbrain.simulation.run import Report, simulate

DAY = 400
AT = DAY / 365
LIFE = 733
"""Days: two yearly runs are in them, one before the change and one after it."""


def live(name: str, changes: dict[str, float]) -> Report:
    with tempfile.TemporaryDirectory(prefix="tvbrain-change-", dir=in_memory()) as folder:
        return simulate(
            Path(folder),
            demo_pack_path(),
            days=LIFE,
            seed=1,
            changes=changes,
            lived=sparsely({name: AT}, 3, 6),
            alone=False,
            noted=moments({name: AT}),
        )


@pytest.fixture(scope="module")
def lives() -> dict[str, Report]:
    """One where children appear, one where tastes split, and one where nothing happens, of the same seed."""
    return {
        CHILDREN: live(CHILDREN, {CHILDREN: AT}),
        SPLIT: live(SPLIT, {SPLIT: AT}),
        "nothing": live("nothing", {}),
    }


@pytest.mark.parametrize("change", [CHILDREN, SPLIT])
def test_what_is_recommended_follows_a_change_within_two_weeks_and_not_without_one(
    lives: dict[str, Report], change: str
) -> None:
    (one,) = seen(lives[change], {change: AT})
    (control,) = seen(lives["nothing"], {change: AT})
    assert one.before == control.before
    assert one.after >= one.before + FOLLOWED
    assert control.after - control.before <= FOLLOWED / 2


@pytest.mark.parametrize("change", [CHILDREN, SPLIT])
def test_the_first_yearly_run_after_a_change_makes_an_epoch_of_another_taste(
    lives: dict[str, Report], change: str
) -> None:
    assert lives[change].runs["transformative"] == 2
    (one,) = seen(lives[change], {change: AT})
    assert one.epoch is True
    before, after = lives[change].epochs[-2:]
    new = TASTES[change][1]
    gained = {genre: after.genres.get(genre, 0.0) - before.genres.get(genre, 0.0) for genre in new}
    assert sum(gained.values()) > 0.2
    assert "much more" in after.name
    (control,) = seen(lives["nothing"], {change: AT})
    assert control.epoch is False


def test_years_in_which_nothing_happens_are_epochs_alike(lives: dict[str, Report]) -> None:
    assert [one.changed for one in lives["nothing"].epochs] == [False, False]
