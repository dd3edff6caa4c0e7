"""Sums in memory are those of the constellation's storage."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tvbrain.constellation.records import cell_of
from tvbrain.fleet.sums import Told
from tvbrain.fleet.telling import fitted
from tvbrain.wire.delta import Delta

PACK = bytes(16)
couples = st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 3)).filter(
    lambda one: one[0] != one[1]
)
said = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.builds(
            lambda some, titles: fitted(PACK, some, sorted(titles))[0],
            st.lists(couples, max_size=8),
            st.sets(st.integers(0, 6)),
        ),
    ),
    max_size=12,
)


def expected(deltas: list[tuple[int, Delta]], weight: dict[int, int]) -> dict[int, tuple[int, int]]:
    """By cell: (hundredths, sets), by loops."""
    hundredths = (100, 60, 40, 27)
    added: dict[tuple[int, int], int] = {}
    for number, one in deltas:
        for (a, b), near in zip(one.pairs, one.order, strict=True):
            earlier, later = (b, a) if near & 4 else (a, b)
            key = (number, earlier << 32 | later)
            added[key] = min(100, added.get(key, 0) + hundredths[near & 3])
        for row, _ in one.items:
            added[number, row << 32 | row] = 1
    found: dict[int, tuple[int, int]] = {}
    for (number, cell), value in added.items():
        counts, sets = found.get(cell, (0, 0))
        many = weight.get(number, 0)
        found[cell] = (counts + many * value, sets + many)
    return {cell: sums for cell, sums in found.items() if sums[1]}


@given(said, st.dictionaries(st.integers(0, 4), st.integers(0, 3)))
def test_a_set_adds_to_a_cell_once_at_most_what_neighbours_count(
    deltas: list[tuple[int, Delta]], chosen: dict[int, int]
) -> None:
    weight = {number: chosen.get(number, 1) for number in range(5)}
    counts = Told.of(deltas).counts(np.array([weight[n] for n in range(5)]))
    columns = (counts.cells, counts.counts, counts.contributors)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    assert {cell: (c, s) for cell, c, s in rows} == expected(deltas, weight)


def test_without_clipping_every_push_counts_as_another_sets() -> None:
    one, _ = fitted(PACK, [(1, 2, 0)], [1])
    counts = Told.of([(0, one)] * 5, clipped=False).counts()
    assert counts.cells.tolist() == cell_of(np.array([1, 1]), np.array([1, 2])).tolist()
    assert counts.contributors.tolist() == [5, 5]
    assert counts.counts.tolist() == [5, 500]


def test_other_sets_are_added_as_other_sets() -> None:
    one, _ = fitted(PACK, [(1, 2, 0)], [])
    both = Told.of([(0, one)]).with_more(Told.of([(0, one)]))
    assert both.counts().contributors.tolist() == [2]
