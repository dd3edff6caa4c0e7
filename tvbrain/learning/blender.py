"""The blender: how much each term of the ranker counts for one profile, learned from what it played of what it was
shown.

Bayesian logistic regression, one showing at a time. A showing's features are the terms' values when it was shown, its
place in the row and its row; its outcome is whether it was played:

    log-odds = intercept + KAPPA x sum of (weight x value) + coefficient x place + coefficient x row

so that the weights are the ranker's own: its score times KAPPA is in log-odds. The belief about the weights is a
Gaussian with its whole covariance. A showing multiplies it by one likelihood; the product is replaced by the Gaussian
at its mode with its curvature there (Laplace; sequentially: Spiegelhalter and Lauritzen 1990), which is exact in all
directions but one. Between showings weights drift: each goes back towards the prior and its variance grows back to the
prior's, as of an Ornstein-Uhlenbeck process, so that what was learned long ago fades and no variance exceeds the
prior's.

Thompson sampling (Chapelle and Li, "An Empirical Evaluation of Thompson Sampling", 2011) is the ranker's part: `factor`
gives it the belief's square root, shrunk by TEMPERATURE (their "posterior reshaping").

Plain Python and pure: no clock, no file, no random number.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul

KAPPA = 16.0
"""Log-odds of being played for one unit of score."""

INTERCEPT, PLACE, ROW = range(3)
OTHERS = 3
"""Coefficients beside the weights, after them: the intercept, the place's and the row's."""

OTHER_MEANS, OTHER_SDS = (-3.0, -0.5, -0.25), (2.0, 0.5, 0.5)
"""Of every twenty showings one is played; further right and further down fewer."""

MOST = 4.0
"""Weights lie within this of 0: what the ranker takes (2^14 in Q12)."""

HALF_LIFE = 180.0
"""Days in which half of what was learned fades."""

TEMPERATURE = 1 / 32
"""Of the sampled deviations. The noise in a fresh profile's scores is then about 2 % of the score that the tenth title
has from co-watching, which costs nothing measurable (docs/ranking.md)."""

Vector = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Prior:
    """What is believed before the first showing: `weights` and `sds`, one a term, in the ranker's order and units, and
    `least`, below which a weight never goes.
    """

    weights: Vector
    sds: Vector
    least: Vector


@dataclass(frozen=True, slots=True)
class Belief:
    """Mean and covariance of the weights, then of OTHERS; the number of showings that went in."""

    mean: Vector
    covariance: tuple[Vector, ...]
    updates: int = 0


def fresh(prior: Prior) -> Belief:
    """The belief of somebody of whom nothing is known."""
    sds = (*prior.sds, *OTHER_SDS)
    size = len(sds)
    rows = tuple(tuple(sd * sd if i == j else 0.0 for j in range(size)) for i, sd in enumerate(sds))
    return Belief((*prior.weights, *OTHER_MEANS), rows)


def features(values: Sequence[float], place: int, row: int) -> Vector:
    """Of a title with these values of its terms at `place` (0 is first) of row `row` of a screen."""
    return (*(KAPPA * value for value in values), 1.0, math.log2(1 + place) / 4, min(row, 8) / 8)


def chance(belief: Belief, x: Vector) -> float:
    """The probability of being played, by the mean weights."""
    return _logistic(_dot(belief.mean, x))


def learn(belief: Belief, prior: Prior, x: Vector, played: bool) -> Belief:
    """The belief after one showing with features `x`."""
    spread = tuple(_dot(row, x) for row in belief.covariance)
    variance = max(_dot(spread, x), 0.0)
    centre = _dot(belief.mean, x)
    odds = _mode(centre, variance, 1.0 if played else 0.0)
    p = _logistic(odds)
    step = (1.0 if played else 0.0) - p
    curvature = p * (1.0 - p)
    shrink = curvature / (1.0 + curvature * variance)
    mean = tuple(m + step * s for m, s in zip(belief.mean, spread, strict=True))
    covariance = tuple(
        _less(row, shrink * s, spread) for row, s in zip(belief.covariance, spread, strict=True)
    )
    return Belief(_within(prior, mean), covariance, belief.updates + 1)


def rest(belief: Belief, prior: Prior, days: float) -> Belief:
    """The belief after `days` without a showing; time that ran back counts as none."""
    kept = 0.5 ** (max(days, 0.0) / HALF_LIFE)
    if kept == 1.0:
        return belief
    start, square = (*prior.weights, *OTHER_MEANS), kept * kept
    mean = [s + kept * (m - s) for m, s in zip(belief.mean, start, strict=True)]
    rows = [[square * c for c in row] for row in belief.covariance]
    for at, sd in enumerate((*prior.sds, *OTHER_SDS)):
        rows[at][at] += (1.0 - square) * (sd * sd)
    return Belief(tuple(mean), tuple(tuple(row) for row in rows), belief.updates)


def rebased(belief: Belief, old: Prior, new: Prior) -> Belief:
    """The same evidence around another prior.

    A belief is its prior and its evidence, added up in precision and in precision x mean; the old prior's numbers are
    taken away and the new one's added, a term at a time. Exact for what was learned without `rest` between; what has
    faded did so towards the old prior.
    """
    mean, rows = belief.mean, belief.covariance
    pairs = zip(old.weights, old.sds, new.weights, new.sds, strict=True)
    for term, (old_mean, old_sd, new_mean, new_sd) in enumerate(pairs):
        if (old_mean, old_sd) == (new_mean, new_sd):
            continue
        before, after = old_sd**-2, new_sd**-2
        more = after - before
        pull = after * new_mean - before * old_mean - more * mean[term]
        column = rows[term]
        # No variance exceeds the prior's, so that only rounding could take this below the least.
        scale = 1.0 / max(1.0 + more * column[term], min(1.0, after / before))
        mean = tuple(m + pull * scale * c for m, c in zip(mean, column, strict=True))
        rows = tuple(
            tuple(c - more * scale * column[i] * t for c, t in zip(row, column, strict=True))
            for i, row in enumerate(rows)
        )
    return Belief(_within(new, mean), rows, belief.updates) if old != new else belief


def deviations(belief: Belief, terms: int) -> Vector:
    """The standard deviation of each weight."""
    return tuple(math.sqrt(max(belief.covariance[t][t], 0.0)) for t in range(terms))


def factor(belief: Belief, terms: int) -> tuple[Vector, ...]:
    """The lower triangle L of the weights' covariance = L L' (Cholesky), times TEMPERATURE, row by row.

    A direction without variance, also one that rounding made negative, gets zeros.
    """
    rows: list[list[float]] = []
    for i in range(terms):
        row: list[float] = []
        for j in range(i):
            left = belief.covariance[i][j] - sum(map(mul, row, rows[j]))
            row.append(left / rows[j][j] if rows[j][j] > 0.0 else 0.0)
        row.append(math.sqrt(max(belief.covariance[i][i] - sum([a * a for a in row]), 0.0)))
        rows.append(row)
    return tuple(tuple(TEMPERATURE * value for value in row) for row in rows)


def _within(prior: Prior, mean: Vector) -> Vector:
    """The mean with every weight brought into its bounds."""
    terms = len(prior.least)
    weights = zip(mean[:terms], prior.least, strict=True)
    return (*(max(least, min(weight, MOST)) for weight, least in weights), *mean[terms:])


def _mode(centre: float, variance: float, outcome: float) -> float:
    """Where N(odds; centre, variance) x likelihood is largest: by halving, as both sides are monotone."""
    low, high = centre - variance * (1.0 - outcome), centre + variance * outcome
    for _ in range(60):
        middle = (low + high) / 2
        if middle - centre < variance * (outcome - _logistic(middle)):
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _logistic(odds: float) -> float:
    if odds >= 0:
        return 1.0 / (1.0 + math.exp(-min(odds, 700.0)))
    e = math.exp(max(odds, -700.0))
    return e / (1.0 + e)


def _less(row: Vector, factor: float, of: Vector) -> Vector:
    return tuple([c - factor * t for c, t in zip(row, of, strict=True)])


def _dot(a: Sequence[float], b: Sequence[float]) -> float:
    return math.fsum([x * y for x, y in zip(a, b, strict=True)])
