"""The blender against rules that are known, and against numbers computed another way."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.learning.household import PRIOR, TERMS, Household, regrets, rule
from tests.scale import scaled
from tvbrain.learning import blender
from tvbrain.learning.blender import Belief, Prior, chance, factor, features, fresh, learn, rest

NEW_AND_OF_ITS_TIME = Household(rule(fresh=0.15, era=0.1))
"""Loves what is new and what is of its favourite decade; what others watched does not matter to it."""

FIFTH = 10
"""Slates of a hundred impressions."""


def falls(household: Household, seeds: int, *, learning: bool) -> int:
    """In how many seeds the last hundred impressions' regret is at most three quarters of the first hundred's."""
    count = 0
    for seed in range(seeds):
        found = regrets(household, seed, learning=learning)
        count += sum(found[-FIFTH:]) <= 0.75 * sum(found[:FIFTH])
    return count


def test_regret_falls_over_500_impressions_and_does_not_without_learning() -> None:
    seeds = scaled(100)
    assert falls(NEW_AND_OF_ITS_TIME, seeds, learning=True) >= math.ceil(0.95 * seeds)
    assert falls(NEW_AND_OF_ITS_TIME, seeds, learning=False) <= 0.05 * seeds


def test_a_household_that_answers_as_the_prior_says_loses_little_by_the_learning() -> None:
    as_believed = Household(tuple(3 * w for w in PRIOR.weights))
    seeds = scaled(50)
    late = [sum(regrets(as_believed, s, learning=True)[-FIFTH:]) / FIFTH for s in range(seeds)]
    assert sum(late) / seeds < 0.02  # of a chance of about 0.3


def exact(showings: list[tuple[float, bool]], sd: float, intercept: float) -> tuple[float, float]:
    """Mean and sd of one weight's posterior, by adding up a grid."""
    grid = np.linspace(-6 * sd, 6 * sd, 4001)
    log = -0.5 * (grid / sd) ** 2
    for x, played in showings:
        odds = intercept + x * grid
        log += odds * played - np.logaddexp(0, odds)
    weight = np.exp(log - log.max())
    weight /= weight.sum()
    mean = float((weight * grid).sum())
    return mean, math.sqrt(float((weight * (grid - mean) ** 2).sum()))


@pytest.mark.parametrize("seed", range(5))
def test_the_belief_about_one_weight_is_the_exact_posterior_but_for_a_little(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blender, "OTHER_MEANS", (-1.0, 0.0, 0.0))
    monkeypatch.setattr(blender, "OTHER_SDS", (0.0, 0.0, 0.0))
    draw, prior = random.Random(seed), Prior((0.0,), (0.1,), (-4.0,))
    belief, showings = fresh(prior), []
    for _ in range(200):
        value = draw.random()
        played = draw.random() < 1 / (1 + math.exp(1 - blender.KAPPA * 0.12 * value))
        showings.append((blender.KAPPA * value, played))
        belief = learn(belief, prior, features((value,), 0, 0), played)
    mean, sd = exact(showings, 0.1, -1.0)
    assert belief.mean[0] == pytest.approx(mean, abs=0.15 * sd)
    assert math.sqrt(belief.covariance[0][0]) == pytest.approx(sd, rel=0.05)


def test_what_was_played_becomes_likelier_and_what_was_passed_over_less_likely() -> None:
    x = features((0.05, 0.4, 0, 0.6, 1.0, 0, 0, 0, 0.5, 0, 0, 0), 2, 1)
    before = fresh(PRIOR)
    assert chance(learn(before, PRIOR, x, True), x) > chance(before, x)
    assert chance(learn(before, PRIOR, x, False), x) < chance(before, x)


showing = st.tuples(
    st.lists(st.floats(-8, 8), min_size=TERMS, max_size=TERMS),
    st.integers(0, 199),
    st.integers(0, 60),
    st.booleans(),
    st.floats(0, 1000),
)


@given(st.lists(showing, max_size=30))
def test_whatever_is_shown_the_belief_stays_finite_bounded_and_no_vaguer_than_the_prior(
    showings: list[tuple[list[float], int, int, bool, float]],
) -> None:
    belief = fresh(PRIOR)
    start = np.array(belief.covariance)
    for values, place, row, played, days in showings:
        belief = rest(learn(belief, PRIOR, features(values, place, row), played), PRIOR, days)
    mean, covariance = np.array(belief.mean), np.array(belief.covariance)
    assert np.isfinite(mean).all()
    assert (np.abs(mean[:TERMS]) <= blender.MOST).all()
    assert mean[0] >= PRIOR.least[0]
    assert np.linalg.eigvalsh(start - covariance).min() > -1e-9
    assert np.linalg.eigvalsh(covariance).min() > -1e-9
    assert np.isfinite(np.array([row[-1] for row in factor(belief, TERMS)])).all()
    assert belief.updates == len(showings)


def learned(seed: int, showings: int) -> Belief:
    draw, belief = random.Random(seed), fresh(PRIOR)
    for _ in range(showings):
        values = [draw.random() for _ in range(TERMS)]
        played = draw.random() < 0.2
        belief = learn(belief, PRIOR, features(values, draw.randrange(9), 0), played)
    return belief


def test_the_factor_is_the_root_of_the_covariance_of_the_weights() -> None:
    belief = learned(1, 60)
    rows = factor(belief, TERMS)
    root = np.array([[*row, *[0.0] * (TERMS - len(row))] for row in rows]) / blender.TEMPERATURE
    wanted = np.array(belief.covariance)[:TERMS, :TERMS]
    np.testing.assert_allclose(root @ root.T, wanted, atol=1e-12)


def test_what_was_learned_fades_by_half_in_half_a_year_and_then_wholly() -> None:
    belief, start = learned(2, 100), fresh(PRIOR)
    half = rest(belief, PRIOR, blender.HALF_LIFE)
    for now, then, was in zip(half.mean, belief.mean, start.mean, strict=True):
        assert now - was == pytest.approx((then - was) / 2)
    twice = rest(rest(belief, PRIOR, 20.0), PRIOR, 30.0)
    once = rest(belief, PRIOR, 50.0)
    np.testing.assert_allclose(twice.mean, once.mean)
    np.testing.assert_allclose(twice.covariance, once.covariance)
    faded = rest(belief, PRIOR, 100 * 365.0)
    np.testing.assert_allclose(faded.mean, start.mean, atol=1e-12)
    np.testing.assert_allclose(faded.covariance, start.covariance, atol=1e-12)
    assert rest(belief, PRIOR, -5.0) == belief
