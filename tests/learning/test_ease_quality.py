"""What pruning and int8 cost, on MovieLens latest-small with protocol (a)."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tests.learning.protocol_a import Fold, Scores, folds, mean_ndcg
from tvbrain.learning.ease import (
    inverse_gram,
    quantise_rows,
    strongest_into,
    strongest_of_rows,
    train_weights,
)
from tvbrain.pack.ratings import read_ratings

FULL = os.environ.get("TVBRAIN_TEST_SCALE") == "full"
"""All five folds and the pruning that was not chosen; otherwise two folds."""

Model = Callable[[NDArray[np.int64]], Scores]


def _sparse(weights: csr_matrix) -> Model:
    def score(history: NDArray[np.int64]) -> Scores:
        scores: Scores = np.asarray(weights[history].sum(axis=0), np.float32).ravel()
        return scores

    return score


def _constant(scores: Scores) -> Model:
    return lambda history: scores


def _models(fold: Fold) -> dict[str, Model]:
    support = np.asarray(fold.train.sum(axis=0), np.float32).ravel()
    kept, items = np.flatnonzero(support >= 2), len(support)
    inverse = inverse_gram(fold.train[:, kept], 400.0)
    rows, columns, values = strongest_into(inverse, 50)
    pruned = csr_matrix((values, (kept[rows], kept[columns])), shape=(items, items))
    dense = -inverse / np.diag(inverse)
    np.fill_diagonal(dense, 0.0)
    place = np.full(items, -1)
    place[kept] = np.arange(len(kept))

    def unpruned(history: NDArray[np.int64]) -> Scores:
        scores = np.zeros(items, np.float32)
        watched = place[history]
        scores[kept] = dense[watched[watched >= 0]].sum(axis=0)
        return scores

    models = {
        "popularity": _constant(support),
        "float, all weights": unpruned,
        "float, 50 into an item": _sparse(pruned),
        "int8, 50 into an item, rows of 128": _sparse(train_weights(fold.train).to_csr()),
    }
    if FULL:
        out = strongest_of_rows(csr_matrix(dense), 50).tocoo()
        chosen = csr_matrix((out.data, (kept[out.row], kept[out.col])), shape=(items, items))
        models["int8, 50 out of an item"] = _sparse(quantise_rows(chosen).to_csr())
    return models


@pytest.mark.slow
def test_pruned_int8_weights_rank_as_well_as_all_float_weights(shared_data: Path) -> None:
    ratings, broken = read_ratings(shared_data / "ml-latest-small" / "ratings.csv")
    assert (len(ratings), broken) == (100_836, ())
    figures: dict[str, list[float]] = defaultdict(list)
    for fold in folds(ratings)[: None if FULL else 2]:
        for name, model in _models(fold).items():
            figures[name].append(mean_ndcg(fold, model))
    means = {name: float(np.mean(values)) for name, values in figures.items()}
    for name, value in means.items():
        print(f"NDCG@10 {value:.4f}  {name}")  # noqa: T201
    assert means["float, all weights"] > 1.2 * means["popularity"]
    assert means["float, 50 into an item"] > 0.97 * means["float, all weights"]
    assert means["int8, 50 into an item, rows of 128"] > 0.97 * means["float, all weights"]
