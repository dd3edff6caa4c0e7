"""Metrics against numbers worked out by hand, and NDCG against the reference protocol's."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.learning import protocol_a
from tvbrain.learning.histories import Histories
from tvbrain.quality.compare import interval, paired
from tvbrain.quality.metrics import (
    Facts,
    accuracy,
    by_third,
    calibration,
    chance,
    diversity,
    manner,
    ndcg,
    thirds,
)
from tvbrain.quality.peers import best


def test_accuracy_by_hand() -> None:
    top = np.array([7, 3, 9, 1, *range(100, 116), 5])
    found = accuracy(top, {3, 1, 5})
    ideal = 1 + 1 / math.log2(3) + 1 / math.log2(4)
    assert found["ndcg@10"] == pytest.approx((1 / math.log2(3) + 1 / math.log2(5)) / ideal)
    assert found["recall@20"] == pytest.approx(2 / 3)
    assert (found["hr@10"], found["mrr@20"]) == (1.0, 0.5)
    assert set(accuracy(np.array([8]), {2}).values()) == {0.0}


@given(st.integers(0, 10_000))
def test_ndcg_is_that_of_the_reference_protocol(seed: int) -> None:
    random = np.random.default_rng(seed)
    titles = random.permutation(50)
    history, target = titles[: random.integers(1, 20)], titles[20 : random.integers(21, 45)]
    scores = random.integers(0, 8, 50).astype(np.float32)
    reference = protocol_a.ndcg(
        scores,
        protocol_a.Person(history, np.ones(len(history), np.float32), frozenset(target.tolist())),
    )
    assert ndcg(best(scores.astype(np.float64), history.tolist()), set(target.tolist())) == (
        pytest.approx(reference)
    )


def test_chance_is_the_mean_over_random_orders() -> None:
    random = np.random.default_rng(0)
    drawn = [ndcg(random.permutation(30)[:10], set(range(12))) for _ in range(4000)]
    assert np.mean(drawn) == pytest.approx(chance(30, 12), rel=0.02)


def test_thirds_hold_a_third_of_the_positives_each() -> None:
    assert thirds(np.array([0.0, 1, 5, 2, 4])).tolist() == [2, 2, 0, 2, 1]
    values = by_third(np.array([2, 0]), {2, 4}, np.array([2, 2, 0, 2, 1]))
    assert (values["ndcg@10.head"], values["ndcg@10.middle"]) == (1.0, 0.0)
    assert math.isnan(values["ndcg@10.tail"])


def test_diversity_is_one_minus_the_mean_cosine_of_genres() -> None:
    genres = np.array([[1.0, 0], [1, 0], [0, 1]])
    assert diversity(genres) == pytest.approx(1 - 1 / 3)
    assert diversity(genres[:1]) == 0.0


def test_calibration_by_hand() -> None:
    history, shown = np.array([[1.0, 0], [1, 1]]), np.array([[1.0, 0]])
    q = (0.99 * 1 + 0.01 * 0.75, 0.01 * 0.25)
    expected = 0.75 * math.log(0.75 / q[0]) + 0.25 * math.log(0.25 / q[1])
    assert calibration(history, shown) == pytest.approx(expected)
    assert calibration(history, history) == pytest.approx(0.0, abs=1e-12)


def test_novelty_is_the_bits_of_the_share_of_people() -> None:
    facts = Facts.of(np.ones((2, 1)), Histories.of([[0], [0], [0]], 2).matrix())
    assert manner(np.array([0, 1]), [0], facts)["novelty"] == pytest.approx((0 + 2) / 2)


def test_a_paired_interval_is_narrower_than_the_people_differ() -> None:
    random = np.random.default_rng(3)
    b = random.random(400)
    gap = paired(b + 0.01 + random.normal(0, 0.001, 400), b)
    assert gap.low < 0.01 < gap.high
    assert gap.high - gap.low < 0.001
    assert gap.n == 400
    low, high = interval(b)
    assert high - low > 0.03


def test_people_without_a_value_are_left_out_of_the_pairs() -> None:
    gap = paired(np.array([1.0, np.nan, 3.0]), np.array([0.0, 5.0, 1.0]))
    assert (gap.n, gap.mean, gap.ratio) == (2, 1.5, 4.0)
