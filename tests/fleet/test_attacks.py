"""What hostile sets reach in a small fleet, with and without defences."""

from __future__ import annotations

import numpy as np
import pytest

from tests.fleet.test_judge import made_up
from tvbrain.fleet.attacks import Battlefield, Case


@pytest.fixture(scope="module")
def field() -> Battlefield:
    return Battlefield(made_up()[0], seed=1, weeks=6)


def test_one_set_that_says_the_same_every_week_promotes_a_title_unless_there_are_defences(
    field: Battlefield,
) -> None:
    open_, shut = (field.attack(Case("promote 8", 0.02, defended)) for defended in (False, True))
    assert open_.sets == shut.sets == 1
    assert np.median(open_.place_after) < np.median(open_.place_before)
    assert shut.after.mean() - shut.before.mean() <= open_.after.mean() - open_.before.mean()
    assert shut.drift.mean() < open_.drift.mean()


@pytest.mark.parametrize("kind", ["scaled", "sign-flipped"])
def test_what_is_said_too_often_moves_lists_less_with_defences(
    field: Battlefield, kind: str
) -> None:
    open_, shut = (field.attack(Case(kind, 0.1, defended)) for defended in (False, True))
    assert open_.sets == shut.sets == 4
    for harm in (open_, shut):
        assert ((harm.drift >= 0) & (harm.drift <= 1)).all()
        assert harm.ndcg.shape == (20,)
    if kind == "scaled":
        assert shut.drift.mean() < open_.drift.mean()
