"""Sums in memory, by the same rules as the constellation's aggregation half: for what no server is needed for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tvbrain.constellation.aggregate import ITEM_CAP, PAIR_CAP, increments
from tvbrain.constellation.defences import LOW
from tvbrain.constellation.records import Counts, Waiting
from tvbrain.wire.delta import Delta


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What each set added to each cell: `cells` as `records.cell_of`, `sets` the numbers of the sets, from 0."""

    sets: NDArray[np.int64]
    cells: NDArray[np.int64]
    values: NDArray[np.int64]

    @classmethod
    def of(cls, said: Iterable[tuple[int, Delta]], *, clipped: bool = True) -> Told:
        """`said`: number of the set, and a delta. Not `clipped`, every delta counts as if it were another set's."""
        parts: list[tuple[NDArray[np.int64], ...]] = [(np.empty(0, np.int64),) * 3]
        for number, one in said:
            entry = Waiting(seq=1, tenant="", epoch=0, base=0, bucket=number, once=b"", sealed=b"")
            for cell in increments([(entry, one)], lambda tenant: 0).cells:
                parts.append((np.full(len(cell.cells), number), cell.cells, cell.counts))
        sets, cells, values = (np.concatenate(column) for column in zip(*parts, strict=True))
        every = cls(sets, cells, values)
        return every._clipped() if clipped else every

    def _clipped(self) -> Told:
        """What one set said of one cell, added up to at most what the server lets it add."""
        order = np.lexsort((self.sets, self.cells))
        sets, cells = self.sets[order], self.cells[order]
        first = np.ones(len(sets), bool)
        first[1:] = (sets[1:] != sets[:-1]) | (cells[1:] != cells[:-1])
        values = self.values[order]
        if len(values):
            values = np.add.reduceat(values, np.flatnonzero(first))
        sets, cells = sets[first], cells[first]
        own = cells >> 32 == cells & LOW
        return Told(sets, cells, np.minimum(values, np.where(own, ITEM_CAP, PAIR_CAP)))

    def with_more(self, others: Told) -> Told:
        """Of other sets: their numbers begin after the highest of these."""
        after = int(self.sets.max(initial=-1)) + 1
        columns = (
            (self.sets, others.sets + after),
            (self.cells, others.cells),
            (self.values, others.values),
        )
        return Told(*(np.concatenate(column) for column in columns))

    def counts(self, weight: NDArray[np.int64] | None = None) -> Counts:
        """The sums. `weight`: how many sets each stands for, (sets,); one each if left out."""
        cells, at = np.unique(self.cells, return_inverse=True)
        many = np.ones(len(self.sets)) if weight is None else weight[self.sets].astype(np.float64)
        sets = np.bincount(at, many, len(cells))
        values = np.bincount(at, many * self.values, len(cells))
        told = sets > 0
        return Counts(*(column[told].astype(np.int64) for column in (cells, values, sets)))
