"""What showing does, by inverse propensities: right where the plain mean is wrong, as unsure as it is, and heeded."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from statistics import fmean

import pytest

from tests.scale import scaled
from tvbrain.learning.effects import Outcome, add, effect, factor
from tvbrain.memory.tiers import DAY
from tvbrain.store.edges import EVERY, Edge
from tvbrain.store.patterns import Pattern

PATTERN = Pattern(
    1, 1, "temporal", "Friday evening, Sci-Fi", "Sci-Fi", 1 << 3, 1 << 4, "", 8, 8, 0.5, 1.0, 0.1,
    (), 0, 0,
)  # fmt: skip


def edges(outcomes: list[Outcome]) -> dict[tuple[int, str], Edge]:
    return {(one.daypart, one.genre): one for one in add(1, {}, outcomes)}


def life(seed: int, count: int) -> list[Outcome]:
    """Two kinds of titles: the policy shows often (1) what is played at 0.6, seldom (1/8) what is played at 0.2."""
    draw = random.Random(seed)
    found: list[Outcome] = []
    while len(found) < count:
        often = draw.random() < 0.5
        propensity = 1.0 if often else 1 / 8
        if draw.random() < propensity:
            played = draw.random() < (0.6 if often else 0.2)
            found.append(Outcome(1, 3, ("Drama",), round(propensity * 65536), played))
    return found


def test_the_estimate_is_that_of_showing_everything_alike_and_its_deviation_is_honest() -> None:
    estimates, covered = [], 0
    lives = scaled(1000)
    for seed in range(lives):
        found = effect(edges(life(seed, 300))[3, "Drama"])
        assert found is not None
        estimates.append(found.chance)
        covered += abs(found.chance - 0.4) <= 2 * found.deviation
    assert fmean(estimates) == pytest.approx(0.4, abs=0.02)  # the plain mean is above 0.5
    assert covered >= 0.9 * lives


def test_unknown_propensities_are_left_out_and_counted() -> None:
    known = Outcome(1, 3, ("Drama",), 65536, True)
    both = edges([known, *[replace(known, propensity_q16=0, played=False)] * 5])
    assert (both[3, EVERY].shown, both[3, EVERY].unknown) == (1.0, 5.0)
    found = effect(both[3, EVERY])
    assert found is not None
    assert found.chance == 1.0
    assert effect(edges([replace(known, propensity_q16=0)])[3, EVERY]) is None


def test_old_showings_fade_by_the_time_that_passed() -> None:
    then = Outcome(1, 3, (), 65536, True)
    later = Outcome(1 + round(60 * DAY * 1000), 3, (), 65536, False)
    found = effect(edges([then, later])[3, EVERY])
    assert found is not None
    assert found.chance == pytest.approx(0.5 / 1.5)


def shown(genre: str, count: int, played: int) -> list[Outcome]:
    return [Outcome(1, 3, (genre,), 65536, n < played) for n in range(count)]


def test_a_pattern_whose_titles_are_shown_in_vain_loses_weight() -> None:
    vain = edges(shown("Sci-Fi", 100, 0) + shown("Comedy", 100, 50))
    assert factor(PATTERN, vain) == 0.0
    weak = edges(shown("Sci-Fi", 100, 5) + shown("Comedy", 100, 50))
    chance = 0.05 + 2 * math.sqrt(0.05 * 0.95 / 100)
    assert factor(PATTERN, weak) == pytest.approx(chance / 0.275, abs=1e-5)
    good = edges(shown("Sci-Fi", 100, 50) + shown("Comedy", 100, 50))
    few = edges(shown("Sci-Fi", 10, 0) + shown("Comedy", 100, 50))
    assert factor(PATTERN, good) == factor(PATTERN, few) == factor(PATTERN, {}) == 1.0
