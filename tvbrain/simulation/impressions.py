"""Weeks of impressions of a household with a planted taste, made without a Brain: what the tuning is drilled on.

Evenings have titles with values as the ranker's are. The ten of the largest score by the configuration in use are
shown, with a little noise, of whose draws the propensity is told. People play with log-odds that the ranker does not
know.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from tvbrain.tuning.evaluation import Log
from tvbrain.tuning.review import Standing, Verdict, review
from tvbrain.tuning.space import DIVERSITY, NEUTRAL, Configuration, tuned
from tvbrain.types import TERMS

PRIOR = (1.0, 0.12, 0.0, 0.061, 0.04, 0.024, 0.061, 0.0, 0.05, 0.05, 0.005, 0.0)
"""The ranker's weights (docs/ranking.md)."""

LOSS = 100 / 4096
"""What a title loses for being wholly like one before it."""

TITLES, SHOWN, SLATES_A_DAY, ROWS = 60, 10, 12, 4
DRAWS, NOISE = 16, 0.004
"""The ranker's draws for a propensity, and the deviation of a score in them."""

SAMPLED = 500
"""Evenings on which a configuration's worth is measured."""

RATE = 0.05
"""Of showings that are played, about."""

WEEK = 7

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class People:
    """Log-odds of playing: `intercept` + `liking` . values + `sameness` x how like one that stands before, less further
    right and further down. `shuffled`: they play as often, and no title for what it is.
    """

    liking: tuple[float, ...]
    intercept: float
    sameness: float = -16 * LOSS
    shuffled: bool = False


def evenings(count: int, draw: Generator) -> tuple[Floats, Floats]:
    """Values [count, TITLES, terms] of what could be shown, and how like one before it each would be [count, TITLES],
    wherever it stands.
    """
    shape = (count, TITLES)
    values = np.zeros((*shape, len(TERMS)))
    some = draw.random(shape)
    for term, of in {
        "cf": draw.exponential(0.014, shape),
        "text": draw.uniform(0.2, 0.6, shape),
        "popularity": draw.beta(3, 2, shape) * 0.2,
        "fresh": np.where(some < 0.15, draw.random(shape), 0.0),
        "daypart": draw.uniform(-0.2, 0.2, shape),
        "fatigue": -draw.exponential(0.1, shape),
        "era": draw.random(shape),
        "genre": np.where(draw.random(shape) < 0.5, draw.random(shape), 0.0),
        "nearest": draw.uniform(0.0, 0.5, shape),
    }.items():
        values[:, :, TERMS.index(term)] = of
    return values, draw.beta(0.6, 4.2, shape)


def shown(
    values: Floats, alike: Floats, configuration: Configuration, draw: Generator
) -> tuple[Floats, Floats, Floats]:
    """Of each evening the titles shown, best first: values [count, SHOWN, terms]; how alike and propensities, each
    [count, SHOWN].
    """
    weights = np.array(tuned(configuration, PRIOR, PRIOR))
    noise = NOISE * configuration.factor("explore")
    worth = values @ weights - configuration.factor(DIVERSITY) * LOSS * alike
    scores = worth[:, None, :] + draw.normal(0, noise, (len(values), DRAWS, TITLES))
    order = np.argsort(-scores, axis=2)[:, :, :SHOWN]
    often = np.zeros((len(values), TITLES))
    for number in range(DRAWS):
        np.put_along_axis(
            often,
            order[:, number],
            np.take_along_axis(often, order[:, number], axis=1) + 1 / DRAWS,
            axis=1,
        )
    first = order[:, 0]
    chosen = np.take_along_axis(values, first[:, :, None], axis=1)
    near, likely = (np.take_along_axis(of, first, axis=1) for of in (alike, often))
    return chosen, near, likely


