"""What privacy costs by the size of the fleet: one release after all weeks, with Gaussian noise on clipped sums.

Fleets are drawn from a fold's people with replacement and worked out on their sums: a person drawn m times counts as m
sets that said the same. So the sizes are real, but not the variety: a million sets here know no more titles than the
people whom they were drawn from. The noise is for what an honest set says in all weeks: it bounds itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log, sqrt

import numpy as np

from tvbrain.constellation import privacy
from tvbrain.constellation.aggregate import PAIR_CAP
from tvbrain.constellation.privacy import DELTA, Influence
from tvbrain.constellation.teaching import taught
from tvbrain.fleet.judge import Judge
from tvbrain.fleet.lives import WEEKS, lives
from tvbrain.fleet.sums import Told
from tvbrain.fleet.telling import ITEMS, Honest
from tvbrain.learning.couples import MOST
from tvbrain.quality.split import Split

SIZES = (500, 10_000, 100_000, 1_000_000)
EPSILONS = (8.0, 4.0, 2.0, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Noisy:
    """ndcg: (people,) NDCG@10. epsilon None: no noise. `by_formula`, `by_ledger`: epsilon at `privacy.DELTA` / 2."""

    size: int
    epsilon: float | None
    multiplier: float
    by_formula: float
    by_ledger: float
    couples: int
    ndcg: np.ndarray


class Crowd:
    """A fold's people and what each of them would have told after all weeks."""

    def __init__(self, split: Split, seed: int, weeks: int = WEEKS) -> None:
        self.judge, self._titles = Judge.of(split), split.histories.titles
        own = lives(split.histories, weeks)
        said = []
        for number, life in enumerate(own):
            teller = Honest(life, bytes(16))
            said += [(number, one) for week in range(weeks) if (one := teller.tell(week))]
        self._told = Told.of(said)
        self._people, self._random = len(own), np.random.default_rng(seed)
        self._influence = Influence(weeks * (MOST + ITEMS), PAIR_CAP)
        self.popular = self.judge.ndcg(self.judge.by_popularity(split.histories.support()))

    def release(self, size: int, epsilon: float | None) -> Noisy:
        weight = self._random.multinomial(size, np.full(self._people, 1 / self._people))
        counts = self._told.counts(weight)
        multiplier = 0.0 if epsilon is None else _multiplier(epsilon)
        ledger = 0.0
        if epsilon is not None:
            ledger = privacy.spent([{privacy.NOISE: multiplier}])
            counts = privacy.noisy(counts, self._influence, multiplier, self._random)
        sums, weights = taught(counts, self._titles)
        ndcg = np.zeros(len(self.judge.people))
        if weights is not None:
            ndcg = self.judge.ndcg(self.judge.by_weights(weights))
        return Noisy(size, epsilon, multiplier, epsilon or 0.0, ledger, len(sums.sets), ndcg)


def _multiplier(epsilon: float) -> float:
    """Noise over sensitivity by the classical formula (Dwork and Roth 2014, A.1), proven for epsilon up to 1."""
    return sqrt(2 * log(1.25 / (DELTA / 2))) / epsilon
