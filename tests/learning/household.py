"""A household that answers by a known rule, and a screen that learns from it: no pack, no file, no clock."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from tvbrain.learning import blender
from tvbrain.learning.blender import Belief, Prior, Vector

TERMS = 12
CF, TEXT, PATTERN, POPULARITY, FRESH, DAYPART, FATIGUE, EXPLORE, ERA, GENRE, NEAREST, CHANNEL = (
    range(TERMS)
)
TITLES, SHOWN, SLATES = 300, 10, 50
"""An evening's catalogue, the titles of its slate, the evenings: 500 impressions."""

PRIOR = Prior(
    weights=(1.0, 0.025, 0.0, 0.012, 0.007, 0.025, 0.06, 0.0, 0.015, 0.015, 0.015, 0.015),
    sds=(0.3, *[0.03] * 6, 0.0, *[0.03] * 4),
    least=(1 / 16, *[-blender.MOST] * 11),
)


def rule(**weights: float) -> Vector:
    """The weights that a household goes by; those not named are 0."""
    of = {name.upper(): weight for name, weight in weights.items()}
    return tuple(of.get(name, 0.0) for name in NAMES)


NAMES = ("CF", "TEXT", "PATTERN", "POPULARITY", "FRESH", "DAYPART", "FATIGUE", "EXPLORE", "ERA",
         "GENRE", "NEAREST", "CHANNEL")  # fmt: skip


@dataclass(frozen=True)
class Household:
    """Plays a title with log-odds of `intercept` + KAPPA x its rule's score, less further right."""

    rule: Vector
    intercept: float = -3.0

    def would_play(self, values: Vector, place: int = 0) -> float:
        score = sum(w * v for w, v in zip(self.rule, values, strict=True))
        odds = self.intercept + blender.KAPPA * score - 0.15 * math.log2(1 + place)
        return 1 / (1 + math.exp(-odds))


def catalogue(draw: random.Random) -> list[Vector]:
    """Values as the ranker's are: a few titles with much co-watching, a few that are new."""
    return [
        (
            draw.expovariate(1 / 0.014),
            draw.uniform(0.2, 0.6),
            0.0,
            draw.betavariate(3, 2),
            draw.random() if draw.random() < 0.15 else 0.0,
            draw.uniform(-0.2, 0.2),
            0.0,
            0.0,
            draw.random(),
            draw.random() if draw.random() < 0.5 else 0.0,
            draw.uniform(0, 0.5),
            draw.random() if draw.random() < 0.2 else 0.0,
        )
        for _ in range(TITLES)
    ]


def slate(weights: Sequence[float], titles: list[Vector]) -> list[Vector]:
    def score(values: Vector) -> float:
        return sum(w * v for w, v in zip(weights, values, strict=True))

    return sorted(titles, key=score, reverse=True)[:SHOWN]


def sampled(belief: Belief, draw: random.Random) -> list[float]:
    """Weights drawn as the ranker draws them."""
    z = [draw.gauss(0, 1) for _ in range(TERMS)]
    rows = blender.factor(belief, TERMS)
    moved = (sum(a * b for a, b in zip(row, z, strict=False)) for row in rows)
    return [w + d for w, d in zip(belief.mean, moved, strict=False)]


def regrets(household: Household, seed: int, *, learning: bool) -> list[float]:
    """Of each evening: the mean chance of being played of the best slate by the rule, minus the shown one's."""
    draw, belief, found = random.Random(seed), blender.fresh(PRIOR), []
    for _ in range(SLATES):
        titles = catalogue(draw)
        shown = slate(sampled(belief, draw) if learning else PRIOR.weights, titles)
        best = slate(household.rule, titles)
        worth = [sum(map(household.would_play, of)) / SHOWN for of in (best, shown)]
        found.append(worth[0] - worth[1])
        for place, values in enumerate(shown):
            played = draw.random() < household.would_play(values, place)
            if learning:
                x = blender.features(values, place, 0)
                belief = blender.learn(belief, PRIOR, x, played)
    return found
