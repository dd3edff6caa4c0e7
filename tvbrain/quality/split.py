"""Who is tested on what: the two protocols, as values. docs/quality.md defines them in words.

A *positive* is a rating of at least `POSITIVE_STARS`. Everything is ordered by (time, film number). A person's target
is the last round(0.2 n) of n positives, at least 1; those before it are the history. Low ratings before the target's
first positive stand beside it: on the second row of protocol (a) every model is given them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_matrix

from tvbrain.errors import InvalidArgumentError
from tvbrain.learning.histories import Histories
from tvbrain.pack.ratings import POSITIVE_STARS, Rating

FEWEST = 5
"""Positives that a person needs to be tested."""

TARGET_SHARE = 0.2
TIME_SHARE = 0.8
"""Protocol (b): positives before the cut."""


@dataclass(frozen=True, slots=True)
class Watch:
    """One rated title: its row in the catalogue, seconds since the epoch, stars from 0.5 to 5."""

    row: int
    at: int
    stars: float


@dataclass(frozen=True, slots=True)
class Person:
    """`history` holds positives, `low` ratings below, both oldest first and all before the first of `target`."""

    number: int
    history: tuple[Watch, ...]
    low: tuple[Watch, ...]
    target: frozenset[int]

    def seen(self, *, with_low: bool) -> tuple[Watch, ...]:
        """What models are told, oldest first."""
        if not with_low:
            return self.history
        return tuple(sorted((*self.history, *self.low), key=lambda watch: (watch.at, watch.row)))


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Positives to train on, and the people to test on."""

    name: str
    histories: Histories
    people: tuple[Person, ...]

    @property
    def train(self) -> csr_matrix:
        """(people, titles): 1 for each of the positives; people without any keep an empty row."""
        return self.histories.matrix()


Lives = Mapping[int, Sequence[Watch]]
"""Everything that each person rated, oldest first."""


def lives(ratings: Sequence[Rating], row_of: Mapping[int, int]) -> dict[int, list[Watch]]:
    """By person; `row_of` gives a film's row. Films that it lacks are left out."""
    by_person: dict[int, list[Watch]] = defaultdict(list)
    for rating in sorted(ratings, key=lambda one: (one.at, one.film)):
        if rating.film in row_of:
            by_person[rating.person].append(Watch(row_of[rating.film], rating.at, rating.stars))
    return dict(sorted(by_person.items()))


def unseen_people(
    people: Lives, titles: int, *, folds: int = 5, seed: int = 0
) -> tuple[Split, ...]:
    """Protocol (a): each fold's people are ranked for by what was trained on the positives of everybody else."""
    if folds < 2:
        raise InvalidArgumentError(f"folds: {folds} is not at least 2")
    tested = {number: one for number, life in people.items() if (one := person(number, life))}
    numbers = list(tested)
    shuffled = [numbers[at] for at in np.random.default_rng(seed).permutation(len(numbers))]
    splits = []
    for at in range(folds):
        held = set(shuffled[at::folds])
        rows = [positives(life) for number, life in people.items() if number not in held]
        names = tuple(tested[number] for number in sorted(held))
        splits.append(Split(f"fold {at + 1} of {folds}", Histories.of(rows, titles), names))
    return tuple(splits)


def one_cut(people: Lives, titles: int) -> Split:
    """Protocol (b): trained on everybody's positives before the moment that `TIME_SHARE` of all positives precede.

    Tested is whose whole target is not before it; their history runs up to their target.
    """
    moments = sorted(watch.at for life in people.values() for watch in life if _liked(watch))
    if not moments:
        raise InvalidArgumentError("nobody liked anything: there is no time to cut at")
    cut = moments[int(TIME_SHARE * len(moments))]
    rows = [positives([w for w in life if w.at < cut]) for life in people.values()]
    tested = []
    for number, life in people.items():
        one = person(number, life)
        if one and min(watch.at for watch in life if watch.row in one.target) >= cut:
            tested.append(one)
    return Split(f"cut at {cut}", Histories.of(rows, titles), tuple(tested))


def person(number: int, life: Sequence[Watch]) -> Person | None:
    """None for who has fewer than `FEWEST` positives."""
    liked = [at for at, watch in enumerate(life) if _liked(watch)]
    if len(liked) < FEWEST:
        return None
    first = liked[-max(1, round(TARGET_SHARE * len(liked)))]
    before = life[:first]
    return Person(
        number=number,
        history=tuple(watch for watch in before if _liked(watch)),
        low=tuple(watch for watch in before if not _liked(watch)),
        target=frozenset(watch.row for watch in life[first:] if _liked(watch)),
    )


def fraction(splits: Sequence[Split], share: float) -> tuple[Split, ...]:
    """The first round(share n) people in the order of the splits; splits left without people are dropped.

    InvalidArgumentError if that is nobody.
    """
    if not 0 < share <= 1:
        raise InvalidArgumentError(f"users: {share} is not above 0 and at most 1")
    left = round(share * sum(len(split.people) for split in splits))
    kept = []
    for split in splits:
        if left > 0 and split.people:
            kept.append(replace(split, people=split.people[:left]))
            left -= len(split.people)
    if not kept:
        raise InvalidArgumentError(f"nobody to test: no share of {share} of the people who qualify")
    return tuple(kept)


def positives(life: Sequence[Watch]) -> list[int]:
    return [watch.row for watch in life if _liked(watch)]


def _liked(watch: Watch) -> bool:
    return watch.stars >= POSITIVE_STARS
