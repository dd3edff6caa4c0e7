"""What every index does, ours or not, against comparing everything in float32."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.index.indexes import MAKERS, Index, best, unit_vectors

KEYS = np.arange(1000, 2500)
VECTORS = unit_vectors(len(KEYS), seed=1)
QUERIES = unit_vectors(40, seed=2)
K = 10


@pytest.fixture(params=MAKERS)
def make(request: pytest.FixtureRequest) -> Callable[[], Index]:
    return MAKERS[request.param]


@pytest.fixture
def full(make: Callable[[], Index]) -> Index:
    index = make()
    index.add(KEYS.tolist(), VECTORS)
    return index


def recall(index: Index, among: set[int], allowed: list[int] | None = None) -> float:
    """The share of the best K of `among` that is found."""
    hits = 0
    for query in QUERIES:
        found = index.search(query, K, allowed)
        assert len(found) == len(set(found)) == min(K, len(among))
        assert set(found) <= among
        hits += len(set(found) & set(best(VECTORS, KEYS, query, K, among)))
    return hits / (len(QUERIES) * min(K, len(among)))


def test_the_best_are_found(full: Index) -> None:
    assert len(full) == len(KEYS)
    assert recall(full, set(KEYS.tolist())) > 0.97


def test_an_empty_index_finds_nothing(make: Callable[[], Index]) -> None:
    index = make()
    assert len(index) == 0
    assert index.search(QUERIES[0], K) == []


def test_fewer_than_k_are_all_found(make: Callable[[], Index]) -> None:
    index = make()
    index.add([7, 8], VECTORS[:2])
    assert sorted(index.search(QUERIES[0], K)) == [7, 8]


@pytest.mark.parametrize("size", [1, K - 1, K, 75, 700])
def test_a_filter_narrows_and_never_costs_answers(full: Index, size: int) -> None:
    allowed = np.random.default_rng(size).choice(KEYS, size, replace=False).tolist()
    assert recall(full, set(allowed), allowed) > 0.97


def test_keys_that_are_not_there_may_be_allowed(full: Index) -> None:
    assert full.search(QUERIES[0], K, [1, 2, 1500]) == [1500]
    assert full.search(QUERIES[0], K, []) == []


def test_what_is_removed_is_not_found_and_the_rest_still_is(full: Index) -> None:
    gone = KEYS[::2].tolist()
    full.remove(gone)
    left = set(KEYS.tolist()) - set(gone)
    assert len(full) == len(left)
    assert recall(full, left) > 0.97
    full.add(gone, VECTORS[::2])
    assert recall(full, set(KEYS.tolist())) > 0.97


def test_everything_can_be_removed(full: Index) -> None:
    full.remove(KEYS.tolist())
    assert len(full) == 0
    assert full.search(QUERIES[0], K) == []


def test_a_saved_index_answers_as_before(full: Index, tmp_path: Path) -> None:
    full.remove(KEYS[:100].tolist())
    other = full.saved_and_loaded(tmp_path)
    assert len(other) == len(full)
    for query in QUERIES:
        assert other.search(query, K) == full.search(query, K)
