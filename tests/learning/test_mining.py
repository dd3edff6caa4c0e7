"""Patterns by rules that can be counted by hand, and intervals against the binomial distribution."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.scale import scaled
from tvbrain.learning.mining import DAY_MS, mine
from tvbrain.learning.proportion import interval
from tvbrain.store.viewings import Choice, Viewing

GENRES = {1: ("Sci-Fi",), 2: ("Comedy",), 3: ("Sci-Fi", "Family"), 4: ("Drama",), 5: ("Crime",)}
NOW = 400 * DAY_MS


def sitting(day: int, part: int, item: int, strength: float = 1.0) -> Viewing:
    """`day` 4 is a Monday."""
    weekday = (day - 4) % 7
    choice = Choice(item, strength=strength)
    part = part % 4 + 4 * (weekday >= 5)
    return Viewing(day, 1, day * DAY_MS, day * DAY_MS + 1, part, weekday, 0, (), (choice,), None)


def fridays(weeks: int, item: int) -> list[Viewing]:
    return [sitting(4 + d, 3, item if d % 7 == 4 else 2) for d in range(7 * weeks)]


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_has_just_the_shares_that_are_within_z_deviations(
    pair: tuple[int, int],
) -> None:
    successes, trials = pair
    low, high = interval(successes, trials, 2.0)
    assert 0.0 <= low <= successes / trials <= high <= 1.0
    for bound in (low, high):
        if 0.0 < bound < 1.0:
            deviation = math.sqrt(bound * (1 - bound) / trials)
            assert abs(successes / trials - bound) == pytest.approx(2 * deviation)


def test_without_a_trial_nothing_is_known() -> None:
    assert interval(0, 0) == (0.0, 1.0)


def test_a_habit_of_fridays_is_named_after_them() -> None:
    (one,) = (p for p in mine(1, fridays(8, 1), GENRES, [], NOW) if p.genre == "Sci-Fi")
    assert (one.name, one.trials, one.successes) == ("Friday evening, Sci-Fi", 8, 8)
    assert one.weight == pytest.approx((one.low - one.usual) / (1 - one.usual))


def test_who_is_there_is_told_by_the_titles() -> None:
    names = {one.name for one in mine(1, fridays(8, 3), GENRES, [], NOW)}
    assert "Friday evening, Sci-Fi, with the children" in names


def test_what_is_liked_at_every_time_is_no_pattern() -> None:
    always = [sitting(4 + d, d % 4, 1) for d in range(90)]
    assert mine(1, always, GENRES, [], NOW) == []


def test_what_is_not_liked_or_was_seldom_is_no_pattern() -> None:
    bored = [sitting(4 + d, 3, 1 if d % 7 == 4 else 2, -0.25) for d in range(56)]
    assert mine(1, bored, GENRES, [], NOW) == []
    assert [p for p in mine(1, fridays(3, 1), GENRES, [], NOW) if p.genre == "Sci-Fi"] == []


def test_mining_again_changes_nothing_and_an_ended_habit_is_retired_then_forgotten() -> None:
    first = mine(1, fridays(8, 1), GENRES, [], NOW)
    assert mine(1, fridays(8, 1), GENRES, first, NOW + 1) == first
    gone = mine(1, [], GENRES, first, NOW + 2)
    assert {one.retired_ms for one in gone} == {NOW + 2}
    assert mine(1, [], GENRES, gone, NOW + 2 + 200 * DAY_MS) == []
    (again,) = (p for p in mine(1, fridays(8, 1), GENRES, gone, NOW + 3) if p.genre == "Sci-Fi")
    assert (again.retired_ms, again.found_ms) == (None, NOW + 3)


def test_people_without_habits_have_hardly_any_pattern() -> None:
    found = 0
    lives = scaled(100)
    for seed in range(lives):
        draw = random.Random(seed)
        days = [sitting(4 + d, draw.choice((1, 2, 3, 3)), draw.randint(1, 5)) for d in range(90)]
        found += len(mine(1, days, GENRES, [], NOW))
    assert found <= 0.5 * lives
