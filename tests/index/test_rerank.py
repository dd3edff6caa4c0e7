"""The second look of an ItemIndex: what the int8 rows leave out brings the order of float32 back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.containers import rewritten
from tests.index.indexes import DIMENSION, unit_vectors
from tests.places import ROOT
from tvbrain.embed.quantise import Float32s, Space, similarity_q20
from tvbrain.embed.residual import Residuals, residuals, similarity_q48
from tvbrain.errors import CorruptFileError
from tvbrain.index import By, ItemIndex

GOLDEN = ROOT / "tests" / "golden" / "index-1.1.tvi"
VECTORS = unit_vectors(600, seed=3)
KEYS = np.arange(1, 601, dtype=np.uint64)


def oracle(space: Space, vectors: Float32s, query: Float32s) -> NDArray[np.int64]:
    """Scores of every vector, Q48."""
    asked, items = space.quantise(query[None]), space.quantise(vectors)
    of_query, of_items = residuals(space, query[None], asked), residuals(space, vectors, items)
    scores: NDArray[np.int64] = similarity_q48(asked, of_query, items, of_items)[0]
    return scores


def recall(index: ItemIndex, vectors: Float32s, queries: Float32s, k: int, by: By) -> float:
    hits = 0
    for query in queries:
        right = np.argsort(-(vectors.astype(np.float64) @ query), kind="stable")[:k] + 1
        hits += len(np.intersect1d(index.search(query, k, by=by).keys, right))
    return hits / (k * len(queries))


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    count=st.integers(1, 300),
    dimension=st.sampled_from([32, 96, 384, 1024]),
    k=st.integers(0, 75),
    length=st.sampled_from([1e-9, 1e-3, 1.0]),
)
def test_the_best_are_those_of_the_oracle(
    seed: int, count: int, dimension: int, k: int, length: float
) -> None:
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(count + 1, dimension))
    vectors *= length / np.linalg.norm(vectors, axis=1, keepdims=True)
    stored, query = vectors[:-1].astype(np.float32), vectors[-1].astype(np.float32)
    stored[0] = stored[-1]
    index = ItemIndex.of(range(1, count + 1), stored, graph=False, rerank=True)
    space = index.space()
    first = similarity_q20(space.quantise(query[None]), space.quantise(stored))[0]
    looked_at = np.lexsort((np.arange(count), -first))[: max(64, 4 * k)]
    scores = oracle(space, stored, query)
    order = looked_at[np.lexsort((looked_at, -scores[looked_at]))][:k]
    found = index.search(query, k)
    assert found.exact
    assert found.keys.tolist() == (order + 1).tolist()
    mean = space.mean.astype(np.float64)
    np.testing.assert_allclose(found.scores, scores[order] / 2.0**48 - mean @ mean, atol=1e-6)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32), heaps=st.integers(1, 40))
def test_more_of_the_best_are_found_whatever_the_vectors(seed: int, heaps: int) -> None:
    vectors = unit_vectors(2020, seed, heaps)
    stored, queries = vectors[:2000], vectors[2000:]
    plain = ItemIndex.of(range(1, 2001), stored, graph=False)
    again = ItemIndex.of(range(1, 2001), stored, graph=False, rerank=True)
    with_rerank = recall(again, stored, queries, 50, By.SCAN)
    assert with_rerank >= 0.999
    assert with_rerank >= recall(plain, stored, queries, 50, By.SCAN)


def test_the_scores_are_those_of_float32_to_six_digits() -> None:
    query = unit_vectors(1, seed=4)[0]
    by_key = VECTORS.astype(np.float64) @ query.astype(np.float64)

    def worst(rerank: bool) -> float:
        found = ItemIndex.of(KEYS, VECTORS, rerank=rerank).search(query, 100, by=By.SCAN)
        return float(np.abs(found.scores - by_key[found.keys.astype(int) - 1]).max())

    assert worst(rerank=True) < 1e-5
    assert worst(rerank=False) > 1e-4


def test_extreme_vectors_are_scored_without_overflow() -> None:
    space = Space(np.zeros(1024, np.float32), seed=1)
    rows = np.zeros((6, 1024), np.float32)
    rows[0, 0], rows[1, 0] = 1, -1
    rows[2] = 1 / 32
    rows[3] = -rows[2]
    rows[4, 0] = 1e-30
    index = ItemIndex(space, graph=False, rerank=True)
    index.add(range(1, 7), rows)
    for query in rows:
        scores = oracle(space, rows, query)
        order = np.lexsort((np.arange(6), -scores))
        found = index.search(query, 6)
        assert found.keys.tolist() == (order + 1).tolist()
        np.testing.assert_allclose(found.scores, rows[order] @ query, atol=1e-5)


def test_a_filter_and_the_graph_are_kept_to() -> None:
    index = ItemIndex.of(KEYS, VECTORS, rerank=True, m=16)
    assert recall(index, VECTORS, unit_vectors(20, seed=5), 50, By.GRAPH) > 0.99
    allowed = KEYS[::7]
    for query in unit_vectors(5, seed=6):
        scores = oracle(index.space(), VECTORS[::7], query)
        order = np.lexsort((np.arange(len(scores)), -scores))[:25]
        assert index.search(query, 25, allowed=allowed).keys.tolist() == allowed[order].tolist()


def test_a_vector_that_is_replaced_or_removed_leaves_nothing_behind() -> None:
    index = ItemIndex(Space(np.zeros(DIMENSION, np.float32), seed=1), graph=False, rerank=True)
    index.add(KEYS[:80], VECTORS[:80])
    index.remove(KEYS[10:30])
    index.add(KEYS[20:50], VECTORS[520:550])
    held = {int(key): VECTORS[key - 1] for key in range(1, 81) if not 11 <= key <= 50}
    held |= {int(key): VECTORS[key + 499] for key in range(21, 51)}
    keys = np.array(sorted(held))
    query = VECTORS[300]
    scores = oracle(index.space(), np.stack([held[key] for key in keys.tolist()]), query)
    found = index.search(query, 60)
    assert found.keys.tolist() == keys[np.argsort(-scores, kind="stable")][:60].tolist()


def test_a_saved_index_answers_as_before_also_when_it_was_empty(tmp_path: Path) -> None:
    index = ItemIndex(Space(np.zeros(DIMENSION, np.float32), seed=1), rerank=True, m=4)
    index.save(tmp_path / "empty.tvi")
    loaded = ItemIndex.load(tmp_path / "empty.tvi")
    assert loaded.reranks
    for one in (index, loaded):
        one.add(KEYS, VECTORS)
    loaded.save(tmp_path / "full.tvi")
    full = ItemIndex.load(tmp_path / "full.tvi")
    assert full.reranks
    for query in VECTORS[:20]:
        asked = index.search(query, 30)
        given = full.search(query, 30)
        assert given.keys.tolist() == asked.keys.tolist()
        assert given.scores.tolist() == asked.scores.tolist()


def test_without_it_the_file_is_as_it_was(tmp_path: Path) -> None:
    for rerank, minor in ((False, 0), (True, 1)):
        index = ItemIndex.of(KEYS[:9], VECTORS[:9], rerank=rerank)
        index.save(tmp_path / "index.tvi")
        whole = (tmp_path / "index.tvi").read_bytes()
        assert whole[10] == minor
        assert (b"VECR" in whole) == (b"VRSC" in whole) == rerank


def test_a_damaged_file_is_refused_wherever_a_byte_is_flipped(tmp_path: Path) -> None:
    path = tmp_path / "index.tvi"
    ItemIndex.of(KEYS[:40], VECTORS[:40], rerank=True, graph=False).save(path)
    whole = path.read_bytes()
    for at in range(0, len(whole), 7):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :])
        with pytest.raises(CorruptFileError):
            ItemIndex.load(path)


def test_residuals_that_do_not_fit_the_vectors_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "index.tvi"
    ItemIndex.of(KEYS[:40], VECTORS[:40], rerank=True, graph=False).save(path)
    whole = path.read_bytes()
    path.write_bytes(rewritten(whole, {}))
    assert len(ItemIndex.load(path)) == 40
    wrong: list[dict[str, bytes | None]] = [
        {"VECR": None},
        {"VRSC": None},
        {"VECR": bytes(64 * 39)},
        {"VRSC": bytes(4 * 41)},
        {"VRSC": bytes(4 * 39) + (1 << 27).to_bytes(4, "little")},
        {"VRSC": b"\xff" * 160},
    ]
    for changed in wrong:
        path.write_bytes(rewritten(whole, changed))
        with pytest.raises(CorruptFileError):
            ItemIndex.load(path)
    path.write_bytes(rewritten(whole, {"VECR": b"\x80" * 2560, "VRSC": b"\xff\xff\xff\x07" * 40}))
    assert len(ItemIndex.load(path).search(VECTORS[0], 40).keys) == 40


def test_the_first_sample_with_residuals_still_reads() -> None:
    index = ItemIndex.load(GOLDEN)
    assert len(index) == 37
    assert index.reranks
    assert 4 not in index
    found = index.search(VECTORS[10], 5)
    assert found.keys[0] == 11
    by_key = VECTORS.astype(np.float64) @ VECTORS[10].astype(np.float64)
    np.testing.assert_allclose(found.scores, by_key[found.keys.astype(int) - 1], atol=1e-5)


@pytest.mark.parametrize("dimension", [32, 96, 384, 640, 1024])
def test_residuals_hold_what_the_rows_leave_out(dimension: int) -> None:
    random = np.random.default_rng(dimension)
    vectors = random.normal(size=(50, dimension)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    space = Space.fit(vectors, seed=dimension)
    made = space.quantise(vectors)
    rest: Residuals = residuals(space, vectors, made)
    rotated = space.rotation.apply(vectors - space.mean)
    kept = made.rows * (made.scale_q30 / 2.0**30)[:, None]
    kept += rest.rows * (rest.scale_q40 / 2.0**40)[:, None]
    assert np.abs(rotated - kept).max() < made.scale_q30.max() / 2.0**30 / 250
    assert rest.scale_q40.max() < 1 << 27
