"""The rules by which simulated people live."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from random import Random

from tvbrain.simulation.rules import choice, mishaps, rhythm
from tvbrain.simulation.rules.choice import Memory
from tvbrain.simulation.rules.household import CHANGES, COUPLE, Household
from tvbrain.simulation.rules.taste import Title

CRIME = Title("t:1", frozenset({"Crime"}), frozenset(), True, 12, 50, (2, 1))
CARTOON = Title("t:2", frozenset({"Animation", "Family"}), frozenset(), False, 0, 90)


def test_children_come_in_their_year_and_watch_what_is_for_them() -> None:
    household = Household(CHANGES)
    assert household.viewers("children", 3.9) is None
    viewers = household.viewers("children", 4.0)
    assert viewers is not None
    assert viewers.profile == "household"
    assert viewers.tastes[0].liking(CARTOON) > 0.7
    assert viewers.tastes[0].liking(CRIME) == 0.0


def test_after_the_split_nobody_likes_what_both_liked() -> None:
    household = Household(CHANGES)
    before, after = household.viewers("family", 6.9), household.viewers("family", 7.0)
    assert before is not None
    assert after is not None
    assert [taste.liking(CRIME) > 0.8 for taste in before.tastes] == [True]
    assert [taste.liking(CRIME) < 0.1 for taste in after.tastes] == [True, True]


def test_sittings_of_a_day_are_apart_and_winter_has_more_of_them_than_summer() -> None:
    minutes: Counter[bool] = Counter()
    for day in range(3 * 365):
        plan = rhythm.sittings(day % 365, day % 7, Random(day))
        for one, following in pairwise(plan):
            assert one.start + one.minutes < following.start
        winter = day % 365 < 60
        if winter or 152 <= day % 365 < 212:
            minutes[winter] += sum(one.minutes for one in plan)
    assert minutes[True] > 1.2 * minutes[False]
    assert rhythm.sittings(rhythm.AWAY[0], 5, Random(1)) == []


def test_what_stands_further_right_and_further_down_is_taken_less() -> None:
    taken: Counter[tuple[int, int]] = Counter()
    draw = Random(1)
    for _ in range(4000):
        found = choice.answer([[CRIME] * 4] * 3, [False] * 3, COUPLE, Memory(), 0, draw).taken
        if found is not None:
            taken[found] += 1
    assert taken[0, 0] > taken[0, 1] > taken[0, 3] > 0
    assert taken[0, 0] > taken[1, 0] > taken[2, 0] > 0


def test_a_title_that_was_passed_over_wears_off_and_recovers() -> None:
    memory = Memory()
    memory.pass_over("t:1", 10)
    memory.pass_over("t:1", 11)
    assert memory.worn("t:1", 12) == choice.WEARS**2
    assert memory.worn("t:1", 11 + choice.RECOVERS_DAYS) == 1.0


def test_a_series_goes_on_with_its_next_episode_and_begins_anew_after_the_last() -> None:
    seen: dict[str, tuple[int, int]] = {}
    order = []
    for _ in range(4):
        seen["t:1"] = choice.next_episode(CRIME, seen)
        order.append(seen["t:1"])
    assert order == [(1, 1), (1, 2), (2, 1), (1, 1)]


def test_a_life_has_three_wrong_clocks_and_starts_without_any() -> None:
    found = [one for day in mishaps.mishaps(3650, 1).values() for one in day]
    kinds = Counter(one.kind for one in found)
    assert kinds["clock_jump"] == kinds["clock_right"] == 3
    assert 60 < kinds["power_cut"] < 110
    blind = sum(one.blind for one in found)
    assert blind == kinds["power_cut"] // 3
