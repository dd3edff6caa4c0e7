"""Which titles stand for a taste."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tvbrain.learning.interests import CONSIDERED, MOST, considered, medoids, weights_of


def directions(*places: int) -> np.ndarray:
    """Unit vectors along the given axes, a little apart so that none are equal."""
    rows = np.zeros((len(places), 8), np.float32)
    for row, place in enumerate(places):
        rows[row, place] = 1.0
        rows[row, 7] = 0.01 * row
    return rows


def test_each_kind_that_is_liked_has_a_title_that_stands_for_it() -> None:
    found = medoids(directions(0, 0, 0, 1, 1, 2), np.ones(6))
    assert [round(share, 2) for _, share in found] == [0.5, 0.33, 0.17]
    assert [{0: 0, 1: 0, 2: 0, 3: 1, 4: 1, 5: 2}[row] for row, _ in found] == [0, 1, 2]


def test_a_taste_of_one_kind_has_one_interest() -> None:
    assert [share for _, share in medoids(directions(0, 0, 0, 0), np.ones(4))] == [1.0]


def test_what_is_liked_more_weighs_more() -> None:
    (first, share), (second, _) = medoids(directions(0, 1), np.array([1.0, 3.0]))
    assert (first, second, share) == (1, 0, 0.75)


def test_nothing_liked_is_no_interest() -> None:
    assert medoids(np.zeros((0, 8), np.float32), np.zeros(0)) == []


@given(st.integers(0, 2**32 - 1), st.integers(1, 12))
def test_greedy_is_near_the_best_choice(seed: int, count: int) -> None:
    draw = np.random.default_rng(seed)
    rows = draw.normal(size=(count, 8)).astype(np.float32)
    weights = draw.uniform(0.1, 1.0, count)
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    near = np.maximum(unit @ unit.T, 0)

    def value(chosen: tuple[int, ...]) -> float:
        return float((near[list(chosen)].max(axis=0) * weights).sum())

    found = medoids(rows, weights)
    best = max(value(c) for c in itertools.combinations(range(count), len(found)))
    assert value(tuple(row for row, _ in found)) >= (1 - 1 / np.e) * best - 1e-5
    assert len(found) <= MOST
    assert abs(sum(share for _, share in found) - 1) < 1e-9


def test_old_titles_make_room_for_new_ones() -> None:
    ages = np.arange(CONSIDERED + 50)[::-1].copy()
    weights = weights_of(np.ones(len(ages)), ages)
    keys = np.arange(len(ages), dtype=np.uint64)
    found = considered(keys, keys.astype(np.uint32), weights)
    assert [int(ages[place]) for place in found] == list(range(CONSIDERED))


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from([0.25, 0.5, 1.0])), max_size=30))
def test_of_several_keys_of_a_title_the_heaviest_stands_for_it(
    liked: list[tuple[int, float]],
) -> None:
    """Each is (slot, weight), its key its place; of equals the lowest key comes first."""
    keys = np.arange(len(liked), dtype=np.uint64)
    slots = np.array([slot for slot, _ in liked], np.uint32)
    weights = np.array([weight for _, weight in liked], np.float64)
    best: dict[int, int] = {}
    for key, (slot, weight) in enumerate(liked):
        if slot not in best or weight > liked[best[slot]][1]:
            best[slot] = key
    wanted = sorted(best.values(), key=lambda key: (-liked[key][1], key))
    assert considered(keys, slots, weights).tolist() == wanted
