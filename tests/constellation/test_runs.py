"""Runs of cells mean what a row a (cell, bucket) would, however they were cut and merged."""

from __future__ import annotations

import shutil
import sqlite3
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.constellation import old_files
from tvbrain.constellation import ledger, runs
from tvbrain.constellation.records import CANARY_EVERY, Cell, Increments, cell_of
from tvbrain.constellation.sqlite.aggregate import FILE, SqliteAggregate
from tvbrain.errors import CorruptFileError, InvalidArgumentError

STREAM, PACK, CAP = b"s" * 16, b"p" * 16, 100
LARGEST_ROW = (1 << 22) - 1
Row = dict[tuple[int, int], tuple[int, int]]

_ROWS = st.sampled_from([0, 1, 2, 3, 5000, LARGEST_ROW])
_TOLD = st.lists(
    st.tuples(_ROWS, _ROWS, st.integers(1, 120)), min_size=1, max_size=6, unique_by=lambda t: t[:2]
)
_SAID = st.lists(st.tuples(st.integers(0, 4095), st.integers(1, 9), _TOLD), max_size=12)


def cell(bucket: int, epoch: int, told: list[tuple[int, int, int]]) -> Cell:
    low, high, counts = np.array(told, np.int64).T
    return Cell("north", PACK, bucket, epoch, cell_of(low, high), counts, CAP)


def rows(said: list[Cell]) -> Row:
    """What a table with a row a (cell, bucket) would have."""
    found: Row = {}
    for one in said:
        for name, count in zip(one.cells.tolist(), one.counts.tolist(), strict=True):
            before, epoch = found.get((name, one.bucket), (0, 0))
            found[name, one.bucket] = (min(before + count, CAP), max(epoch, one.epoch))
    return found


def sums(table: Row, canary: bool) -> dict[int, tuple[int, int]]:
    found: dict[int, tuple[int, int]] = {}
    for (name, bucket), (count, _) in table.items():
        if (bucket % CANARY_EVERY == 0) == canary:
            before, sets = found.get(name, (0, 0))
            found[name] = (before + count, sets + 1)
    return found


def told_by(tally: SqliteAggregate, canary: bool, pack: bytes = PACK) -> dict[int, tuple[int, int]]:
    found = tally.counts("north", pack, canary=canary)
    assert found.cells.tolist() == sorted(found.cells.tolist())
    columns = (found.cells.tolist(), found.counts.tolist(), found.contributors.tolist())
    return {name: (count, sets) for name, count, sets in zip(*columns, strict=True)}


@given(said=_SAID, cuts=st.lists(st.integers(0, 12), max_size=4), before=st.integers(1, 10))
def test_what_was_added_in_any_slices_is_what_rows_would_hold(
    tmp_path_factory: pytest.TempPathFactory,
    said: list[tuple[int, int, list[tuple[int, int, int]]]],
    cuts: list[int],
    before: int,
) -> None:
    cells = [cell(*one) for one in said]
    tally = SqliteAggregate(tmp_path_factory.mktemp("tally"))
    for at, (low, high) in enumerate(pairwise(sorted({0, len(cells), *cuts}))):
        tally.add(STREAM, at, at + 1, Increments(cells[low:high]))
    expected = rows(cells)
    for canary in (False, True):
        assert told_by(tally, canary) == sums(expected, canary)
        spoke = {b for _, b in expected if (b % CANARY_EVERY == 0) == canary}
        assert tally.buckets("north", PACK, canary=canary) == len(spoke)
    tally.forget(before)
    left = {key: found for key, found in expected.items() if found[1] >= before}
    for canary in (False, True):
        assert told_by(tally, canary) == sums(left, canary)
    tally.close()


def test_runs_become_few_as_they_grow_in_number(tmp_path: Path) -> None:
    tally = SqliteAggregate(tmp_path)
    slices = 3 * ledger.FAN**2
    for at in range(slices):
        tally.add(STREAM, at, at + 1, Increments([cell(at, 1, [(1, 2, 1), (3, 4, 1)])]))
    found = sqlite3.connect(tmp_path / FILE).execute("SELECT level, entries FROM run").fetchall()
    assert len(found) < 4 * ledger.FAN
    assert max(level for level, _ in found) == 2
    assert sum(entries for _, entries in found) == 2 * slices
    tally.close()


@given(said=st.lists(st.tuples(st.integers(0, 4095), st.integers(1, 9), _TOLD), min_size=1, max_size=12))  # fmt: skip
def test_a_run_comes_back_as_it_was_in_parts_that_share_no_cell(
    said: list[tuple[int, int, list[tuple[int, int, int]]]],
) -> None:
    run = runs.run_of([cell(*one) for one in said], CAP)
    again = runs.decode(run.encode(), len(run.keys))
    for column in ("keys", "counts", "epochs"):
        np.testing.assert_array_equal(getattr(again, column), getattr(run, column))
    parts = list(run.parts())
    assert sum(len(part.keys) for _, part in parts) == len(run.keys)
    where: dict[int, int] = {}
    for number, part in parts:
        for key in part.keys.tolist():
            assert where.setdefault(key >> 12, number) == number


def test_parts_are_of_one_size_whatever_people_watch() -> None:
    popular = [(1, row, 1) for row in range(2, 30_000)]
    sizes = [len(part.keys) for _, part in runs.run_of([cell(1, 1, popular)], CAP).parts()]
    assert len(sizes) == runs.PARTS
    assert max(sizes) < 2 * min(sizes)


@pytest.mark.parametrize(("row", "bucket"), [(LARGEST_ROW + 1, 1), (1, 4096)])
def test_what_no_push_can_name_is_refused(row: int, bucket: int) -> None:
    with pytest.raises(InvalidArgumentError):
        runs.run_of([cell(bucket, 1, [(0, row, 1)])], CAP)


def test_a_damaged_run_is_named_as_such() -> None:
    run = runs.run_of([cell(1, 1, [(1, 2, 3)])], CAP)
    for data, count in ((b"x" + run.encode(), 1), (run.encode(), 2), (run.encode(), 0)):
        with pytest.raises(CorruptFileError):
            runs.decode(data, count)


def test_cells_that_were_rows_are_moved_into_runs(tmp_path: Path) -> None:
    file = sqlite3.connect(shutil.copy(old_files.GOLDEN / FILE, tmp_path / FILE))
    kept = [(1, (3 << 32) | 9, bucket, 60, old_files.EPOCH - 1) for bucket in (1, 20, 4001)]
    file.executemany("INSERT INTO cell VALUES (?, ?, ?, ?, ?)", kept)
    file.commit()
    file.close()
    tally = SqliteAggregate(tmp_path)
    old = old_files.PACK.sha256[:16]
    title, couple, other = ((3 << 32) | row for row in (3, 7, 9))
    assert told_by(tally, False, old) == {title: (1, 1), couple: (120, 2), other: (120, 2)}
    assert told_by(tally, True, old) == {other: (60, 1)}
    tally.forget(old_files.EPOCH)
    assert told_by(tally, False, old) == {title: (1, 1), couple: (120, 2)}
    tally.close()
