"""Weights as packs hold them: rows cut, int8."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from tvbrain.learning.item_weights import quantise_rows, strongest_of_rows


def test_a_row_is_never_longer_than_asked_and_keeps_its_strongest() -> None:
    full = csr_matrix(np.array([[0, 3, -5, 1], [1, 0, 0, 0]], np.float32))
    assert strongest_of_rows(full, 2).toarray().tolist() == [[0, 3, -5, 0], [1, 0, 0, 0]]
    assert strongest_of_rows(
        csr_matrix(np.array([[2, -2, 2]], np.float32)), 2
    ).toarray().tolist() == [[2, -2, 0]]


@given(
    st.lists(st.lists(st.floats(-1, 1, width=32), min_size=4, max_size=4), min_size=4, max_size=4)
)
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
