"""Which sums of couples are released, and how much of a title that is told of unlike others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tvbrain.constellation.aggregate import increments
from tvbrain.constellation.alike import ALIKE
from tvbrain.constellation.defences import Defences, released
from tvbrain.constellation.records import Counts, Waiting, cell_of
from tvbrain.learning.couple_model import Sums
from tvbrain.wire.delta import Delta

PLAIN = Defences(slack=float("inf"))


def counts(told: NDArray[np.int64], support: NDArray[np.int64]) -> Counts:
    """`told` is (titles, titles) sets, row the earlier title; each couple was one of neighbours."""
    told = told.copy()
    np.fill_diagonal(told, support)
    earlier, later = np.nonzero(told)
    sets = told[earlier, later]
    near = np.where(earlier == later, sets, 100 * sets)
    return Counts(cell_of(earlier, later), near, sets)


def matrix(sums: Sums, values: NDArray[np.float64]) -> NDArray[np.float64]:
    found = np.zeros((len(sums.support), len(sums.support)))
    found[sums.earlier, sums.later] = values
    return found


@given(st.integers(0, 999), st.integers(1, 5))
def test_what_fewer_sets_than_the_minimum_told_is_not_released_in_either_direction(
    seed: int, minimum: int
) -> None:
    random = np.random.default_rng(seed)
    told, support = random.integers(0, 7, (8, 8)), random.integers(0, 9, 8)
    found = released(counts(told, support), 8, replace(PLAIN, minimum=minimum))
    known = support >= minimum
    expected = np.where((told >= minimum) & known[:, None] & known, told, 0)
    np.fill_diagonal(expected, 0)
    np.testing.assert_array_equal(matrix(found, found.sets), expected)
    np.testing.assert_array_equal(matrix(found, found.closeness), 100 * expected)
    np.testing.assert_array_equal(found.support, np.where(known, support, 0))


@pytest.mark.parametrize("sets", [10, 1_000_000])
def test_a_title_needs_the_minimum_of_sets_behind_it_however_large_the_fleet(sets: int) -> None:
    told, support = np.full((3, 3), 2), np.array([2, 3, sets])
    told[1:, 1:] = 3
    found = released(counts(told, support), 3, PLAIN)
    assert (found.support > 0).tolist() == [False, True, True]
    assert sorted(zip(found.earlier.tolist(), found.later.tolist(), strict=True)) == [
        (1, 2),
        (2, 1),
    ]


def test_a_title_told_of_unlike_others_is_brought_down_to_them() -> None:
    titles = 3 * ALIKE
    told = np.zeros((titles, titles), np.int64)
    for step in (1, 2, 3, 4):
        told[np.arange(titles), (np.arange(titles) + step) % titles] = 6
    support = np.full(titles, 20)
    before = released(counts(told, support), titles)
    np.testing.assert_allclose(before.sets, 6.0)
    told[: titles // 2, 7] = 5  # hostile sets tell title 7 after half of the catalogue
    after = released(counts(told, support), titles)
    assert matrix(after, after.sets)[:, 7].sum() <= 1.5 * 24
    others = np.delete(np.arange(titles), 7)
    np.testing.assert_array_equal(
        matrix(after, after.sets)[:, others], matrix(before, before.sets)[:, others]
    )


def test_a_couple_is_added_in_its_order_and_counts_as_near_as_it_was() -> None:
    said = Delta(pack=bytes(16), pairs=((1, 2), (1, 9), (3, 4)), order=(4, 3, 1), items=((7, 2),))
    where = Waiting(seq=1, tenant="north", epoch=9, base=0, bucket=5, once=b"", sealed=b"")
    couples, items = increments([(where, said)], lambda tenant: 0).cells
    named = [divmod(cell, 1 << 32) for cell in couples.cells.tolist()]
    assert dict(zip(named, couples.counts.tolist(), strict=True)) == {
        (2, 1): 100,
        (1, 9): 27,
        (3, 4): 60,
    }
    assert items.cells.tolist() == [(7 << 32) | 7]
    unordered = Delta(pack=bytes(16), pairs=((1, 2),))
    assert not increments([(where, unordered)], lambda tenant: 0).cells
