"""What a set tells of who went on to what: each couple once, nearest first, within the window and the budget."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tvbrain.learning.couples import (
    HUNDREDTHS,
    NEAREST,
    WINDOW,
    as_near,
    closeness,
    waiting,
)

histories = st.lists(st.integers(0, 60), max_size=50)


@given(histories, st.integers(1, 40))
def test_push_by_push_every_couple_of_the_window_is_told_once(
    history: list[int], most: int
) -> None:
    told: list[tuple[int, int]] = []
    while couples := waiting(history, set(told), most):
        assert len(couples) <= most
        told += [couple[:2] for couple in couples]
    expected = {
        (history[at], history[at + distance])
        for distance in range(1, WINDOW + 1)
        for at in range(len(history) - distance)
        if history[at] != history[at + distance]
    }
    assert len(told) == len(set(told))
    assert set(told) == expected


@given(st.permutations(range(40)))
def test_the_nearest_are_told_first_and_of_equally_near_ones_the_oldest(order: list[int]) -> None:
    couples = waiting(order, set(), 10_000)
    places = {title: at for at, title in enumerate(order)}
    ranks = [(places[later] - places[earlier], places[earlier]) for earlier, later, _ in couples]
    assert ranks == sorted(ranks)
    assert [near for *_, near in couples] == [closeness(distance) for distance, _ in ranks]


def test_closeness_is_about_one_over_the_root_of_the_distance() -> None:
    for distance in range(1, WINDOW + 1):
        counted = HUNDREDTHS[closeness(distance)] / 100
        assert as_near(distance**-0.5) == closeness(distance)
        assert counted == pytest.approx(distance**-0.5, rel=0.25)
    assert as_near(3.0) == 0
    assert [closeness(most) for most in NEAREST] == [0, 1, 2, 3]
