"""How much a title that was shown was like those that stood before it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tvbrain.pack.facts import NO_SLOT, PackFacts

SLATE = ("row", "at_ms", "profile")
"""What showings of one row have in common."""


def likeness(rows: NDArray[np.void], facts: PackFacts) -> NDArray[np.float64]:
    """Of each of these rows of `judged.columns` the largest cosine, 0 to 1, with a title at a place before it in the
    same row of a screen; 0 for the first, and without vectors.
    """
    found = np.zeros(len(rows))
    slots, _ = facts.find_all(np.ascontiguousarray(rows["item"]).view(np.uint64))
    known = np.flatnonzero(slots != NO_SLOT)
    order = known[np.lexsort([rows[name][known] for name in ("place", *SLATE)])]
    if len(order) == 0:
        return found
    ends = np.any([np.diff(rows[name][order]) != 0 for name in SLATE], axis=0)
    for of_row in np.split(order, np.flatnonzero(ends) + 1):
        near = np.tril(np.clip(facts.cosines(slots[of_row]), 0.0, 1.0), -1)
        found[of_row] = near.max(axis=1)
    return found