def impressions(
    people: People, configuration: Configuration, first_day: int, days: int, draw: Generator
) -> Log:
    """What was shown on `days` days, and what was played."""
    count = days * SLATES_A_DAY
    values, alike, propensity = shown(*evenings(count, draw), configuration, draw)
    row = np.repeat(draw.integers(0, ROWS, count), SHOWN)
    place = np.tile(np.arange(SHOWN), count)
    flat, near = values.reshape(-1, len(TERMS)), alike.reshape(-1)
    played = draw.random(len(flat)) < chances(people, flat, near, place, row)
    if people.shuffled:
        played = draw.permutation(played)
    day = np.repeat(first_day + np.arange(days), SLATES_A_DAY * SHOWN)
    who = np.ones(len(flat), np.int64)
    return Log(who, flat, near, place, row, propensity.reshape(-1), played.astype(np.float64), day)


def chances(people: People, values: Floats, alike: Floats, place: Whole, row: Whole) -> Floats:
    odds = people.intercept + values @ np.array(people.liking) + people.sameness * alike
    odds = odds - 0.15 * np.log2(1 + place) - 0.1 * row
    return np.asarray(1 / (1 + np.exp(-odds)))


def sampled(configuration: Configuration, seed: int = 0) -> tuple[Floats, Floats]:
    """Values [n, terms] of what a configuration shows on evenings of their own, place by place; how alike [n]."""
    draw = np.random.default_rng(seed)
    values, alike, _ = shown(*evenings(SAMPLED, draw), configuration, draw)
    return values.reshape(-1, len(TERMS)), alike.reshape(-1)


def worth(people: People, sample: tuple[Floats, Floats]) -> float:
    """The mean chance of a showing among these of being played."""
    values, alike = sample
    place = np.tile(np.arange(SHOWN), len(values) // SHOWN)
    return float(chances(people, values, alike, place, np.zeros(len(values), np.int64)).mean())


def planted(candidate: Configuration, gain: float, term: str) -> People:
    """People to whom `candidate` is worth `gain` (0.2: a fifth more plays) beside the neutral configuration, because
    they like what has much of `term`; found by halving. They play about RATE of what they are shown.
    """
    now, then = sampled(NEUTRAL), sampled(candidate)

    def liking(strength: float) -> People:
        wanted = [16 * weight for weight in PRIOR]
        wanted[TERMS.index(term)] += strength
        of = tuple(wanted)
        found = halved(lambda x: worth(People(of, x), now) - RATE, -60.0, 0.0)
        return People(of, found)

    def missing(strength: float) -> float:
        people = liking(strength)
        return worth(people, then) / worth(people, now) - 1 - gain

    return liking(halved(missing, 0.0, 60.0))


def halved(of: Callable[[float], float], low: float, high: float) -> float:
    """Where a rising function is 0."""
    for _ in range(25):
        middle = (low + high) / 2
        low, high = (middle, high) if of(middle) < 0 else (low, middle)
    return (low + high) / 2


def scores(log: Log, configuration: Configuration) -> Floats:
    """Of showings whose weights nobody has learned."""
    ranked = log.values @ np.array(tuned(configuration, PRIOR, PRIOR))
    return np.asarray(ranked - configuration.factor(DIVERSITY) * LOSS * log.alike)


def weeks_of_tuning(
    people: People,
    seed: int,
    weeks: int,
    standing: Standing | None = None,
    before: Log | None = None,
    told: Callable[[int, Standing, Verdict], None] = lambda week, standing, verdict: None,
) -> Standing:
    """So many weeks with a review after each; how things stand then. `told`: of each change.

    `standing` and `before`: how things stand at the beginning, and what was shown before day 0.
    """
    draw = np.random.default_rng(seed)
    standing = standing or Standing()
    log = before
    for week in range(weeks):
        fresh = impressions(people, standing.current, week * WEEK, WEEK, draw)
        log = fresh if log is None else joined(log, fresh)
        standing, verdict = review(standing, log, (week + 1) * WEEK, scores)
        if verdict is not None:
            told(week, standing, verdict)
    return standing


def joined(*logs: Log) -> Log:
    """One after the other."""
    return Log(
        np.concatenate([log.profile for log in logs]),
        np.concatenate([log.values for log in logs]),
        np.concatenate([log.alike for log in logs]),
        np.concatenate([log.place for log in logs]),
        np.concatenate([log.row for log in logs]),
        np.concatenate([log.propensity for log in logs]),
        np.concatenate([log.played for log in logs]),
        np.concatenate([log.day for log in logs]),
    )
