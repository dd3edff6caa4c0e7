"""How much may lead to a title, by how many sets told it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from tvbrain.constellation.alike import ALIKE, PERCENTILE, usual
from tvbrain.constellation.exposure import bounded
from tvbrain.learning.item_weights import ItemWeights, quantise_rows


def made(seed: int, titles: int = 60) -> tuple[ItemWeights, np.ndarray]:
    random = np.random.default_rng(seed)
    weights = random.normal(0.2, 1.0, (titles, titles)) * (random.random((titles, titles)) < 0.3)
    return quantise_rows(csr_matrix(weights.astype(np.float32))), random.integers(0, 40, titles)


def exposed(weights: ItemWeights, support: np.ndarray) -> np.ndarray:
    found: np.ndarray = support @ np.maximum(weights.to_csr().toarray(), 0.0)
    return found


@given(st.integers(0, 999))
def test_no_title_is_led_to_more_than_is_usual(seed: int) -> None:
    weights, support = made(seed)
    most = usual(exposed(weights, support), support.astype(np.float64))
    found = exposed(bounded(weights, support), support)
    rounding = support @ (weights.scale[:, None] / 2 * (weights.to_csr().toarray() != 0))
    assert (found <= most + rounding + 1e-6).all()


@given(st.integers(0, 999))
def test_what_leads_to_a_title_keeps_its_proportions_and_the_rest_stays(seed: int) -> None:
    weights, support = made(seed)
    before, after = weights.to_csr().toarray(), bounded(weights, support).to_csr().toarray()
    most = usual(exposed(weights, support), support.astype(np.float64))
    with np.errstate(divide="ignore"):
        factor = np.minimum(1.0, most / exposed(weights, support))
    half = weights.scale[:, None] / 2
    assert (np.abs(after - before * factor) <= half * 1.01 + 1e-6).all()


@given(st.integers(0, 999))
def test_what_is_usual_rises_with_support(seed: int) -> None:
    random = np.random.default_rng(seed)
    support = random.integers(0, 30, 80).astype(np.float64)
    most = usual(random.random(80), support)
    assert np.isinf(most[support == 0]).all()
    order = np.argsort(support, kind="stable")
    known = most[order][support[order] > 0]
    assert (np.diff(known) >= 0).all()


def test_many_titles_that_are_promoted_at_once_do_not_pass_what_better_known_ones_have() -> None:
    titles = 400
    support = np.repeat([5.0, 50.0], titles // 2)
    led_to = np.where(support == 5.0, 1.0, 10.0)
    assert usual(led_to, support)[: titles // 2].max() <= 10.0
    led_to[: titles // 2] = 1_000.0  # all of those that few sets told
    assert usual(led_to, support).max() == 10.0


def test_a_promoted_title_gets_what_the_90th_of_100_like_it_has() -> None:
    titles = 10 * ALIKE
    support = np.full(titles, 7.0)
    led_to = np.tile(np.arange(1.0, 101.0), titles // 100)
    before = usual(led_to, support)[0]
    led_to[0] = 1e6
    assert usual(led_to, support)[0] <= before + 1.0
    assert before == pytest.approx(PERCENTILE, abs=1.0)
