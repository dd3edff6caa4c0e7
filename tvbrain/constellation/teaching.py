"""What sums teach: item weights, after what enough sets vouch for, and no title led to more than others like it."""

from __future__ import annotations

from tvbrain.constellation import exposure
from tvbrain.constellation.defences import ALL, Defences, released
from tvbrain.constellation.records import Counts
from tvbrain.learning.couple_model import Sums, train_from_sums
from tvbrain.learning.item_weights import ItemWeights


def taught(counts: Counts, titles: int, rules: Defences = ALL) -> tuple[Sums, ItemWeights | None]:
    """Of a pack of `titles` rows: the sums that may be released, and the weights; None where no couple passes."""
    sums = released(counts, titles, rules)
    if not len(sums.earlier):
        return sums, None
    if not rules.bounded:
        return sums, train_from_sums(sums)
    return sums, exposure.bounded(train_from_sums(sums, max_row=titles), sums.support)
