"""Interleaved timing: every engine in short turns of one run, so that a noisy moment meets all of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tvbrain.cli.bench.peers.engine import Float32s, Search

BATCH = 25
LEFT_OUT = 5
"""The first calls of a turn find the caches as another engine left them."""


@dataclass(frozen=True, slots=True)
class Times:
    """Microseconds of one engine's calls, (rounds, calls a round)."""

    calls: npt.NDArray[np.float64]

    @property
    def medians(self) -> npt.NDArray[np.float64]:
        """Of each round."""
        return np.asarray(np.median(self.calls, axis=1), np.float64)

    @property
    def p50(self) -> float:
        """Of the rounds' medians."""
        return float(np.median(self.medians))

    @property
    def p99(self) -> float:
        return float(np.percentile(self.calls, 99))

    def ratio_to(self, other: Times) -> float:
        """Median over the rounds of the two medians' ratio."""
        return float(np.median(self.medians / other.medians))


def measure(
    searches: Mapping[str, Search],
    queries: Float32s,
    rounds: int,
    done: Callable[[], None],
) -> dict[str, Times]:
    """The same queries for every engine in a round; who begins changes from round to round."""
    names = list(searches)
    taken = {name: np.zeros((rounds, BATCH - LEFT_OUT)) for name in names}
    for turn in range(rounds):
        start = turn % max(1, len(names))
        batch = [queries[(turn * BATCH + i) % len(queries)] for i in range(BATCH)]
        for name in names[start:] + names[:start]:
            search, times = searches[name], taken[name][turn]
            for i, query in enumerate(batch):
                began = time.perf_counter_ns()
                search(query)
                ended = time.perf_counter_ns()
                if i >= LEFT_OUT:
                    times[i - LEFT_OUT] = (ended - began) / 1000
        done()
    return {name: Times(times) for name, times in taken.items()}
