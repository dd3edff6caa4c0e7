"""Are the constants of the fleet's item model chosen on the people that it is judged on? A nested check.

    python bench/fleet_constants.py ml-latest-small

For each of the five folds of protocol (a) the constants are chosen by the people it trains on alone (two inner folds of
them; the grid below, first l2, co-watch and shrink, then slack and percentile), and judged on the fold's own. Prints a
line of JSON a fold, then one of all: NDCG@10 with the chosen constants, with those in the code, and of the model
trained centrally with the constants in the code.
"""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from tvbrain.constellation import alike, defences
from tvbrain.constellation.defences import Defences, released
from tvbrain.constellation.exposure import bounded
from tvbrain.constellation.records import Counts
from tvbrain.fleet.judge import Judge
from tvbrain.fleet.lives import WEEKS, lives
from tvbrain.fleet.sums import Told
from tvbrain.fleet.telling import Honest
from tvbrain.learning import couple_model
from tvbrain.learning.item_model import train_weights
from tvbrain.quality import world
from tvbrain.quality.split import Split, unseen_people

INNER = 2


@dataclass(frozen=True, slots=True)
class Constants:
    l2: float = couple_model.L2
    co_watch: float = couple_model.CO_WATCH
    shrink: float = couple_model.SHRINK
    slack: float = defences.SLACK
    percentile: float = alike.PERCENTILE


IN_CODE = Constants()


def models() -> Iterator[Constants]:
    for l2, co_watch, shrink in itertools.product((50, 100, 200), (0.5, 0.8, 1.2), (5, 10)):
        yield replace(IN_CODE, l2=l2, co_watch=co_watch, shrink=shrink)


def bounds(model: Constants) -> Iterator[Constants]:
    for slack, percentile in itertools.product((1.0, 1.5, 2.0), (80, 90, 95)):
        yield replace(model, slack=slack, percentile=percentile)


def say(row: Mapping[str, object]) -> None:
    sys.stdout.write(json.dumps(row) + "\n")
    sys.stdout.flush()


class Fold:
    """What its training people told, and who it is judged on."""

    def __init__(self, split: Split) -> None:
        self.judge, self._titles = Judge.of(split), split.histories.titles
        said = []
        for number, life in enumerate(lives(split.histories)):
            teller = Honest(life, bytes(16))
            said += [(number, one) for week in range(WEEKS) if (one := teller.tell(week))]
        self._counts: Counts = Told.of(said).counts()

    def ndcg(self, chosen: Constants) -> np.ndarray:
        couple_model.CO_WATCH, couple_model.SHRINK = chosen.co_watch, chosen.shrink
        alike.PERCENTILE = chosen.percentile
        sums = released(self._counts, self._titles, Defences(slack=chosen.slack))
        full = couple_model.train_from_sums(sums, max_row=self._titles, l2=chosen.l2)
        return self.judge.ndcg(self.judge.by_weights(bounded(full, sums.support)))


def best(folds: list[Fold], of: Iterator[Constants]) -> Constants:
    return max(of, key=lambda one: np.concatenate([fold.ndcg(one) for fold in folds]).mean())


def main(folder: Path) -> None:
    known = world.read(folder)
    titles, found = len(known.titles), []
    for split in unseen_people(known.people, titles):
        held = {person.number for person in split.people}
        others = {number: life for number, life in known.people.items() if number not in held}
        inner = [Fold(one) for one in unseen_people(others, titles, folds=INNER)]
        chosen = best(inner, bounds(best(inner, models())))
        outer = Fold(split)
        central = outer.judge.ndcg(outer.judge.by_weights(train_weights(split.histories)))
        found.append((outer.ndcg(chosen), outer.ndcg(IN_CODE), central))
        row = [round(float(one.mean()), 4) for one in found[-1]]
        say({"fold": split.name, "chosen": asdict(chosen), "ndcg": row})
    nested, in_code, central = (np.concatenate(some) for some in zip(*found, strict=True))
    whole = {
        "n": len(central),
        "chosen": round(float(nested.mean()), 4),
        "in_code": round(float(in_code.mean()), 4),
        "central": round(float(central.mean()), 4),
        "chosen_against_central": round(float(nested.mean() / central.mean()), 4),
        "in_code_against_central": round(float(in_code.mean() / central.mean()), 4),
    }
    say(whole)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
