"""Off-policy evaluation against a second implementation and on logs whose answer is known."""

from __future__ import annotations

import math
from random import Random

import numpy as np
import pytest

from tests.scale import scaled
from tvbrain.tuning import evaluation
from tvbrain.tuning.evaluation import Log, judge, realised


def log_of(count: int, seed: int, rate: float = 0.2) -> Log:
    draw = np.random.default_rng(seed)
    return Log(
        np.ones(count, np.int64),
        draw.normal(size=(count, 3)),
        draw.random(count),
        draw.integers(0, 12, count),
        draw.integers(0, 10, count),
        draw.choice([1 / 16, 0.25, 0.75, 1.0, math.nan], count),
        (draw.random(count) < rate).astype(np.float64),
        draw.integers(0, 20, count),
    )


def snips(log: Log, moved: list[float], scale: float) -> float:
    """The estimate in plain words, showing by showing."""
    mean = sum(log.played) / len(log)
    at = [(min(r, 7), min(p, 9)) for r, p in zip(log.row, log.place, strict=True)]
    top = bottom = plain = 0.0
    for i in range(len(log)):
        same = [log.played[j] for j in range(len(log)) if at[j] == at[i]]
        reward = log.played[i] - (20 * mean + sum(same)) / (20 + len(same))
        known = 1.0 if math.isnan(log.propensity[i]) else log.propensity[i]
        p = min(max(known, 1 / 16), 0.5)
        odds = math.log(p / (1 - p)) + moved[i] / scale
        weight = min(10.0, 1 / (1 + math.exp(-odds)) / p)
        top += weight * reward
        bottom += weight
        plain += reward
    return top / bottom - plain / len(log)


@pytest.mark.parametrize("seed", range(scaled(30)))
def test_the_estimate_is_that_of_a_plain_reading_of_the_formula(seed: int) -> None:
    log, draw = log_of(150, seed), Random(seed)
    moved = [draw.gauss(0, 2) for _ in range(len(log))]
    found = judge(log, np.array(moved), 0.7)
    assert found.gain == pytest.approx(snips(log, moved, 0.7), abs=1e-12)


def test_a_candidate_that_moves_nothing_gains_nothing_from_as_many_showings() -> None:
    log = log_of(200, 1)
    found = judge(log, np.zeros(200), 1.0)
    assert found.gain == pytest.approx(0.0)
    assert found.effective == pytest.approx(200)


def test_a_candidate_far_from_the_log_has_a_small_effective_sample() -> None:
    log = log_of(400, 2)
    near = judge(log, log.values[:, 0] * 0.5, 1.0)
    far = judge(log, log.values[:, 0] * 30, 1.0)
    assert far.effective < 0.7 * near.effective < 400


def test_no_showing_counts_more_than_the_clip_allows() -> None:
    log = log_of(300, 3)
    one = np.zeros(300)
    one[7] = 1e6
    found = judge(log, one, 1.0)
    unclipped = 300**2 / (299 + 16**2)
    assert found.effective > unclipped


def test_errors_cover_the_truth_about_as_often_as_they_say() -> None:
    """Rewards that follow nothing: the gain is 0, and two errors hold it in some 95 of 100 logs."""
    inside, seeds = 0, 40 + scaled(400)
    for seed in range(seeds):
        log = log_of(1500, seed)
        found = judge(log, log.values[:, 1], 1.0)
        inside += abs(found.gain) < 2 * found.error
    assert inside >= 0.88 * seeds


def test_a_reward_that_only_follows_the_place_is_no_gain_for_what_stood_there() -> None:
    """Position bias: titles with much of a value stood further left, and what stands left is played more."""
    draw = np.random.default_rng(5)
    place = draw.integers(0, 10, 8000)
    values = np.stack([-place + draw.normal(size=8000)], axis=1)
    played = (draw.random(8000) < 0.3 * 0.8**place).astype(np.float64)
    log = Log(
        np.ones(8000, np.int64),
        values,
        np.zeros(8000),
        place,
        np.zeros(8000, np.int64),
        np.ones(8000),
        played,
        np.arange(8000) // 100,
    )
    assert abs(judge(log, values[:, 0], 3.0).sure) < 3


def test_realised_reward_is_compared_place_by_place() -> None:
    """After a change the same is played at each place, but more is looked at further right."""
    draw = np.random.default_rng(6)

    def weeks(places: int, first_day: int) -> Log:
        place = draw.integers(0, places, 6000)
        played = (draw.random(6000) < 0.3 * 0.8**place).astype(np.float64)
        zeros = np.zeros(6000, np.int64)
        day = first_day + np.arange(6000) // 300
        return Log(
            zeros, np.zeros((6000, 1)), np.zeros(6000), place, zeros, np.ones(6000), played, day
        )

    before, since = weeks(4, 0), weeks(10, 20)
    assert since.played.mean() < 0.8 * before.played.mean()
    assert abs(realised(before, weeks(4, 20)).sure) < 3
    found = evaluation.beyond(since, evaluation.usual(before))[since.place < 4]
    assert abs(found.mean()) < 0.02
