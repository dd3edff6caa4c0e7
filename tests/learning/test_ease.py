"""EASE against its definition, whole and from hubs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tests.learning import dense_model
from tvbrain.errors import InvalidArgumentError
from tvbrain.learning.ease import BLOCK, Ease, most_watched


def _people(people: int, items: int, seed: int, density: float = 0.3) -> NDArray[np.float32]:
    return (np.random.default_rng(seed).random((people, items)) < density).astype(np.float32)


def _lists(x: NDArray[np.float32]) -> list[list[int]]:
    return [np.flatnonzero(row).tolist() for row in x]


def _whole(ease: Ease, titles: int) -> NDArray[np.float32]:
    weights = np.zeros((titles, titles), np.float32)
    weights[ease.hubs] = ease.into(0, titles).T
    return weights


@given(st.integers(1, 12), st.integers(1, 9), st.integers(0, 99), st.floats(0.5, 500))
def test_with_every_title_a_hub_the_weights_are_the_closed_form(
    people: int, items: int, seed: int, l2: float
) -> None:
    x = _people(people, items, seed)
    weights = _whole(Ease.solve(csr_matrix(x), np.arange(items), l2), items)
    np.testing.assert_allclose(
        weights, dense_model.ease(_lists(x), items, l2), rtol=1e-3, atol=1e-5
    )


@given(st.integers(1, 12), st.sets(st.integers(0, 8)), st.integers(0, 99), st.floats(0.5, 500))
def test_from_hubs_each_column_is_the_ridge_regression_on_the_other_hubs(
    people: int, hubs: set[int], seed: int, l2: float
) -> None:
    x = _people(people, 9, seed)
    ease = Ease.solve(csr_matrix(x), np.array(sorted(hubs), np.int64), l2)
    expected = dense_model.ease_from_hubs(_lists(x), 9, l2, sorted(hubs))
    np.testing.assert_allclose(_whole(ease, 9), expected, rtol=1e-3, atol=1e-5)


def test_the_two_definitions_agree_where_every_title_is_a_hub() -> None:
    people = _lists(_people(20, 8, 5))
    regressions = dense_model.ease_from_hubs(people, 8, 3.0, range(8))
    np.testing.assert_allclose(regressions, dense_model.ease(people, 8, 3.0), atol=1e-12)


def test_the_inverse_is_symmetric_across_blocks() -> None:
    x = _people(40, BLOCK + 30, 1)
    inverse = Ease.solve(csr_matrix(x), np.arange(x.shape[1]), 100.0).inverse
    np.testing.assert_array_equal(inverse, inverse.T)
    gram = x.T.astype(np.float64) @ x + 100 * np.eye(x.shape[1])
    np.testing.assert_allclose(inverse @ gram, np.eye(x.shape[1]), atol=1e-4)


def test_a_block_of_columns_is_a_part_of_the_whole() -> None:
    ease = Ease.solve(csr_matrix(_people(30, 12, 2)), np.array([1, 4, 5, 9]), 10.0)
    np.testing.assert_allclose(ease.into(3, 10), ease.into(0, 12)[3:10], rtol=1e-5)


def test_hubs_are_the_most_watched_and_of_equal_ones_the_first() -> None:
    assert most_watched(np.array([3, 9, 3, 5, 3]), 3).tolist() == [0, 1, 3]
    assert most_watched(np.array([1, 2]), 5).tolist() == [0, 1]


def test_what_float32_cannot_invert_is_refused() -> None:
    x = csr_matrix(np.ones((2000, 2), np.float32))
    with pytest.raises(InvalidArgumentError, match="not positive definite"):
        Ease.solve(x, np.arange(2), 1e-9)
