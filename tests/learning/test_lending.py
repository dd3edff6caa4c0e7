"""Titles that nobody has watched are spoken for by those that they are like, and nothing else changes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from tvbrain.errors import InvalidArgumentError
from tvbrain.learning.item_weights import ItemWeights, quantise_rows, room_for
from tvbrain.learning.lending import LENDERS, MOST_INTO, MOST_OF_ROW, Content, lend

TITLES, WARM = 60, 40
seeds = st.integers(0, 1000)


def made_up(seed: int, *, titles: int = TITLES, warm: int = WARM) -> tuple[ItemWeights, Content]:
    """Weights between the first `warm` titles."""
    random = np.random.default_rng(seed)
    dense = np.zeros((titles, titles), np.float32)
    dense[:warm, :warm] = random.normal(0, 1, (warm, warm)) * (random.random((warm, warm)) < 0.5)
    np.fill_diagonal(dense, 0.0)
    texts = random.normal(0, 1, (titles, 8)).astype(np.float32)
    texts /= np.linalg.norm(texts, axis=1, keepdims=True)
    genres = (random.random((titles, 5)) < 0.4).astype(np.float32)
    years = random.integers(1950, 2020, titles)
    years[::7] = 0
    return quantise_rows(csr_matrix(dense)), Content(texts, genres, years)


def lent_by_hand(own: np.ndarray, content: Content, title: int, lenders: np.ndarray) -> np.ndarray:
    """The definition, a title and a lender at a time."""
    alike = []
    for other in lenders:
        a, b = content.genres[title], content.genres[other]
        size = np.linalg.norm(a) * np.linalg.norm(b)
        both = content.years[title] and content.years[other]
        near = np.exp(-abs(content.years[title] - content.years[other]) / 5) if both else 0.0
        cosine = a @ b / size if size else 0.0
        alike.append(max(0.0, content.texts[title] @ content.texts[other]) + cosine / 2 + near / 2)
    best = np.argsort(-np.array(alike))[:LENDERS]
    shares = np.exp(8 * np.array(alike)[best])
    column: np.ndarray = own[:, lenders[best]] @ (shares / shares.sum())
    return column


@given(seeds)
def test_a_lent_column_is_the_mean_of_the_likest_titles_columns(seed: int) -> None:
    weights, content = made_up(seed)
    own, found = weights.to_csr().toarray(), lend(weights, content).to_csr().toarray()
    lenders = np.flatnonzero(own.any(axis=0))
    assert np.array_equal(found[:, lenders], own[:, lenders])
    for title in np.flatnonzero(~own.any(axis=0)):
        wanted = lent_by_hand(own, content, int(title), lenders)
        wanted[np.argsort(-np.abs(wanted), kind="stable")[MOST_INTO:]] = 0.0
        step = np.abs(own).max(axis=1) / 127
        assert (np.abs(found[:, title] - wanted) <= 0.51 * step + 1e-6).all()


def test_who_has_nothing_to_lend_lends_nothing() -> None:
    empty = quantise_rows(csr_matrix((4, 4), dtype=np.float32))
    content = Content(
        np.eye(4, dtype=np.float32), np.zeros((4, 0), np.float32), np.zeros(4, np.int64)
    )
    assert not len(lend(empty, content).values)
    everybody, known = made_up(1, titles=WARM)
    assert lend(everybody, known) is everybody


def test_a_title_lends_to_so_many_and_a_pack_holds_no_more_than_it_may() -> None:
    weights, content = made_up(2, titles=1500, warm=20)
    found = lend(weights, content)
    rows = np.diff(found.indptr.astype(np.int64)) - np.diff(weights.indptr.astype(np.int64))
    assert rows.max() == MOST_OF_ROW
    assert len(found.values) <= room_for(1500)
    assert room_for(1500, len(found.values)) == room_for(1500) - len(found.values)


def test_content_of_other_titles_is_refused() -> None:
    weights, _ = made_up(3)
    _, other = made_up(3, titles=TITLES + 1)
    with pytest.raises(InvalidArgumentError, match="not that of 60 titles"):
        lend(weights, other)
