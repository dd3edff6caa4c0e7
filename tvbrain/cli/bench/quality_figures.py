"""A table of `tvbrain bench quality` as figures: one a model and metric, with the intervals that mean something."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tvbrain.cli.output import Figure, Value

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tvbrain.quality.tables import Table

COMPARED = ("ndcg@10", "recall@20", "hr@10", "mrr@20", "ndcg@10.worse_off")
UNITS = {"novelty": "bit", "calibration": "nat"}


def of(table: Table, seed: int) -> Iterator[Figure]:
    """`seed` is that of the bootstrap."""
    common: dict[str, Value] = {
        "protocol": table.protocol,
        "split": table.split,
        "low_ratings": table.with_low,
    }
    for model, values in table.values.items():
        given: dict[str, Value] = {**common, "model": model}
        for metric, people in values.items():
            yield _mean(metric, people, {**given, **_gap(table, model, metric, seed)}, seed)
        if model in table.coverage:
            titles = {"titles": table.notes["titles"]}
            yield Figure(
                "coverage", round(table.coverage[model], 4), "", table.n, {**given, **titles}
            )
    for model, reason in table.skipped.items():
        yield Figure("skipped", reason, "", 0, {**common, "model": model})
    for metric, value in table.chance.items():
        yield Figure(f"chance.{metric}", round(value, 5), "", table.n, common)
    for name, note in table.notes.items():
        yield Figure(name, note, "B" if name.endswith(".bytes") else "", table.n, common)
    yield from _to_best_peer(table, common, seed)


def _mean(metric: str, people: NDArray[np.float64], given: dict[str, Value], seed: int) -> Figure:
    """Who has no value is left out."""
    import numpy as np

    from tvbrain.quality.compare import interval

    some = people[~np.isnan(people)]
    unit = UNITS.get(metric, "")
    if not len(some):
        return Figure(metric, None, unit, 0, given)
    if metric.startswith("ndcg@10") or metric in COMPARED:
        low, high = interval(some, seed=seed)
        given |= {"own_low95": round(low, 5), "own_high95": round(high, 5)}
    return Figure(metric, round(float(some.mean()), 5), unit, len(some), given)


def _gap(table: Table, model: str, metric: str, seed: int) -> dict[str, Value]:
    from tvbrain.quality.compare import paired

    if model not in table.against or metric not in COMPARED:
        return {}
    other = table.against[model]
    gap = paired(table.values[model][metric], table.values[other][metric], seed=seed)
    if not gap.n:
        return {}
    return {
        "against": other,
        "difference": round(gap.mean, 4),
        "low95": round(gap.low, 4),
        "high95": round(gap.high, 4),
        "ratio": None if math.isnan(gap.ratio) else round(gap.ratio, 3),
    }


def _to_best_peer(table: Table, common: dict[str, Value], seed: int) -> Iterator[Figure]:
    from tvbrain.quality.compare import paired
    from tvbrain.quality.tables import PEERS, SHIPPED

    means = {
        peer: float(table.values[peer]["ndcg@10"].mean()) for peer in PEERS if peer in table.values
    }
    if not means or SHIPPED not in table.values:
        return
    best = max(means, key=lambda peer: means[peer])
    gap = paired(table.values[SHIPPED]["ndcg@10"], table.values[best]["ndcg@10"], seed=seed)
    given = {**common, "peer": best, "low95": round(gap.low, 4), "high95": round(gap.high, 4)}
    yield Figure("shipped.to_best_peer.ndcg@10", round(gap.mean, 4), "", table.n, given)
