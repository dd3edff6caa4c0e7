"""How much a late contribution counts: 1 / sqrt(1 + releases it is behind), in whole units, so that sums are exact.

Only where what is sent is a difference to something (weights of the blender, residuals of patterns). That two titles
were watched together does not grow stale within the few epochs that are accepted.
"""

from __future__ import annotations

from math import sqrt

ONE = 1 << 16
"""What a contribution to the newest release counts."""


def weight(behind: int) -> int:
    """Units of 1/`ONE`; `behind` is how many releases ago its base was, 0 or less for the newest."""
    return round(ONE / sqrt(1 + max(0, behind)))
