"""Two people of different taste before one set that has a single profile.

Pairs are people of one fold, so that the item side knows neither. Taste is the mean of a history's genres (a title
spreads 1 over its genres) less the mean over the fold's people; the pairs with the lowest cosine are taken first, each
person once.

The profile is fed both histories. Relevant to the household are both people's targets without what either has watched;
the ideal list, for the household as for one person, has min(10, relevant titles) hits. The person worse off is the one
with the lower NDCG@10 of the same slate when only that person's targets count, with that person's own ideal list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from tvbrain.embed.embedder import Progress
from tvbrain.errors import InvalidArgumentError
from tvbrain.quality import peers
from tvbrain.quality.metrics import Rows, ndcg
from tvbrain.quality.split import Person, Split, Watch
from tvbrain.quality.tables import REFERENCE, Table, stacked
from tvbrain.quality.workshop import Workshop

SHARED, EVENLY, APART = (
    "tvbrain, one profile",
    "tvbrain, one profile, evenly mixed",
    "tvbrain, a profile each",
)
EASE_SHARED, EASE_APART = f"{REFERENCE}, one history", f"{REFERENCE}, a history each"
AGAINST = {SHARED: APART, EVENLY: APART, EASE_SHARED: EASE_APART}


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """alike: the cosine of the two tastes, -1 to 1."""

    split: Split
    two: tuple[Person, Person]
    alike: float


def pairs(splits: Sequence[Split], genres: NDArray[np.float64], count: int) -> list[Pair]:
    """The `count` least alike; fewer if there are no more."""
    found = [pair for split in splits for pair in _of_fold(split, genres)]
    return sorted(found, key=lambda pair: (pair.alike, pair.two[0].number))[:count]


def _of_fold(split: Split, genres: NDArray[np.float64]) -> list[Pair]:
    """Everybody once, the least alike first."""
    each = genres / np.maximum(genres.sum(axis=1, keepdims=True), 1.0)
    tastes = np.array([each[[w.row for w in one.history]].mean(axis=0) for one in split.people])
    tastes -= tastes.mean(axis=0)
    tastes /= np.maximum(np.linalg.norm(tastes, axis=1, keepdims=True), 1e-12)
    cosines = tastes @ tastes.T
    order = sorted(combinations(range(len(tastes)), 2), key=lambda two: (cosines[two], two))
    left, chosen = set(range(len(tastes))), []
    for a, b in order:
        if a in left and b in left:
            left -= {a, b}
            two = (split.people[a], split.people[b])
            chosen.append(Pair(split, two, float(cosines[a, b])))
    return chosen


def in_time(two: Sequence[Person]) -> list[Watch]:
    """Both histories by the times that they have."""
    both = [watch for one in two for watch in one.history]
    return sorted(both, key=lambda watch: (watch.at, watch.row))


def evenly(two: Sequence[Person]) -> list[Watch]:
    """As if both had come and gone together: each history is spread over the same span; the times are those of both, in
    order."""
    places = [
        ((at + 0.5) / len(one.history), number, watch)
        for number, one in enumerate(two)
        for at, watch in enumerate(one.history)
    ]
    mixed = [watch for _, _, watch in sorted(places, key=lambda place: place[:2])]
    times = [watch.at for watch in in_time(two)]
    return [replace(watch, at=at) for watch, at in zip(mixed, times, strict=True)]


def household(split_name: str, chosen: Sequence[Pair], shop: Workshop, progress: Progress) -> Table:
    """A row a pair. `progress` counts pairs. InvalidArgumentError without pairs."""
    if not chosen:
        raise InvalidArgumentError("there are no two people in a fold to share a set")
    ease: dict[int, peers.DenseEase] = {}
    judged = []
    for done, pair in enumerate(chosen, start=1):
        key = id(pair.split.histories)
        if key not in ease:
            ease[key] = peers.DenseEase.train(pair.split.train)
        judged.append(_judge(pair, shop, ease[key]))
        progress(done, len(chosen))
    notes = {"most_alike": round(max(pair.alike for pair in chosen), 3)}
    return Table("households", split_name, stacked(judged), AGAINST, notes=notes)


def _judge(pair: Pair, shop: Workshop, ease: peers.DenseEase) -> dict[str, dict[str, float]]:
    watched = {watch.row for one in pair.two for watch in one.history}
    targets = [one.target - watched for one in pair.two]
    histories = [[watch.row for watch in one.history] for one in pair.two]
    union = [row for history in histories for row in history]

    def slate(seen: Sequence[Watch]) -> Rows:
        with shop.lived(pair.split, seen) as life:
            return life.shipped()

    apart = [slate(one.history) for one in pair.two]
    ease_apart = [peers.best(ease(history), history) for history in histories]
    ease_shared = peers.best(ease(sorted(set(union))), union)
    return {
        SHARED: _together(slate(in_time(pair.two)), targets),
        EVENLY: _together(slate(evenly(pair.two)), targets),
        APART: _each(apart, pair.two),
        EASE_SHARED: _together(ease_shared, targets),
        EASE_APART: _each(ease_apart, pair.two),
    }


def _together(top: Rows, targets: Sequence[frozenset[int]]) -> dict[str, float]:
    """NaN where all of the targets of one have been watched by the other."""
    relevant = frozenset().union(*targets)
    own = [ndcg(top, target) if target else float("nan") for target in targets]
    whole = ndcg(top, relevant) if relevant else float("nan")
    return {"ndcg@10": whole, "ndcg@10.worse_off": float(np.min(own))}


def _each(tops: Sequence[Rows], two: Sequence[Person]) -> dict[str, float]:
    own = [ndcg(top, one.target) for top, one in zip(tops, two, strict=True)]
    return {"ndcg@10": float(np.mean(own)), "ndcg@10.worse_off": float(np.min(own))}
