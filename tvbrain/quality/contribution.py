"""What each part of the ranker is worth: as shipped with one term's weight at 0, without diversity, and with as much
exploration as there ever is, for the same people.

Weights and exploration are set as they are on a set: in the snapshot (docs/formats.md, `BLND`, `BLFC`).
"""

from __future__ import annotations

from collections.abc import Sequence

from tvbrain.embed.embedder import Progress
from tvbrain.quality.metrics import accuracy
from tvbrain.quality.split import Split
from tvbrain.quality.tables import Table, all_against, stacked
from tvbrain.quality.workshop import Workshop
from tvbrain.store.snapshot import default_weights
from tvbrain.types import TERMS

ALL, PLAIN, EXPLORING = "all terms", "without diversity", "with exploration"


def contribution(
    split_name: str, splits: Sequence[Split], shop: Workshop, progress: Progress
) -> Table:
    """A row for each term that has a weight, as shipped without it. `progress` counts people."""
    weighed = [
        term for term, weight in zip(TERMS, default_weights().tolist(), strict=True) if weight
    ]
    people = []
    total = sum(len(split.people) for split in splits)
    for split in splits:
        for person in split.people:
            with shop.lived(split, person.history) as life:
                metrics = {ALL: accuracy(life.shipped(), person.target)}
                for term in weighed:
                    life.weigh({term: 0})
                    metrics[f"without {term}"] = accuracy(life.shipped(), person.target)
                life.weigh({})
                metrics[PLAIN] = accuracy(life.answer().ranked, person.target)
                life.explore()
                shown = life.shipped(screen_token=person.number)
                metrics[EXPLORING] = accuracy(shown, person.target)
            people.append(metrics)
            progress(len(people), total)
    values = stacked(people)
    return Table("terms", split_name, values, all_against(ALL, values))
