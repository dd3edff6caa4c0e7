"""A belief moved to another prior is what the same evidence would have taught under it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.learning.household import PRIOR, TERMS
from tvbrain.learning import blender
from tvbrain.learning.blender import Belief, Prior, features, fresh, learn, rebased
from tvbrain.learning.training import belief_of, prior_of
from tvbrain.store.blends import Blend
from tvbrain.store.snapshot import default_weights

SIZE = TERMS + blender.OTHERS
KNOWN = [i for i in range(SIZE) if i != 7]  # exploration has no variance and is not learned
Evidence = Sequence[tuple[NDArray[np.float64], float]]

MEANS = st.lists(st.floats(-1, 1), min_size=TERMS, max_size=TERMS)
SDS = st.lists(st.floats(0.02, 2), min_size=TERMS, max_size=TERMS)
VECTORS = st.lists(st.floats(-2, 2), min_size=SIZE, max_size=SIZE).map(np.array)
EVIDENCE = st.lists(st.tuples(VECTORS, st.floats(-1, 1)), max_size=6)


def prior(means: Sequence[float], sds: Sequence[float]) -> Prior:
    """Without bounds, as the linear model has none."""
    own = [*sds[:7], 0.0, *sds[8:]]
    return Prior((*means[:7], 0.0, *means[8:]), tuple(own), (-4.0,) * TERMS)


def learned(start: Prior, evidence: Evidence) -> Belief:
    """Of a linear model with noise of deviation 1: precision and precision x mean, added up."""
    before = fresh(start)
    known = np.ix_(KNOWN, KNOWN)
    precision = np.linalg.inv(np.array(before.covariance)[known])
    pull = precision @ np.array(before.mean)[KNOWN]
    for x, y in evidence:
        precision = precision + np.outer(x[KNOWN], x[KNOWN])
        pull = pull + y * x[KNOWN]
    covariance, mean = np.zeros((SIZE, SIZE)), np.zeros(SIZE)
    covariance[known] = np.linalg.inv(precision)
    mean[KNOWN] = np.linalg.solve(precision, pull)
    rows = tuple(tuple(float(c) for c in row) for row in covariance)
    return Belief(tuple(float(m) for m in mean), rows, len(evidence))


@given(st.builds(prior, MEANS, SDS), st.builds(prior, MEANS, SDS), EVIDENCE)
def test_rebasing_is_having_learned_the_same_evidence_under_the_new_prior(
    old: Prior, new: Prior, evidence: Evidence
) -> None:
    wanted = learned(new, evidence)
    moved = rebased(learned(old, evidence), old, new)
    cut = [max(-4.0, min(4.0, mean)) for mean in wanted.mean[:TERMS]]
    np.testing.assert_allclose(moved.mean[:TERMS], cut, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(moved.mean[TERMS:], wanted.mean[TERMS:], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(moved.covariance, wanted.covariance, rtol=1e-5, atol=1e-6)
    assert moved.updates == len(evidence)


def test_a_belief_without_evidence_becomes_the_new_prior() -> None:
    new = Prior((0.5, *PRIOR.weights[1:]), (0.5, *PRIOR.sds[1:]), PRIOR.least)
    moved, wanted = rebased(fresh(PRIOR), PRIOR, new), fresh(new)
    np.testing.assert_allclose(moved.mean, wanted.mean)
    np.testing.assert_allclose(moved.covariance, wanted.covariance)


def test_the_same_prior_changes_no_bit() -> None:
    belief = learn(fresh(PRIOR), PRIOR, features((0.1,) * TERMS, 1, 0), True)
    assert rebased(belief, PRIOR, PRIOR) == belief


def stored(belief: Belief, around: tuple[float, ...]) -> Blend:
    triangle = (c for i, row in enumerate(belief.covariance) for c in row[: i + 1])
    return Blend(TERMS, 1, belief.updates, 1, (*belief.mean, *triangle), around)


def assert_same(one: Belief, other: Belief) -> None:
    np.testing.assert_allclose(one.mean, other.mean, atol=1e-9)
    np.testing.assert_allclose(one.covariance, other.covariance, atol=1e-9)


def test_a_stored_belief_is_read_around_the_packs_prior() -> None:
    built_in = prior_of(default_weights())
    packs = prior_of([2048, *default_weights()[1:]], [4.0, *[0.0] * (TERMS - 1)])
    assert packs.sds == (0.5, *built_in.sds[1:])
    belief = learn(fresh(built_in), built_in, features((0.5,) * TERMS, 0, 0), False)
    wanted = rebased(belief, built_in, packs)
    assert_same(belief_of(stored(belief, (*built_in.weights, *built_in.sds)), packs), wanted)
    assert_same(belief_of(stored(wanted, (*packs.weights, *packs.sds)), packs), wanted)
    assert belief_of(None, packs) == fresh(packs)


def test_a_stored_belief_that_does_not_tell_its_prior_is_around_the_built_in_one() -> None:
    built_in = prior_of(default_weights())
    packs = prior_of([2048, *default_weights()[1:]], [4.0, *[0.0] * (TERMS - 1)])
    belief = learn(fresh(built_in), built_in, features((0.5,) * TERMS, 0, 0), False)
    assert_same(belief_of(stored(belief, ()), built_in), belief)
    assert_same(belief_of(stored(belief, ()), packs), rebased(belief, built_in, packs))
