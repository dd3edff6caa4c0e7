"""What a release says beside its pack: the titles that many sets told, the blender's mean difference, shared patterns.

What matters most comes first; what does not fit into a pull is left out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tvbrain.constellation.aggregate import VECTOR_ONE
from tvbrain.constellation.records import Dense
from tvbrain.constellation.trimmed import released
from tvbrain.wire import limits, residual
from tvbrain.wire.counts import ANY_DAYPART, Count
from tvbrain.wire.pattern import Coding, WirePattern, ascending
from tvbrain.wire.residual import FOUR_BIT

MINIMUM = 3
"""Groups behind each dense number."""

PATTERNS, COUNTS = 10, 400
"""At most: about 2,000 bytes of patterns and 1,200 of counts, of the 5,120 of a pull."""


def counts_of(support: NDArray[np.float64]) -> tuple[Count, ...]:
    """Sets by title, (titles,), as differences to be added to what the pack says; the most told titles."""
    told = np.flatnonzero(np.rint(support) > 0)
    most = np.sort(told[np.argsort(-support[told], kind="stable")[:COUNTS]])
    return tuple((0, ANY_DAYPART, int(row), round(support[row])) for row in most)


def blender_of(addends: Sequence[Dense]) -> tuple[int, tuple[int, ...]]:
    """Layout and differences, of the layout that most groups speak of; 0 and none where too few do."""
    groups: dict[str, int] = {}
    for addend in addends:
        groups[addend.key] = groups.get(addend.key, 0) + 1
    means = released(addends, MINIMUM)
    if not means:
        return 0, ()
    key = max(means, key=lambda key: (groups[key], key))
    steps = np.clip(np.rint(means[key]), -limits.STEP, limits.STEP)
    return int(key.split(":")[0]), tuple(int(step) for step in steps)


def patterns_of(
    addends: Sequence[Dense], random: np.random.Generator
) -> tuple[Coding | None, tuple[WirePattern, ...]]:
    """Of the newest codebook, those that most groups share; their support is a lower bound: groups."""
    groups: dict[str, int] = {}
    for addend in addends:
        groups[addend.key] = groups.get(addend.key, 0) + 1
    means = released(addends, MINIMUM)
    if not means:
        return None, ()
    books = {key: tuple(int(part) for part in key.split(":")) for key in means}
    newest = max(book[:2] for book in books.values())
    shared = sorted((key for key in books if books[key][:2] == newest), key=lambda k: -groups[k])
    made = []
    for key in shared[:PATTERNS]:
        _, _, code, dayparts, weekdays = books[key]
        *left, share = means[key] / VECTOR_ONE
        rest = residual.quantise(np.array(left, np.float32), FOUR_BIT, random)
        weight = min(max(1, round(share * limits.WEIGHT)), limits.WEIGHT)
        made.append(WirePattern(code, rest, weight, dayparts, weekdays, groups[key]))
    return Coding(newest[0], FOUR_BIT, newest[1]), ascending(made)
