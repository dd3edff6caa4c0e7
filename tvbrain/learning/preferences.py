"""Preferences and affinities: which genres are liked, and at which time of the week more than else."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tvbrain.memory.daypart import COUNT
from tvbrain.memory.tiers import BY_NAME, decay
from tvbrain.store.tastes import Preference

SHRINK = 6.0
"""Titles of a genre, as expected at a daypart, before half of what the difference says is believed."""

LEAST = 0.02
"""Affinities nearer to 0 are left out."""

HALF_LIFE_MS = 1000 * (BY_NAME["temporal"].half_life or 0.0)


def preferences(
    told: NDArray[np.void], genres: NDArray[np.uint64], names: Sequence[str]
) -> list[Preference]:
    """Sums of strengths a genre and daypart, each title's shared among its genres, decayed to the time
    of the newest evidence of that sum; ascending by genre, daypart.

    `told` [n] are memories (`at_ms`, `daypart`, `strength`) of titles with `genres` [n], bit i set for `names[i]`:
    those without any add nothing. A function of the memories alone, so that what is forgotten leaves no trace.
    """
    bits = [genres >> np.uint64(bit) & np.uint64(1) != 0 for bit in range(len(names))]
    shares = told["strength"] / np.maximum(sum(bits, np.zeros(len(told), np.int64)), 1)
    found = []
    for name, has in zip(names, bits, strict=True):
        part, at = told["daypart"][has], told["at_ms"][has]
        newest = np.full(COUNT, np.iinfo(np.int64).min)
        np.maximum.at(newest, part, at)
        kept = np.exp2((at - newest[part]) / HALF_LIFE_MS)
        sums = np.bincount(part, shares[has] * kept, COUNT)
        found += [
            Preference(name, here, float(sums[here]), int(newest[here]))
            for here in np.unique(part).tolist()
        ]
    return sorted(found, key=lambda one: (one.genre, one.daypart))


def affinities(learned: Sequence[Preference], now: float) -> list[tuple[str, int, float]]:
    """(genre, daypart, affinity in [-1, 1]): how much more than usual a genre is liked then.

    With n the decayed positive sums and e = n[g] n[d] / n, what would be expected at the daypart:
    (n[g, d] + SHRINK) / (e + SHRINK) - 1, cut to [-1, 1]. 0 without evidence; and near 0 where little of the genre
    could be expected, so that one rare title makes no habit.
    """
    counts: dict[tuple[str, int], float] = {}
    for one in learned:
        weight = one.weight * decay("temporal", now - one.at_ms / 1000)
        if weight > 0:
            counts[one.genre, one.daypart] = weight
    total = sum(counts.values())
    of_genre: dict[str, float] = {}
    of_part: dict[int, float] = {}
    for (genre, part), weight in counts.items():
        of_genre[genre] = of_genre.get(genre, 0.0) + weight
        of_part[part] = of_part.get(part, 0.0) + weight
    found = []
    for genre in sorted(of_genre):
        usual = of_genre[genre] / total
        for part in sorted(of_part):
            expected = usual * of_part[part]
            here = counts.get((genre, part), 0.0)
            value = max(-1.0, min((here + SHRINK) / (expected + SHRINK) - 1.0, 1.0))
            if abs(value) >= LEAST:
                found.append((genre, part, value))
    return found
