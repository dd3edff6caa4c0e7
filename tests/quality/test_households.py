"""Two people before one set: who they are, what the profile is told, and what counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.quality.made_up import folder, people_of, ratings
from tvbrain.errors import InvalidArgumentError
from tvbrain.quality import world
from tvbrain.quality.households import (
    APART,
    EVENLY,
    SHARED,
    _together,
    evenly,
    household,
    in_time,
    pairs,
)
from tvbrain.quality.metrics import ndcg
from tvbrain.quality.split import Person, Watch, unseen_people
from tvbrain.quality.workshop import Workshop

GENRES = np.eye(2)[np.arange(40) % 2]
seeds = st.integers(0, 1000)


@given(seeds)
def test_nobody_lives_in_two_households_and_the_least_alike_come_first(seed: int) -> None:
    folds = unseen_people(people_of(ratings(seed=seed)), 40)
    found = pairs(folds, GENRES, 1000)
    numbers = [one.number for pair in found for one in pair.two]
    assert len(numbers) == len(set(numbers)) >= sum(len(fold.people) // 2 for fold in folds)
    assert [pair.alike for pair in found] == sorted(pair.alike for pair in found)
    fewer = [pair.two for pair in pairs(folds, GENRES, 3)]
    assert fewer == [pair.two for pair in found[:3]]
    for pair in found:
        assert {one.number for one in pair.two} <= {one.number for one in pair.split.people}


@given(seeds)
def test_a_household_watches_all_that_its_people_watched_in_order_of_time(seed: int) -> None:
    fold = unseen_people(people_of(ratings(seed=seed)), 40)[0]
    two = fold.people[:2]
    told = sorted(watch.row for one in two for watch in one.history)
    for merged in (in_time(two), evenly(two)):
        assert sorted(watch.row for watch in merged) == told
        assert [watch.at for watch in merged] == sorted(watch.at for watch in merged)
    for one in two:  # mixing keeps each one's own order
        order = [watch.row for watch in evenly(two)]
        own = [watch.row for watch in one.history]
        places = [order.index(row) for row in own if order.count(row) == 1]
        assert places == sorted(places)


def test_evenly_mixed_a_short_history_is_spread_over_the_long_one() -> None:
    long = Person(1, tuple(Watch(row, row, 4.0) for row in range(8)), (), frozenset({90}))
    short = Person(
        2, tuple(Watch(20 + row, 500 + row, 4.0) for row in range(2)), (), frozenset({91})
    )
    rows = [watch.row for watch in evenly((long, short))]
    assert rows == [0, 1, 20, 2, 3, 4, 5, 21, 6, 7]
    assert [watch.row for watch in in_time((long, short))] == [*range(8), 20, 21]


def test_relevant_is_what_either_will_watch_and_the_worse_off_counts_alone() -> None:
    top = np.array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    found = _together(top, [frozenset({1, 2}), frozenset({10, 99})])
    assert found["ndcg@10"] == ndcg(top, {1, 2, 10, 99})
    assert found["ndcg@10.worse_off"] == ndcg(top, {10, 99}) < ndcg(top, {1, 2})
    assert np.isnan(_together(top, [frozenset({1}), frozenset()])["ndcg@10.worse_off"])


def test_one_profile_is_compared_with_a_profile_each(tmp_path: Path) -> None:
    made = world.read(folder(tmp_path, ratings(people=40)))
    folds = unseen_people(made.people, 40)
    chosen = pairs(folds, made.genres, 4)
    table = household("made up", chosen, Workshop(made, tmp_path), lambda done, total: None)
    assert table.n == len(chosen) == 4
    assert table.against[SHARED] == table.against[EVENLY] == APART
    assert np.nanmean(table.values[SHARED]["ndcg@10"]) > 0
    with pytest.raises(InvalidArgumentError, match="no two people"):
        household("made up", [], Workshop(made, tmp_path), lambda done, total: None)
