"""The peers are what their names say."""

from __future__ import annotations

import numpy as np
import pytest

from tvbrain.learning.histories import Histories
from tvbrain.quality.metrics import chance, ndcg
from tvbrain.quality.peers import DenseEase, best, item_knn, nearest_text, popularity


def test_dense_ease_is_the_closed_form() -> None:
    random = np.random.default_rng(1)
    people = [random.choice(12, size=5, replace=False).tolist() for _ in range(9)]
    train = Histories.of(people, 12).matrix()
    inverse = np.linalg.inv(train.toarray().T @ train.toarray() + 3.0 * np.eye(12))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    scores = DenseEase.train(train, l2=3.0)([4, 7, 0])
    assert scores == pytest.approx(weights[[4, 7, 0]].sum(axis=0))


def test_item_knn_is_the_shrunk_cosine_to_the_nearest() -> None:
    train = Histories.of([[0, 1], [0, 1], [0, 2], [1]], 3).matrix()
    whole = item_knn(train, shrink=1.0, k=2)([0])
    assert whole == pytest.approx([0, 2 / (3 + 1), 1 / (np.sqrt(3) + 1)])
    assert item_knn(train, shrink=1.0, k=1)([2])[1] == 0.0


def test_the_nearest_watched_title_decides_by_text() -> None:
    vectors = np.array([[1, 0], [0.6, 0.8], [0, 1]], np.float32)
    assert nearest_text(vectors)([0, 2]) == pytest.approx([1.0, 0.8, 1.0])


def test_the_best_leave_out_what_was_seen_and_put_the_lower_row_first() -> None:
    counts = popularity(Histories.of([[0, 1, 2], [2, 1], [3]], 5).matrix())([])
    assert best(counts, [1]).tolist() == [2, 0, 3, 4]


def test_training_on_the_tested_people_shows_in_the_negative_control() -> None:
    """People with titles drawn at random: above chance only for a model that has seen the targets."""
    random = np.random.default_rng(2)
    lives = [random.choice(400, size=20, replace=False).tolist() for _ in range(60)]
    means = []
    for train in (Histories.of(lives[30:], 400).matrix(), Histories.of(lives, 400).matrix()):
        model = DenseEase.train(train, l2=10.0)
        lists = [best(model(life[:16]), life[:16]) for life in lives[:30]]
        hits = [ndcg(top, set(life[16:])) for top, life in zip(lists, lives[:30], strict=True)]
        means.append(float(np.mean(hits)))
    assert means[0] < 3 * chance(384, 4)
    assert means[1] > 0.9
