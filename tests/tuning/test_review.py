"""The weekly review: what is adopted, what is refused, what comes back. Full counts: `tvbrain drill tuning`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.scale import scaled
from tvbrain.simulation.impressions import (
    PRIOR,
    RATE,
    People,
    halved,
    impressions,
    planted,
    sampled,
    weeks_of_tuning,
    worth,
)
from tvbrain.simulation.tuning_drill import BAD, GAIN, GOOD, KNOB, adoptions, rolls_back
from tvbrain.tuning.review import Standing, review
from tvbrain.tuning.space import (
    DIVERSITY,
    KNOBS,
    NEUTRAL,
    TRUST,
    Configuration,
    candidates,
    stepped,
    tuned,
)

SEEDS = scaled(100)


@pytest.fixture(scope="module")
def people() -> People:
    return planted(GOOD, GAIN, KNOB)


def test_what_is_planted_is_worth_a_fifth_more(people: People) -> None:
    gain = worth(people, sampled(GOOD, 9)) / worth(people, sampled(NEUTRAL, 9)) - 1
    assert 0.17 < gain < 0.23


def test_shuffled_rewards_are_followed_in_at_most_five_of_a_hundred_households(
    people: People,
) -> None:
    misled = [seed for seed in range(SEEDS) if adoptions(replace(people, shuffled=True), seed)]
    assert len(misled) <= max(0.05 * SEEDS, 1 if SEEDS < 20 else 0)


def test_a_planted_gain_is_adopted_in_eight_of_ten_households_within_twelve_weeks(
    people: People,
) -> None:
    found = [
        seed for seed in range(SEEDS) if any(c.factor(KNOB) > 1 for c in adoptions(people, seed))
    ]
    assert len(found) >= 0.8 * SEEDS


def test_people_who_play_less_of_what_is_alike_are_shown_more_that_is_not() -> None:
    liking, varied = tuple(16 * weight for weight in PRIOR), stepped(NEUTRAL, DIVERSITY, 1)
    now = sampled(NEUTRAL)
    intercept = halved(lambda x: worth(People(liking, x, -8.0), now) - RATE, -60.0, 0.0)
    of_variety = People(liking, intercept, -8.0)
    assert 0.05 < worth(of_variety, sampled(varied)) / worth(of_variety, now) - 1 < 0.2
    found = [adoptions(of_variety, seed) for seed in range(SEEDS)]
    assert sum(any(c.factor(DIVERSITY) > 1 for c in one) for one in found) >= 0.8 * SEEDS
    assert not any(c.factor(DIVERSITY) < 1 for one in found for c in one)


def test_a_bad_adoption_is_rolled_back(people: People) -> None:
    back = [seed for seed in range(SEEDS) if rolls_back(people, seed)]
    assert len(back) >= 0.8 * SEEDS


def test_what_was_rolled_back_is_not_tried_again_soon(people: People) -> None:
    once = []
    weeks_of_tuning(people, 4, 12, told=lambda week, now, why: once.append(now.current))
    first = once[0]
    again: list[Configuration] = []
    refused = Standing(refused=((first, 0),))
    weeks_of_tuning(people, 4, 12, refused, told=lambda week, now, why: again.append(now.current))
    assert first not in again


def test_showings_of_another_configuration_say_nothing_of_this_one(people: People) -> None:
    log = impressions(people, NEUTRAL, 0, 60, np.random.default_rng(1))
    scored = lambda log, one: log.values @ np.array(tuned(one, PRIOR, PRIOR))  # noqa: E731
    assert review(Standing(since=0), log, 60, scored)[1] is not None
    assert review(Standing(since=59), log, 60, scored)[1] is None


def test_candidates_are_one_step_from_the_incumbent_and_within_bounds() -> None:
    near = candidates(NEUTRAL)
    assert len(near) == 2 * len(KNOBS) == len(set(near))
    end = stepped(NEUTRAL, KNOB, 3)
    assert stepped(end, KNOB, 1) not in candidates(end)
    assert BAD not in near


def test_trust_moves_the_weights_between_the_priors_and_the_learned() -> None:
    mean = [weight + 0.01 for weight in PRIOR]
    assert tuned(NEUTRAL, PRIOR, mean) == pytest.approx(mean)
    more = tuned(stepped(NEUTRAL, TRUST, 1), PRIOR, mean)
    assert more == pytest.approx([weight + 0.015 for weight in PRIOR])
