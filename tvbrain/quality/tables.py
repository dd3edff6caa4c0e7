"""What a protocol found: for each model and metric one number a person, in one order for all models."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tvbrain.quality.metrics import CUT, Rows

SHIPPED, RANKING, REFERENCE = "tvbrain as shipped", "tvbrain ranking only", "dense EASE"
NEAREST = "MiniLM only"
PEERS = ("popularity", "item kNN", "iALS", REFERENCE, NEAREST)

Values = Mapping[str, NDArray[np.float64]]
"""By metric: (people,)."""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """What every model got for the people of some splits.

    against: the model that each is compared with; models that it lacks are compared with none. coverage: share of the
    catalogue in anybody's first 10. skipped: peers that could not run, and why. chance: by metric, what a random order
    is expected to get. notes: further numbers by name.
    """

    protocol: str
    split: str
    values: Mapping[str, Values]
    against: Mapping[str, str]
    with_low: bool = False
    coverage: Mapping[str, float] = field(default_factory=dict)
    skipped: Mapping[str, str] = field(default_factory=dict)
    chance: Mapping[str, float] = field(default_factory=dict)
    notes: Mapping[str, float | int | str] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """People."""
        return len(next(iter(next(iter(self.values.values())).values())))


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """One person: the list and the metrics of each model."""

    lists: Mapping[str, Rows]
    values: Mapping[str, Mapping[str, float]]


def stacked(
    people: Sequence[Mapping[str, Mapping[str, float]]],
) -> dict[str, dict[str, NDArray[np.float64]]]:
    """From each person's metrics by model to each model's by metric."""
    values: dict[str, dict[str, NDArray[np.float64]]] = defaultdict(dict)
    for model, metrics in people[0].items():
        for metric in metrics:
            values[model][metric] = np.array([one[model][metric] for one in people], np.float64)
    return dict(values)


def coverage(people: Sequence[Judged], titles: int) -> dict[str, float]:
    """The share of the catalogue that stands in anybody's first 10, by model."""
    return {
        model: len({row for one in people for row in one.lists[model][:CUT].tolist()}) / titles
        for model in people[0].lists
    }


def all_against(reference: str, models: Mapping[str, object]) -> dict[str, str]:
    """Every model but the reference itself compared with it."""
    return {model: reference for model in models if model != reference and reference in models}
