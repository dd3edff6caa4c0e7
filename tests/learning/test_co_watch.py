"""Windowed co-watch against its definition, and what lets several televisions add it up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.learning import dense_model
from tvbrain.errors import InvalidArgumentError
from tvbrain.learning.co_watch import CLOSENESS, ONE, WINDOW, CoWatch, co_watched
from tvbrain.learning.histories import Histories

TITLES = 9
lives = st.lists(
    st.permutations(range(TITLES)).flatmap(lambda p: st.integers(0, TITLES).map(lambda n: p[:n])),
    max_size=7,
)


@given(lives)
def test_it_counts_what_came_later_by_how_soon(people: list[list[int]]) -> None:
    counts = co_watched(Histories.of(people, TITLES)).toarray() / ONE
    np.testing.assert_allclose(counts, dense_model.co_watch(people, TITLES), rtol=1e-4)


@given(lives, st.sets(st.integers(0, TITLES - 1), min_size=1), st.data())
def test_a_block_of_columns_is_a_part_of_the_whole(
    people: list[list[int]], some: set[int], data: st.DataObject
) -> None:
    histories = Histories.of(people, TITLES)
    titles = np.array(sorted(some))
    end = data.draw(st.integers(1, len(titles)))
    start = data.draw(st.integers(0, end - 1))
    block = CoWatch(histories, titles).into(start, end)
    whole = co_watched(histories).toarray()
    assert block.tolist() == whole[np.ix_(titles, titles[start:end])].T.tolist()


@given(lives, lives)
def test_counts_of_two_groups_of_people_add_up_exactly(
    some: list[list[int]], others: list[list[int]]
) -> None:
    parts = [co_watched(Histories.of(group, TITLES)) for group in (some, others)]
    together = co_watched(Histories.of([*some, *others], TITLES))
    assert (parts[0] + parts[1]).toarray().tolist() == together.toarray().tolist()


@given(lives.flatmap(lambda people: st.tuples(st.just(people), st.permutations(people))))
def test_the_order_of_people_does_not_matter(pair: tuple[list[list[int]], list[list[int]]]) -> None:
    one, two = (co_watched(Histories.of(people, TITLES)).toarray() for people in pair)
    assert one.tolist() == two.tolist()


def test_it_is_directed() -> None:
    counts = co_watched(Histories.of([[0, 1], [0, 1], [1, 0]], 2)).toarray()
    assert counts.tolist() == [[0, 2 * ONE], [ONE, 0]]


def test_a_history_back_to_front_gives_the_transpose() -> None:
    people = [[3, 1, 4], [2, 0], [4, 3, 2, 1, 0]]
    ahead = co_watched(Histories.of(people, 5)).toarray()
    back = co_watched(Histories.of([person[::-1] for person in people], 5)).toarray()
    assert back.tolist() == ahead.T.tolist()


def test_beyond_the_window_nothing_counts() -> None:
    long = list(range(WINDOW + 2))
    counts = co_watched(Histories.of([long], len(long))).toarray()
    assert counts[0, WINDOW] == CLOSENESS[WINDOW] > 0
    assert counts[0, WINDOW + 1] == 0


def test_titles_that_are_left_out_still_lie_between() -> None:
    block = CoWatch(Histories.of([[0, 1, 2]], 3), np.array([0, 2])).into(1, 2)
    assert block.tolist() == [[CLOSENESS[2], 0]]


@pytest.mark.parametrize("people", [[[0, 3]], [[-1]], [[1, 1]]])
def test_histories_of_unknown_or_repeated_titles_are_refused(people: list[list[int]]) -> None:
    with pytest.raises(InvalidArgumentError):
        Histories.of(people, 3)


def test_histories_keep_order_and_people_without_positives() -> None:
    histories = Histories.of([[2, 0], [], [1]], 3)
    assert (histories.people, histories.items.tolist()) == (3, [2, 0, 1])
    assert histories.matrix().toarray().tolist() == [[1, 0, 1], [0, 0, 0], [0, 1, 0]]
    assert histories.support().tolist() == [1, 1, 1]
