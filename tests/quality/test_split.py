"""What models may know of the people they are tested on: the history, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.learning import protocol_a
from tests.quality.made_up import people_of, ratings
from tvbrain.errors import InvalidArgumentError
from tvbrain.learning.histories import Histories
from tvbrain.pack.ratings import POSITIVE_STARS
from tvbrain.quality.split import Watch, fraction, one_cut, person, positives, unseen_people

FILMS = 40
seeds = st.integers(0, 10_000)


@given(seeds)
def test_no_positive_of_a_tested_person_is_trained_on(seed: int) -> None:
    people = people_of(ratings(seed=seed))
    for split in unseen_people(people, FILMS, seed=seed):
        held = {one.number for one in split.people}
        others = [positives(life) for number, life in people.items() if number not in held]
        assert (split.train != Histories.of(others, FILMS).matrix()).nnz == 0


@given(seeds)
def test_everybody_with_five_positives_is_tested_once(seed: int) -> None:
    people = people_of(ratings(seed=seed))
    tested = [
        one.number for split in unseen_people(people, FILMS, seed=seed) for one in split.people
    ]
    assert sorted(tested) == [n for n, life in people.items() if len(positives(life)) >= 5]


@given(seeds)
def test_the_target_comes_after_everything_that_is_told(seed: int) -> None:
    people = people_of(ratings(seed=seed))
    for split in (*unseen_people(people, FILMS), one_cut(people, FILMS)):
        for one in split.people:
            life = people[one.number]
            first = min(at for at, watch in enumerate(life) if watch.row in one.target)
            told = one.seen(with_low=True)
            assert list(told) == life[:first]
            assert not one.target & {watch.row for watch in told}
            assert all(watch.stars >= POSITIVE_STARS for watch in one.seen(with_low=False))


@given(seeds)
def test_the_folds_are_those_of_the_reference_protocol(seed: int) -> None:
    some = ratings(seed=seed)
    rated = sorted({one.film for one in some})
    ours = unseen_people(people_of(some), FILMS, seed=seed)
    for mine, reference in zip(ours, protocol_a.folds(some, seed), strict=True):
        column = {film - 1: at for at, film in enumerate(rated)}
        for one, other in zip(mine.people, reference.people, strict=True):
            assert [column[watch.row] for watch in one.history] == other.history.tolist()
            assert {column[row] for row in one.target} == set(other.target)
        dense = np.asarray(mine.train.todense())[:, [film - 1 for film in rated]]
        assert dense[dense.any(axis=1)].tolist() == reference.train.toarray().tolist()


@given(seeds)
def test_a_cut_in_time_trains_on_the_past_and_tests_on_the_future(seed: int) -> None:
    people = people_of(ratings(seed=seed))
    split = one_cut(people, FILMS)
    cut = int(split.name.removeprefix("cut at "))
    liked = sorted(w.at for life in people.values() for w in life if w.stars >= POSITIVE_STARS)
    assert split.train.nnz == sum(at < cut for at in liked) <= 0.8 * len(liked)
    for one in split.people:
        assert all(w.at >= cut for w in people[one.number] if w.row in one.target)


def test_a_fifth_of_the_positives_at_least_one_is_the_target() -> None:
    life = [Watch(row, 100 + row, 2.0 if row == 5 else 4.0) for row in range(9)]
    one = person(1, life)
    assert one is not None
    assert one.target == {7, 8}
    assert [watch.row for watch in one.low] == [5]
    assert [watch.row for watch in one.history] == [0, 1, 2, 3, 4, 6]
    assert person(1, life[:4]) is None


def test_a_fraction_takes_people_in_the_order_of_the_folds() -> None:
    folds = unseen_people(people_of(ratings()), FILMS)
    whole = sum(len(split.people) for split in folds)
    some = fraction(folds, 0.3)
    assert sum(len(split.people) for split in some) == round(0.3 * whole)
    assert some[0].people == folds[0].people
    assert fraction(folds, 1.0)[-1].people == folds[-1].people
    with pytest.raises(InvalidArgumentError, match="users: 0"):
        fraction(folds, 0.0)
    with pytest.raises(InvalidArgumentError, match="nobody to test"):
        fraction(folds, 0.001)
