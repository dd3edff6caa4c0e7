"""What a candidate would have been worth, from what was shown under another configuration (off-policy evaluation).

A showing is a place of a slate with the values of its terms, how much it was like one that stood before it, the
probability with which the policy chose it (propensity), and whether it was played. A candidate ranks by other weights
and another loss for alike ones, so a title's worth moves by d = (candidate - incumbent) . values - (its loss - the
incumbent's) x alike; in units of the spread s of scores on the log, its log-odds of being shown move by
d / s. A showing then counts

    w = min(CLIP, logistic(logit(p) + d / s) / p)

(inverse propensity weighting, Horvitz and Thompson 1952; clipped: Ionides 2008, Bottou et al. 2013). Titles that the
policy was sure of (p near 1) are judged by even odds, p = EVEN: what would have taken their place is not on the log, so
the answer is how much better it is to show more of what the candidate prefers among what was shown. The estimate is
self-normalised (SNIPS: Swaminathan and Joachims 2015), of the reward beyond what is usual at a place of a row (a
control variate that takes position bias out), and its error is that of a ratio over whole days, since plays of a day go
together. Effective sample size (Kong 1992): (sum of w)^2 / sum of w^2.

numpy, pure: no clock, no file, no random number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CLIP = 10.0
EVEN = 0.5
LEAST_PROPENSITY = 1 / 16
"""What the ranker tells at least (docs/ranking.md)."""

PLACES, ROWS = 10, 8
"""Places of a row and rows that have a usual reward of their own; later ones share the last."""

PRIOR_SHOWINGS = 20.0
"""A place's usual reward is that of all, until so many showings there say otherwise as much."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Log:
    """Showings, n of them: to `profile` [n]; `values` [n, terms] as the score had them; `alike` [n], 0 to 1, how like
    one that stood before it; `place` [n] and `row` [n] from 0; `propensity` [n] above 0 to 1 (NaN: unknown), `played`
    [n] 0 or 1, `day` [n] of the showing.
    """

    profile: NDArray[np.int64]
    values: Floats
    alike: Floats
    place: NDArray[np.int64]
    row: NDArray[np.int64]
    propensity: Floats
    played: Floats
    day: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.played)

    def where(self, chosen: NDArray[np.bool_]) -> Log:
        return Log(
            self.profile[chosen],
            self.values[chosen],
            self.alike[chosen],
            self.place[chosen],
            self.row[chosen],
            self.propensity[chosen],
            self.played[chosen],
            self.day[chosen],
        )


@dataclass(frozen=True, slots=True)
class Estimate:
    """`gain`: reward a showing beyond the incumbent's, with its standard `error`; `reward`: the incumbent's own.
    `showings` were judged, worth `effective` of one's own; of `days` days.
    """

    gain: float
    error: float
    reward: float
    effective: float
    showings: int
    days: int

    @property
    def sure(self) -> float:
        """How many standard errors the gain is above 0."""
        return self.gain / self.error if self.error > 0 else 0.0


def usual(log: Log) -> Floats:
    """The mean reward at each place of each row [ROWS, PLACES]."""
    row, place = cells(log)
    mean = float(log.played.mean()) if len(log) else 0.0
    count = np.full((ROWS, PLACES), PRIOR_SHOWINGS)
    total = np.full((ROWS, PLACES), PRIOR_SHOWINGS * mean)
    np.add.at(count, (row, place), 1.0)
    np.add.at(total, (row, place), log.played)
    return np.asarray(total / count)


def cells(log: Log) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Row and place of each showing, as `usual` has them."""
    return np.minimum(log.row, ROWS - 1), np.minimum(log.place, PLACES - 1)


def beyond(log: Log, of: Floats) -> Floats:
    """Each showing's reward less what is usual at its place."""
    return np.asarray(log.played - of[cells(log)])


def spread(scores: Floats) -> float:
    """The spread of the scores of a log; 1 where they do not differ."""
    found = float(scores.std()) if len(scores) else 0.0
    return found if found > 0 else 1.0


def judge(log: Log, moved: Floats, scale: float, noise: float = 1.0) -> Estimate:
    """A candidate by which showings' scores move by `moved` [n], in units of `scale`, the spread of their scores.

    `noise` is the candidate's exploration beside the incumbent's: odds of what was not sure come nearer to even by it.
    """
    known = np.where(np.isnan(log.propensity), 1.0, log.propensity)
    p = np.clip(known, LEAST_PROPENSITY, EVEN)
    odds = (np.log(p) - np.log1p(-p)) / noise + np.clip(moved / scale, -30.0, 30.0)
    weights = np.minimum(CLIP, 1.0 / (1.0 + np.exp(-odds)) / p)
    total = float(weights.sum())
    days = len(np.unique(log.day))
    if total <= 0.0:
        return Estimate(0.0, 0.0, 0.0, 0.0, len(log), days)
    rewards = beyond(log, usual(log))
    base = float(rewards.mean())
    gain = float((weights * rewards).sum()) / total - base
    # Linearised: gain = mean of (w / mean w) (r - V) - (r - base) over showings, summed by day.
    share = weights / total - 1.0 / len(log)
    parts = share * (rewards - base) - weights / total * gain
    error = math.sqrt(float((by_day(log, parts) ** 2).sum()))
    effective = total * total / float((weights**2).sum())
    return Estimate(gain, error, float(log.played.mean()), effective, len(log), days)


def by_day(log: Log, parts: Floats) -> Floats:
    """Sums over the showings of each day."""
    _, number = np.unique(log.day, return_inverse=True)
    return np.asarray(np.bincount(number, weights=parts), np.float64)


def realised(before: Log, since: Log) -> Estimate:
    """How much more was played since a change than before it, place by place the same."""
    normal = usual(before)
    old, new = beyond(before, normal), beyond(since, normal)
    gain = float(new.mean()) - float(old.mean())
    parts = [
        by_day(log, (rewards - rewards.mean()) / len(log))
        for log, rewards in ((before, old), (since, new))
    ]
    error = math.sqrt(sum(float((part**2).sum()) for part in parts))
    days = len(np.unique(since.day))
    return Estimate(gain, error, float(before.played.mean()), float(len(since)), len(since), days)
