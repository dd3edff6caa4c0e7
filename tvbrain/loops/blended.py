"""What the blender believes, as a snapshot has it: weights, and the square root with which they are sampled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tvbrain.learning import blender
from tvbrain.learning.blender import Prior
from tvbrain.learning.training import faded, prior_of
from tvbrain.loops.tuner import current
from tvbrain.pack.facts import PackFacts
from tvbrain.sqlite import Database
from tvbrain.store import blends
from tvbrain.store.blends import Blend
from tvbrain.store.snapshot import FACTOR, WEIGHTS
from tvbrain.tuning.space import EXPLORE, NEUTRAL, Configuration, tuned
from tvbrain.types import TERMS

ONE_Q12, ONE_Q20 = 4096, 1 << 20
DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class _Of:
    """All that one profile's rows are a function of."""

    blend: Blend
    prior: Prior
    configuration: Configuration
    day: float


class Blended:
    """Rows of WEIGHTS and FACTOR of the profiles whose reactions the blender has learned from.

    Beliefs fade day by day (they halve in half a year): rows are made anew when their profile was trained, or the day,
    the packs' prior or the configuration is another.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._made: dict[int, tuple[_Of, np.void, np.void]] = {}

    def rows(self, facts: PackFacts, now: float) -> tuple[np.ndarray, np.ndarray]:
        """As of the day of `now`; weights of profile 0 are those of everybody else."""
        prior = prior_of(facts.weights_q12, facts.precisions)
        configuration = current(self._db)
        today = now // DAY * DAY
        self._made = {
            profile: self._row(profile, _Of(blend, prior, configuration, today))
            for profile, blend in blends.blends(self._db).items()
        }
        made = self._made.values()
        weights = np.array([one for _, one, _ in made], WEIGHTS)
        factors = np.array([one for _, _, one in made], FACTOR)
        if configuration != NEUTRAL:
            others = np.zeros(1, WEIGHTS)
            others[0]["weights_q12"] = _q12(tuned(configuration, prior.weights, prior.weights))
            weights = np.concatenate([others, weights])
        return weights, factors

    def _row(self, profile: int, of: _Of) -> tuple[_Of, np.void, np.void]:
        known = self._made.get(profile)
        if known is not None and known[0] == of:
            return known
        belief = faded(of.blend, of.prior, of.day)
        weights, factors = np.zeros(1, WEIGHTS), np.zeros(1, FACTOR)
        weights["profile"] = factors["profile"] = profile
        ranked = tuned(of.configuration, of.prior.weights, belief.mean[: len(TERMS)])
        weights["weights_q12"] = _q12(ranked)
        factors["version"] = of.blend.version
        noise = of.configuration.factor(EXPLORE) * ONE_Q20
        rows = blender.factor(belief, len(TERMS))
        factors["factor_q20"] = [round(value * noise) for row in rows for value in row]
        return of, weights[0], factors[0]


def _q12(weights: Sequence[float]) -> list[int]:
    return [round(weight * ONE_Q12) for weight in weights]
