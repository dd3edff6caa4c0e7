"""The trimmed mean over random groups: what a few sets can move of a dense statistic is what trimming leaves of them.

Sets fall into groups by a secret hash, so an attacker cannot choose theirs. In each coordinate the lowest and highest
tenth of the groups' means (at least one of each from three groups on) are left out. While attackers are in no more
groups than are trimmed at one side, every coordinate lies between two values that honest groups have; beyond that they
move it by at most their share of a group's weight times the clip.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tvbrain.constellation.records import Dense

TRIM = 0.1
"""Of the groups, at each side."""


def trimmed_mean(means: NDArray[np.float64], trim: float = TRIM) -> NDArray[np.float64]:
    """(n,) from (groups, n), at least one group; fewer than three groups are averaged as they are."""
    groups = len(means)
    cut = max(1, round(groups * trim)) if groups >= 3 else 0
    ordered = np.sort(means, axis=0)
    kept: NDArray[np.float64] = ordered[cut : groups - cut].mean(axis=0)
    return kept


def released(addends: Sequence[Dense], minimum: int) -> dict[str, NDArray[np.float64]]:
    """By key the trimmed mean of its groups' means; keys with fewer than `minimum` groups are left out."""
    by_key: dict[str, list[NDArray[np.float64]]] = {}
    for addend in addends:
        if addend.weight > 0:
            by_key.setdefault(addend.key, []).append(addend.total / addend.weight)
    return {
        key: trimmed_mean(np.stack(means)) for key, means in by_key.items() if len(means) >= minimum
    }
