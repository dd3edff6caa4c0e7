"""The item-side model on MovieLens latest-small, protocol (a): against dense EASE, and what pruning and int8 cost."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from tests.learning import dense_model
from tests.learning.protocol_a import Fold, Person, Scores, folds, mean_ndcg
from tvbrain.learning.item_model import train_weights
from tvbrain.learning.item_weights import quantise_rows, strongest_of_rows
from tvbrain.pack.ratings import read_ratings
from tvbrain.quality.peers import DenseEase

FULL = os.environ.get("TVBRAIN_TEST_SCALE") == "full"
"""All five folds and what was not chosen; otherwise two folds."""

SINCE = np.arange(3000)
DECAY = 0.85 * 2.0 ** (-SINCE / 5) + 0.15 * 2.0 ** (-SINCE / 100)
"""By the number of positives since."""

Model = Callable[[Person], Scores]


def _recent(weights: csr_matrix) -> Model:
    """Histories weighted by rating and recency."""

    def score(person: Person) -> Scores:
        h = person.liking * DECAY[: len(person.history)][::-1]
        return np.asarray(weights[person.history].T @ h, np.float32).ravel()

    return score


def _ease(fold: Fold, l2: float) -> Model:
    model = DenseEase.train(fold.train, l2=l2)
    return lambda person: model(person.history.tolist()).astype(np.float32)


def _models(fold: Fold) -> dict[str, Model]:
    support = fold.histories.support()
    people = [items.tolist() for items in fold.histories.of_each()]
    full = dense_model.model(people, len(support))
    models: dict[str, Model] = {
        "popularity": lambda person: support.astype(np.float32),
        "float, all weights": _recent(csr_matrix(full.astype(np.float32))),
        "int8, 50 into an item, rows of 128": _recent(train_weights(fold.histories).to_csr()),
        **{f"dense EASE, l2 = {l2}": _ease(fold, l2) for l2 in (100, 200, 400)},
    }
    if FULL:
        models["int8, 40 into an item"] = _recent(train_weights(fold.histories, top=40).to_csr())
        models["int8, 2,000 hubs"] = _recent(train_weights(fold.histories, hubs=2000).to_csr())
        models["float, 50 into an item, norms not restored"] = _recent(_cut(full))
        out = strongest_of_rows(csr_matrix(full.astype(np.float32)), 50)
        models["int8, 50 out of an item"] = _recent(quantise_rows(out).to_csr())
    return models


def _cut(full: dense_model.Matrix) -> csr_matrix:
    return strongest_of_rows(csr_matrix(full.T.astype(np.float32)), 50).T.tocsr()


def _means(shared_data: Path) -> dict[str, float]:
    ratings, broken = read_ratings(shared_data / "ml-latest-small" / "ratings.csv")
    assert (len(ratings), broken) == (100_836, ())
    figures: dict[str, list[float]] = defaultdict(list)
    for fold in folds(ratings)[: None if FULL else 2]:
        for name, model in _models(fold).items():
            figures[name].append(mean_ndcg(fold, model))
    return {name: float(np.mean(values)) for name, values in figures.items()}


@pytest.mark.slow
def test_the_model_beats_dense_ease_and_loses_nothing_by_pruning_and_int8(
    shared_data: Path,
) -> None:
    means = _means(shared_data)
    for name, value in means.items():
        print(f"NDCG@10 {value:.4f}  {name}")  # noqa: T201
    ease = max(value for name, value in means.items() if name.startswith("dense EASE"))
    ours = means["int8, 50 into an item, rows of 128"]
    assert ease > 1.2 * means["popularity"]
    assert means["float, all weights"] > 1.2 * means["popularity"]
    assert ours > 0.97 * means["float, all weights"]
    assert ours > 1.1 * ease
