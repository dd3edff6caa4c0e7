"""The item model from sums against its definition, and against the one from histories."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.learning import dense_model
from tests.learning.dense_model import Matrix, People
from tvbrain.errors import InvalidArgumentError
from tvbrain.learning.couple_model import Sums, train_from_sums
from tvbrain.learning.couples import HUNDREDTHS, waiting
from tvbrain.learning.item_weights import ItemWeights

TITLES = 9
lives = st.lists(
    st.permutations(range(TITLES)).flatmap(lambda p: st.integers(0, TITLES).map(lambda n: p[:n])),
    max_size=12,
)


def sums_of(people: People, titles: int) -> Sums:
    """Of sets that told all couples of their histories."""
    sets, near = np.zeros((titles, titles)), np.zeros((titles, titles))
    support = np.zeros(titles)
    for items in people:
        support[list(items)] += 1
        for earlier, later, closeness in waiting(list(items), set(), 10**6):
            sets[earlier, later] += 1
            near[earlier, later] += HUNDREDTHS[closeness]
    rows, columns = np.nonzero(sets)
    return Sums(rows, columns, sets[rows, columns], near[rows, columns], support)


def defined(people: People, titles: int) -> Matrix:
    """Histories are shorter than the window: G is that of the people."""
    sums = sums_of(people, titles)
    weights = dense_model.ease(people, titles, 100.0)
    root = np.sqrt(sums.support + 5)
    near = np.zeros((titles, titles))
    near[sums.earlier, sums.later] = sums.closeness / 100
    weights += 0.8 * near / np.outer(root, root)
    gone = sums.support == 0
    weights[gone] = 0
    weights[:, gone] = 0
    return weights


def dense(weights: ItemWeights) -> Matrix:
    return np.asarray(weights.to_csr().toarray(), np.float64)


@given(lives)
def test_the_weights_are_the_definition_to_half_a_level(people: list[list[int]]) -> None:
    weights = train_from_sums(sums_of(people, TITLES), top=TITLES, max_row=TITLES)
    half = weights.scale[:, None] / 2
    assert (np.abs(dense(weights) - defined(people, TITLES)) <= half * 1.01 + 1e-5).all()


def test_titles_without_support_have_no_weights_whatever_was_told_of_them() -> None:
    sums = sums_of([[0, 1, 2]] * 5, 4)
    sums.support[1] = 0
    weights = dense(train_from_sums(sums))
    assert not weights[1].any()
    assert not weights[:, 1].any()
    assert weights[0, 2] > 0


def test_sums_that_are_of_no_people_are_solved_with_more_l2() -> None:
    earlier, later = np.array([0, 1, 0]), np.array([1, 2, 2])
    many = np.array([1e4, 1e4, 1e4])
    found = train_from_sums(Sums(earlier, later, many, many * 0, np.array([3.0, 3.0, 3.0])))
    assert np.isfinite(dense(found)).all()


@pytest.mark.parametrize("bad", [float("nan"), -1.0, float("inf")])
def test_numbers_that_are_no_sums_are_refused(bad: float) -> None:
    where, good = (np.array([0]), np.array([1])), np.array([1.0])
    with pytest.raises(InvalidArgumentError, match="0 and above"):
        Sums(*where, np.array([bad]), good, np.array([3.0, 3.0]))


def test_sums_beyond_all_measure_are_refused() -> None:
    where, huge = (np.array([0]), np.array([1])), np.array([1e30])
    with pytest.raises(InvalidArgumentError, match="positive definite"):
        train_from_sums(Sums(*where, huge, huge * 0, np.array([3.0, 3.0])))


def test_a_slightly_larger_fleet_learns_the_same_however_near_to_indefinite_its_sums_are() -> None:
    """One title that everybody tells, and twenty that are told with it alone: G has an eigenvalue below 0. At the
    smaller of the two sizes 100 x 2^10 outweighs that by one part in ten thousand."""
    leaves = 20
    whole = np.diag([100.0, *[30.0] * leaves])
    whole[0, 1:] = whole[1:, 0] = 30.0
    size = 100 * 2**10 * (1 - 1e-4) / -np.linalg.eigvalsh(whole)[0]

    def learned(sets: float) -> Matrix:
        where = np.zeros(leaves, np.int64), np.arange(1, leaves + 1)
        told = np.full(leaves, 30.0 * sets)
        return dense(train_from_sums(Sums(*where, told, told, sets * np.diag(whole))))

    np.testing.assert_allclose(learned(size), learned(1.01 * size), rtol=0.05, atol=0.01)
