"""What is usual of a title that so many sets told: the most that it may have of what hostile sets could give it.

Of the `ALIKE` titles of nearest support (of fewer than ten times as many titles a tenth, but at least `FEWEST`) the
`PERCENTILE`, and no more than that of any titles with more support: who does something for many titles of one support
at once raises what is usual there, but not above what better known titles have.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

ALIKE, FEWEST = 200, 50

PERCENTILE = 90.0


def usual(values: NDArray[np.float64], support: NDArray[np.float64]) -> NDArray[np.float64]:
    """(titles,) of (titles,) values of any unit; infinite without support, or where no two titles have any."""
    most = np.full(len(support), np.inf)
    order = np.flatnonzero(support > 0)
    if len(order) < 2:
        return most
    order = order[np.argsort(support[order], kind="stable")]
    alike = min(len(order), max(FEWEST, min(ALIKE, len(order) // 10)))
    windows = sliding_window_view(values[order], alike)
    typical = np.percentile(windows, PERCENTILE, axis=1)
    rising = np.minimum.accumulate(typical[::-1])[::-1]
    middle = np.clip(np.arange(len(order)) - alike // 2, 0, len(rising) - 1)
    most[order] = rising[middle]
    return most
