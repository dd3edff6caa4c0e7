"""Sums: exact, once, and whose bucket counts how often."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.constellation.contract.conftest import Opened, Place
from tvbrain.constellation.records import CANARY_EVERY, Cell, Counts, Dense, Increments, cell_of

STREAM, PACK, OTHER_PACK = b"s" * 16, b"p" * 16, b"q" * 16


def whole(*values: int) -> NDArray[np.int64]:
    return np.array(values, np.int64)


def cell(
    *cells: int, bucket: int = 1, epoch: int = 7, cap: int = 1, pack: bytes = PACK, count: int = 1
) -> Cell:
    counts = np.full(len(cells), count, np.int64)
    return Cell("north", pack, bucket, epoch, whole(*cells), counts, cap)


def table(counts: Counts) -> dict[int, tuple[int, int]]:
    columns = (counts.cells, counts.counts, counts.contributors)
    return {c: (n, k) for c, n, k in zip(*(column.tolist() for column in columns), strict=True)}


def test_a_bucket_counts_a_cell_once_however_often_it_sends(opened: Opened) -> None:
    opened.tally.add(STREAM, 0, 1, Increments([cell(5, 9), cell(5)]))
    opened.tally.add(STREAM, 1, 2, Increments([cell(5, epoch=8), cell(5, bucket=2)]))
    assert table(opened.tally.counts("north", PACK)) == {5: (2, 2), 9: (1, 1)}


def test_counts_of_a_bucket_stop_at_the_cap(opened: Opened) -> None:
    opened.tally.add(STREAM, 0, 1, Increments([cell(5, count=9, cap=4), cell(6, count=3, cap=4)]))
    opened.tally.add(STREAM, 1, 2, Increments([cell(6, count=3, cap=4), cell(6, bucket=2, cap=4)]))
    assert table(opened.tally.counts("north", PACK)) == {5: (4, 1), 6: (5, 2)}


def test_a_part_of_the_stream_is_added_once(opened: Opened, place: Place) -> None:
    assert opened.tally.position(STREAM) == 0
    assert opened.tally.add(STREAM, 0, 5, Increments([cell(1)]))
    again = place.reopen()
    assert again.tally.position(STREAM) == 5
    for after, up_to in ((0, 5), (3, 8), (6, 9)):
        assert not again.tally.add(STREAM, after, up_to, Increments([cell(2)]))
    assert table(again.tally.counts("north", PACK)) == {1: (1, 1)}
    assert again.tally.position(b"another stream!!") == 0


def test_of_workers_that_add_the_same_part_one_does(opened: Opened) -> None:
    said = Increments([], [Dense("north", "blender", "a", 0, 1, whole(1))])
    done: list[bool] = []
    threads = [
        threading.Thread(target=lambda: done.append(opened.tally.add(STREAM, 0, 1, said)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [False] * 7 + [True]
    assert opened.tally.dense("north", "blender")[0].weight == 1


def test_pushes_that_are_in_the_sums_are_known(opened: Opened, place: Place) -> None:
    one, two, three = (bytes([n]) * 16 for n in range(3))
    opened.tally.add(STREAM, 0, 1, Increments(once=[(one, 7), (two, 8)]))
    opened.tally.add(STREAM, 1, 2, Increments(once=[(two, 8)]))
    again = place.reopen().tally
    assert again.counted([one, three, two]) == {one, two}
    assert again.counted([]) == set()
    again.forget(8)
    assert again.counted([one, two]) == {two}


def test_packs_tenants_and_canaries_are_kept_apart(opened: Opened) -> None:
    canary = 3 * CANARY_EVERY
    opened.tally.add(
        STREAM, 0, 1, Increments([cell(1), cell(2, pack=OTHER_PACK), cell(3, bucket=canary)])
    )
    assert opened.tally.packs("north") == [PACK, OTHER_PACK]
    assert opened.tally.packs("south") == []
    assert table(opened.tally.counts("north", PACK)) == {1: (1, 1)}
    assert table(opened.tally.counts("north", OTHER_PACK)) == {2: (1, 1)}
    assert table(opened.tally.counts("north", PACK, canary=True)) == {3: (1, 1)}
    assert table(opened.tally.counts("south", PACK)) == {}


def test_buckets_are_counted_once_whatever_they_said(opened: Opened) -> None:
    said = [cell(1, 2), cell(3), cell(1, bucket=2), cell(1, bucket=CANARY_EVERY)]
    opened.tally.add(STREAM, 0, 1, Increments(said))
    assert opened.tally.buckets("north", PACK) == 2
    assert opened.tally.buckets("north", PACK, canary=True) == 1
    assert opened.tally.buckets("north", OTHER_PACK) == 0


def test_cells_that_nobody_renews_are_forgotten(opened: Opened) -> None:
    opened.tally.add(STREAM, 0, 1, Increments([cell(1, epoch=7), cell(2, epoch=7)]))
    opened.tally.add(STREAM, 1, 2, Increments([cell(2, epoch=9)]))
    opened.tally.forget(8)
    assert table(opened.tally.counts("north", PACK)) == {2: (1, 1)}


def test_dense_sums_add_up_by_key_and_group(opened: Opened, place: Place) -> None:
    def dense(key: str, group: int, weight: int, *total: int) -> Dense:
        return Dense("north", "blender", key, group, weight, whole(*total))

    opened.tally.add(STREAM, 0, 1, Increments([], [dense("b", 0, 2, 5, -7), dense("a", 3, 1, 1)]))
    opened.tally.add(STREAM, 1, 2, Increments([], [dense("b", 0, 3, -9, 2**40)]))
    found = place.reopen().tally.dense("north", "blender")
    assert [(d.key, d.group, d.weight, d.total.tolist()) for d in found] == [
        ("a", 3, 1, [1]),
        ("b", 0, 5, [-4, 2**40 - 7]),
    ]
    assert place.now.tally.dense("north", "pattern") == []
    assert place.now.tally.dense("south", "blender") == []


def test_nothing_of_a_slice_is_added_when_a_part_of_it_cannot_be(opened: Opened) -> None:
    long, short = (Dense("north", "blender", "a", 0, 1, whole(*[1] * n)) for n in (2, 3))
    with pytest.raises(ValueError, match="broadcast"):
        opened.tally.add(STREAM, 0, 1, Increments([cell(1)], [long, short]))
    assert opened.tally.position(STREAM) == 0
    assert table(opened.tally.counts("north", PACK)) == {}


@given(a=st.integers(0, 2**31 - 1), b=st.integers(0, 2**31 - 1))
def test_a_cell_names_its_pair(a: int, b: int) -> None:
    (found,) = cell_of(whole(a), whole(b)).tolist()
    assert (found >> 32, found & 0xFFFFFFFF) == (a, b)
