"""EASE against its definition, its pruning and its bytes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tvbrain.errors import InvalidArgumentError
from tvbrain.learning.ease import (
    BLOCK,
    inverse_gram,
    quantise_rows,
    strongest_into,
    strongest_of_rows,
    train_weights,
)


def _people(people: int, items: int, seed: int, density: float = 0.3) -> NDArray[np.float32]:
    return (np.random.default_rng(seed).random((people, items)) < density).astype(np.float32)


def _ease(x: NDArray[np.float32], l2: float) -> NDArray[np.float64]:
    """The paper's closed form, in double precision."""
    inverse = np.linalg.inv(x.T.astype(np.float64) @ x + l2 * np.eye(x.shape[1]))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    return weights


@given(st.integers(1, 12), st.integers(1, 9), st.integers(0, 99), st.floats(0.5, 500))
def test_unpruned_weights_are_the_closed_form_to_half_a_level(people: int, items: int, seed: int, l2: float) -> None:
    x = _people(people, items, seed)
    weights = train_weights(csr_matrix(x), l2=l2, top=items, max_row=items, min_support=1)
    kept = x.sum(axis=0) >= 1
    expected = np.zeros((items, items))
    expected[np.ix_(kept, kept)] = _ease(x[:, kept], l2)
    half = weights.scale[:, None] / 2
    assert (np.abs(weights.to_csr().toarray() - expected) <= half * 1.01 + 1e-6).all()


def test_the_inverse_is_symmetric_across_blocks() -> None:
    x = _people(40, BLOCK + 30, 1)
    inverse = inverse_gram(csr_matrix(x), 100.0)
    np.testing.assert_array_equal(inverse, inverse.T)
    gram = x.T.astype(np.float64) @ x + 100 * np.eye(x.shape[1])
    np.testing.assert_allclose(inverse @ gram, np.eye(x.shape[1]), atol=1e-4)


def test_the_kept_weights_are_the_strongest_that_lead_to_each_item() -> None:
    x = _people(30, 12, 2)
    exact = _ease(x, 10.0)
    rows, columns, values = strongest_into(inverse_gram(csr_matrix(x), 10.0), 4)
    for item in range(12):
        mine = columns == item
        order = np.argsort(-np.abs(exact[:, item]), kind="stable")[:4]
        assert sorted(rows[mine]) == sorted(order)
        np.testing.assert_allclose(values[mine], exact[rows[mine], item], atol=1e-5)


def test_two_items_that_are_watched_together_recommend_each_other() -> None:
    x = np.array([[1, 1, 0], [1, 1, 0], [0, 0, 1], [0, 0, 1]], np.float32)
    w = train_weights(csr_matrix(x), l2=1.0).to_csr().toarray()
    assert w[0, 1] > 0.3
    assert w[1, 0] > 0.3
    assert w[0, 2] == w[2, 0] == 0.0


def test_rows_are_watched_items_and_columns_recommended_ones() -> None:
    # Everybody who watched 1 watched 0, but not the other way round: P[0,0] < P[1,1], so W[1,0] > W[0,1] in size.
    x = np.array([[1, 1]] * 2 + [[1, 0]] * 6, np.float32)
    w = train_weights(csr_matrix(x), l2=1.0).to_csr().toarray()
    exact = _ease(x, 1.0)
    np.testing.assert_allclose([w[1, 0], w[0, 1]], [exact[1, 0], exact[0, 1]], rtol=0.01)
    assert exact[1, 0] != pytest.approx(exact[0, 1])


def test_items_without_support_have_no_weights() -> None:
    x = np.array([[1, 1, 1], [1, 1, 0]], np.float32)
    weights = train_weights(csr_matrix(x), l2=1.0, min_support=2)
    assert weights.indptr.tolist() == [0, 1, 2, 2]
    assert weights.indices.tolist() == [1, 0]
    assert weights.scale[2] == 0.0


def test_a_row_is_never_longer_than_asked_and_keeps_its_strongest() -> None:
    full = csr_matrix(np.array([[0, 3, -5, 1], [1, 0, 0, 0]], np.float32))
    assert strongest_of_rows(full, 2).toarray().tolist() == [[0, 3, -5, 0], [1, 0, 0, 0]]
    assert strongest_of_rows(csr_matrix(np.array([[2, -2, 2]], np.float32)), 2).toarray().tolist() == [[2, -2, 0]]


@given(st.lists(st.lists(st.floats(-1, 1, width=32), min_size=4, max_size=4), min_size=4, max_size=4))
def test_quantised_rows_keep_order_sign_and_largest_value(rows: list[list[float]]) -> None:
    dense = np.asarray(rows, np.float32)
    dense[np.abs(dense) < 1e-30] = 0.0
    weights = quantise_rows(csr_matrix(dense))
    assert weights.values.dtype == np.int8
    assert weights.indices.dtype == weights.indptr.dtype == np.uint32
    assert not (weights.values == 0).any()
    back = weights.to_csr().toarray()
    for row, (exact, got) in enumerate(zip(dense, back, strict=True)):
        assert (np.abs(exact - got) <= weights.scale[row] * 0.501).all()
        entries = weights.indices[weights.indptr[row] : weights.indptr[row + 1]].tolist()
        assert entries == sorted(set(entries))
        if exact.any():
            assert np.abs(got).max() == pytest.approx(np.abs(exact).max())


def test_the_same_matrix_gives_the_same_bytes() -> None:
    x = csr_matrix(_people(50, 40, 3))
    one, two = train_weights(x), train_weights(x.copy())
    for field in ("indptr", "indices", "values", "scale"):
        np.testing.assert_array_equal(getattr(one, field), getattr(two, field))


def test_nobody_and_nothing() -> None:
    weights = train_weights(csr_matrix((0, 3), dtype=np.float32))
    assert (weights.items, len(weights.values)) == (3, 0)
    assert train_weights(csr_matrix((3, 0), dtype=np.float32)).indptr.tolist() == [0]


@pytest.mark.parametrize(
    "arguments",
    [{"l2": 0.0}, {"top": 0}, {"max_row": 0}, {"min_support": 0}, {"l2": float("nan")}],
)
def test_bounds(arguments: dict[str, float]) -> None:
    with pytest.raises(InvalidArgumentError):
        train_weights(csr_matrix(_people(3, 3, 0)), **arguments)  # type: ignore[arg-type]


def test_counts_are_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="0 or 1"):
        train_weights(csr_matrix(np.array([[2.0]], np.float32)))
