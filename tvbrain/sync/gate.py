"""Whether a release is to be taken back: people like what they watch clearly less since it is in use."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tvbrain.sqlite import Database
from tvbrain.store import tastes, viewings

BEFORE_MS = 28 * 86_400_000
"""So long before a release sittings are compared with those since."""
FEWEST = 8
"""Sittings on each side, below which nothing is said."""
SURE = 3.0
"""Standard deviations of the difference."""


def is_worse(db: Database, since_ms: int) -> bool:
    """By the rewards of everybody's sittings before and after `since_ms`."""
    before: list[float] = []
    after: list[float] = []
    for profile in tastes.profiles(db):
        for one in viewings.viewings(db, profile):
            if one.judged is not None and one.started_ms >= since_ms - BEFORE_MS:
                (after if one.started_ms >= since_ms else before).append(one.judged.reward)
    if min(len(before), len(after)) < FEWEST:
        return False
    error = math.sqrt(_variance(before) / len(before) + _variance(after) / len(after))
    return _mean(before) - _mean(after) > SURE * max(error, 1e-9)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _variance(values: Sequence[float]) -> float:
    mean = _mean(values)
    return sum((value - mean) ** 2 for value in values) / (len(values) - 1)
