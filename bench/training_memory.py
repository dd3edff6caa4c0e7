"""Memory and time of training item-item weights for a large catalogue, on made-up people.

    python bench/training_memory.py [--titles 50000] [--people 30000] [--hubs 6000] [--json]

Titles belong to 250 tastes, a few of them far more popular than the rest; each person follows two tastes. The last
title of every thirtieth person is kept from training: `hit@20` says how often it is among the first 20 by the weights
from the history's titles (of ones), beside the same for the most popular titles. Made-up people say nothing about
quality on real ones; the figure says that what was trained under this bound is a model.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tvbrain.cli import output
from tvbrain.learning.histories import Histories
from tvbrain.learning.item_model import train_weights
from tvbrain.learning.item_weights import ItemWeights

TASTES, POSITIVES, EVERY, SHOWN = 250, 80, 30, 20

Rows = NDArray[np.int64]


def made_up(titles: int, people: int) -> list[Rows]:
    """Each person's titles in order, about `POSITIVES`; the same for the same numbers."""
    random = np.random.default_rng(1)
    taste = random.integers(TASTES, size=titles)
    weight = 1.0 / (1.0 + random.permutation(titles)) ** 0.7
    members = [np.flatnonzero(taste == one) for one in range(TASTES)]
    sums = [np.cumsum(weight[some]) for some in members]
    lives = []
    for _ in range(people):
        two = random.integers(TASTES, size=2)
        which = random.integers(2, size=POSITIVES)
        draws = random.random(POSITIVES)
        drawn = [
            members[one][np.searchsorted(sums[one], draw * sums[one][-1])]
            for one, draw in zip(two[which], draws, strict=True)
        ]
        lives.append(np.array(list(dict.fromkeys(drawn)), np.int64))
    return lives


def hits(weights: ItemWeights, support: NDArray[np.int64], lives: list[Rows]) -> tuple[float, float]:
    """hit@20 of the last titles by the weights, and by popularity."""
    into = weights.to_csr()
    found = np.zeros(2)
    for life in lives:
        for at, scores in enumerate((np.asarray(into[life[:-1]].sum(axis=0)).ravel(), support)):
            ranked = scores.astype(np.float64)
            ranked[life[:-1]] = -np.inf
            found[at] += life[-1] in np.argsort(-ranked, kind="stable")[:SHOWN]
    ours, popular = found / len(lives)
    return float(ours), float(popular)


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--titles", type=int, default=50_000)
    parser.add_argument("--people", type=int, default=30_000)
    parser.add_argument("--hubs", type=int, default=6_000)
    output.add_json_option(parser)
    options = parser.parse_args()
    lives = made_up(options.titles, options.people)
    asked = lives[::EVERY]
    histories = Histories.of(
        [life[:-1] if at % EVERY == 0 else life for at, life in enumerate(lives)], options.titles
    )
    del lives
    before, begun = peak_mb(), time.monotonic()
    with output.progress("training weights") as progress:
        weights = train_weights(histories, hubs=options.hubs, progress=progress)
    seconds, peak = time.monotonic() - begun, peak_mb()
    support = histories.support()
    ours, popular = hits(weights, support, asked)
    facts: dict[str, output.Value] = {
        "titles": options.titles,
        "supported": int((support >= 2).sum()),
        "people": options.people,
        "positives": len(histories.items),
        "hubs": options.hubs,
        "hit@20": round(ours, 4),
        "popularity_hit@20": round(popular, 4),
        "load_average": round(os.getloadavg()[0], 2),
    }
    stored = 5 * len(weights.values) + 4 * len(weights.indptr) + 4 * len(weights.scale)
    figures = [
        output.Figure("training.peak", round(peak, 1), "MB", 1, facts),
        output.Figure("training.before", round(before, 1), "MB", 1, facts),
        output.Figure("training.time", round(seconds, 1), "s", 1, facts),
        output.Figure("weights.stored", stored, "B", 1, facts),
    ]
    words = [Path(word).name if "/" in word else word for word in sys.argv[1:]]
    output.print_figures(" ".join(["python bench/training_memory.py", *words]), figures, as_json=options.json)


if __name__ == "__main__":
    main()
