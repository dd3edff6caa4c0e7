"""A share of trials, with what it may really be."""

from __future__ import annotations

import math

Z = 3.0
"""Standard deviations: of a thousand shares that are tried about one lies outside its interval by chance."""


def interval(successes: int, trials: int, z: float = Z) -> tuple[float, float]:
    """The score interval of Wilson ("Probable inference, the law of succession, and statistical inference", 1927).

    Within 0 and 1, and (0, 1) without a trial. It holds for few trials and for shares near 0 and 1, where the usual
    normal interval is too narrow.
    """
    if trials == 0:
        return 0.0, 1.0
    share, spread = successes / trials, z * z / trials
    centre = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(share * (1 - share) / trials + spread / (4 * trials))
    low = 0.0 if successes == 0 else max(centre - half, 0.0)
    return low, 1.0 if successes == trials else min(centre + half, 1.0)
