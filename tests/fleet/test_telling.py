"""What the fleet's sets say: honest ones by the rules of real sets, hostile ones within what a server decodes."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tvbrain.fleet.lives import Life, lives
from tvbrain.fleet.telling import ITEMS, Flipped, Honest, Promoter, Scaled, fitted
from tvbrain.learning.couples import MOST, waiting
from tvbrain.learning.histories import Histories
from tvbrain.wire import delta, limits
from tvbrain.wire.delta import Delta

PACK = bytes(16)


def couples_of(one: Delta) -> list[tuple[int, int]]:
    ordered = zip(one.pairs, one.order, strict=True)
    return [(b, a) if near & delta.TURNED else (a, b) for (a, b), near in ordered]


@given(st.lists(st.permutations(range(30)), min_size=1, max_size=4), st.integers(1, 30))
def test_a_life_is_spread_over_the_weeks_in_its_order(people: list[list[int]], weeks: int) -> None:
    for items, life in zip(people, lives(Histories.of(people, 30), weeks), strict=True):
        assert len(life.weeks) == weeks
        assert life.until(weeks - 1) == items
        sizes = [len(week) for week in life.weeks]
        assert max(sizes) - min(sizes) <= 1


def test_an_honest_set_says_everything_once_and_every_push_fits() -> None:
    items = np.random.default_rng(1).permutation(20_000)[:260].tolist()
    (life,) = lives(Histories.of([items], 20_000), 26)
    teller = Honest(life, PACK)
    said = [one for week in range(60) if (one := teller.tell(min(week, 25))) is not None]
    told = [couple for one in said for couple in couples_of(one)]
    expected = {(earlier, later) for earlier, later, _ in waiting(items, (), 10**6)}
    assert len(told) == len(set(told))
    assert set(told) == expected
    assert sorted(row for one in said for row, _ in one.items) == sorted(items)
    assert teller.left(25) == 0
    for one in said:
        assert len(delta.encode(one)) <= limits.FRAME_BYTES
        assert len(one.pairs) <= MOST
        assert len(one.items) <= ITEMS


def test_a_title_watched_before_and_after_another_waits_with_one_of_both_orders() -> None:
    first, sent = fitted(PACK, [(1, 2, 0), (2, 1, 0), (3, 2, 1)], [])
    assert sent == [(1, 2, 0), (3, 2, 1)]
    assert couples_of(first) == [(1, 2), (3, 2)]


def test_what_hostile_sets_say_is_decoded() -> None:
    life = Life(((1, 2, 3), (4, 5)))
    promoter = Promoter([7], list(range(100)), PACK, 20)
    for teller in (promoter, Scaled(life, PACK), Flipped(life, PACK)):
        for week in (0, 1):
            said = teller.tell(week)
            assert said is not None
            assert delta.decode(delta.encode(said)) == said
    promoted = promoter.tell(1)
    assert promoted is not None
    assert {later for _, later in couples_of(promoted)} == {7}
    honest = Honest(life, PACK)
    told = {c for week in (0, 1) if (one := honest.tell(week)) for c in couples_of(one)}
    flipped = Flipped(life, PACK)
    turned = {c for week in (0, 1) if (one := flipped.tell(week)) for c in couples_of(one)}
    assert turned == {(later, earlier) for earlier, later in told}
