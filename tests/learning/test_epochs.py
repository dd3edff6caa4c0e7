"""Epochs of lives whose changes are known, and tables that stay small however long a life is."""

from __future__ import annotations

import random
from dataclasses import replace
from statistics import fmean

import pytest

from tests.scale import scaled
from tvbrain.learning.epochs import (
    archived,
    blur,
    bounded,
    chance,
    distance,
    fold,
    lasting,
    shares,
    stages,
)
from tvbrain.memory.episodes import Memory
from tvbrain.store.epochs import Epoch

NAMES = ("Crime", "Drama", "Comedy", "Family", "Sci-Fi", "War")
GENRES = {10 * day + n: (name,) for day in range(36_600) for n, name in enumerate(NAMES, 1)}
"""Every day has titles of its own: the last digit tells the genre."""

DAY_MS = 86_400_000
YEAR_MS = 365 * DAY_MS
ADULTS, CHILDREN = (6, 5, 4, 0, 2, 1), (2, 1, 4, 10, 2, 0)


def liked(seed: int, days: range, tastes: tuple[int, ...]) -> list[Memory]:
    draw = random.Random(seed)
    items = [10 * d + draw.choices(range(1, 7), tastes)[0] for d in days]
    return [
        Memory(d, "episodic", 1, item, d * DAY_MS, 3, 1.0, None)
        for d, item in zip(days, items, strict=True)
    ]


def life(seed: int, years: int, changes: int | None) -> list[Epoch]:
    """A title a day; from that day on with children."""
    end = years * 365
    turn = end if changes is None else changes
    memories = liked(seed, range(1, turn), ADULTS) + liked(seed + 1, range(turn, end + 1), CHILDREN)
    found: list[Epoch] = []
    for year in range(1, years + 1):
        found = bounded([*found, *fold(1, memories, GENRES, found, year * YEAR_MS)])
    return found


def test_a_change_is_found_in_the_year_in_which_it_happens_and_about_when() -> None:
    lives = scaled(200)
    good = 0
    for seed in range(lives):
        found = [one for one in life(seed, 3, 500) if one.changed]
        good += len(found) == 1 and abs(found[0].begun_ms - 500 * DAY_MS) < 30 * DAY_MS
    assert good >= 0.95 * lives


def test_a_life_without_change_has_none() -> None:
    lives = scaled(200)
    false = sum(any(one.changed for one in life(seed, 3, None)) for seed in range(lives))
    assert false <= 0.05 * lives


@pytest.mark.parametrize("many", [1, 3])
def test_what_two_samples_of_one_taste_differ_by_is_foretold(many: int) -> None:
    """Not too little and at most a third too much, however many genres a title is divided among."""
    names = [f"g{n}" for n in range(14)]
    tastes = [2.0**-n for n in range(7)] * 2
    draw = random.Random(4)
    apart, foretold = [], []
    for _ in range(scaled(600)):
        of = {key: tuple(set(draw.choices(names, tastes, k=many))) for key in range(160)}
        some, others = (
            [Memory(0, "episodic", 1, key, 0, 3, 1.0, None) for key in keys]
            for keys in (range(60), range(60, 160))
        )
        a, b = shares(some, of), shares(others, of)
        apart.append(distance(a, b))
        foretold.append(chance(a, b, blur(some, of), blur(others, of)))
    assert 0.97 < fmean(foretold) / fmean(apart) < 1.33


def test_the_same_memories_make_the_same_epochs() -> None:
    assert life(5, 4, 700) == life(5, 4, 700)


def test_shares_add_up_and_distances_are_between_none_and_all() -> None:
    for one in life(3, 3, 500):
        assert abs(sum(one.genres.values()) - 1) < 1e-4
        assert abs(sum(one.dayparts) - 1) < 1e-9
    assert distance({"a": 1.0}, {"b": 1.0}) == 1.0
    assert distance({"a": 0.5, "b": 0.5}, {"a": 0.5, "b": 0.5}) == 0.0


def test_a_century_takes_no_more_room_than_twelve_epochs_and_keeps_its_stages() -> None:
    found = life(1, 100, 50 * 365)
    assert len(found) == 12
    assert sum(one.years for one in found) == 100
    assert sum(one.evidence for one in found) == 100 * 365
    old = archived(found, 90 * YEAR_MS)
    assert len(old) < len(found)
    assert sum(one.evidence for one in old) == 100 * 365


def test_what_belongs_to_every_stage_lasts() -> None:
    both = stages(life(2, 8, 4 * 365))
    assert len(both) == 2
    assert {"Comedy"} <= lasting(both) <= {"Comedy", "Crime", "Sci-Fi"}
    assert lasting(both[:1]) == frozenset()


def test_too_few_memories_wait_for_another_year() -> None:
    few = liked(1, range(1, 25), ADULTS)
    assert fold(1, few, GENRES, [], YEAR_MS) == []
    more = few + liked(2, range(366, 390), ADULTS)
    (one,) = fold(1, more, GENRES, [], 2 * YEAR_MS)
    assert one.evidence == 48


def test_episodes_of_a_few_series_are_no_change_of_life() -> None:
    films = liked(1, range(1, 300), ADULTS)
    series = [
        replace(one, item=4 if one.item % 2 else 14) for one in liked(2, range(300, 366), ADULTS)
    ]
    (one,) = fold(1, films + series, GENRES, [], YEAR_MS)
    assert not one.changed
